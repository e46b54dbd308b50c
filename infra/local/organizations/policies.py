"""What AWS accepts as a policy, by type: its size, its language, how many fit on a target."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from guardrails.evaluator.decision import Kind
from guardrails.evaluator.document import parse_policy
from guardrails.evaluator.hierarchy import RCP_SERVICES
from infra.local.organizations.grammar import check_part, malformed, read_document
from infra.local.organizations.languages import LANGUAGES, check_tags
from vending.core.errors import BadInput

FULL_ACCESS = {
    "SERVICE_CONTROL_POLICY": ("p-FullAWSAccess", "FullAWSAccess", "Allows access to every operation"),
    "RESOURCE_CONTROL_POLICY": ("p-RCPFullAWSAccess", "RCPFullAWSAccess", "Allows access to every resource"),
}
"""AWS's own policy for the types that need an Allow on every level: id, name, description."""

FULL_ACCESS_CONTENT = {
    "SERVICE_CONTROL_POLICY": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    "RESOURCE_CONTROL_POLICY": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*",'
    '"Resource":"*"}]}',
}

MODELLED = (*FULL_ACCESS, *LANGUAGES)

_STATEMENT_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


@dataclass(frozen=True, slots=True)
class _Language:
    """What a statement of one type may say."""

    elements: frozenset[str]
    effects: frozenset[str]
    needs_principal: bool
    versions: frozenset[str | None]
    """None where the element may be left out."""


_LANGUAGE = {
    "SERVICE_CONTROL_POLICY": _Language(
        frozenset(_STATEMENT_ELEMENTS),
        frozenset({"Allow", "Deny"}),
        False,
        frozenset({"2012-10-17", "2008-10-17", None}),
    ),
    "RESOURCE_CONTROL_POLICY": _Language(
        frozenset(_STATEMENT_ELEMENTS - {"NotAction"} | {"Principal"}),
        frozenset({"Deny"}),
        True,
        frozenset({"2012-10-17"}),
    ),
}
"""SCPs have the whole language of IAM but for principals; RCPs of customers only deny, and to everybody."""

_KINDS = {"SERVICE_CONTROL_POLICY": Kind.SCP, "RESOURCE_CONTROL_POLICY": Kind.RCP}


def check_content(policy_type: str, content: str) -> None:
    """Raise MalformedPolicyDocumentException, with what is wrong, for a document AWS would not take."""
    document = read_document(content)
    if policy_type in _LANGUAGE:
        _check_statements(document, _LANGUAGE[policy_type])
        _check_language(document, policy_type)
    else:
        _check_management(document, policy_type)


def _check_management(document: dict[str, Any], policy_type: str) -> None:
    key, part = LANGUAGES[policy_type]
    if set(document) != {key}:
        raise malformed(f'Its one top-level key is "{key}".')
    check_part(part, document[key], key)
    if policy_type == "TAG_POLICY":
        check_tags(document)


def _check_statements(document: dict[str, Any], language: _Language) -> None:
    if set(document) - {"Version", "Id", "Statement"}:
        raise malformed("It has elements other than Version, Id and Statement.")
    if document.get("Version") not in language.versions:
        raise malformed("Its Version is 2012-10-17.")
    statements = _listed(document.get("Statement"))
    if not statements:
        raise malformed("It has no Statement.")
    for statement in statements:
        _check_statement(statement, language)


def _check_language(document: dict[str, Any], policy_type: str) -> None:
    """The rest of IAM's grammar, as the evaluator reads it that will judge calls by this document; Sids are unique."""
    try:
        parsed = parse_policy(document, _KINDS[policy_type])
    except BadInput as error:
        raise malformed(error.sentence) from error
    repeated = [sid for sid, times in Counter(each.sid for each in parsed.statements if each.sid).items() if times > 1]
    if repeated:
        raise malformed(f"Statements share the Sid {repeated[0]}.")


def _check_statement(statement: Any, language: _Language) -> None:
    if not isinstance(statement, dict) or set(statement) - language.elements:
        raise malformed("A statement has an element this type of policy does not know.")
    if statement.get("Effect") not in language.effects:
        raise malformed(f"An Effect is one of {', '.join(sorted(language.effects))}.")
    for element in ("Action", "Resource"):
        if (element in statement) == (f"Not{element}" in statement):
            raise malformed(f"A statement has either {element} or Not{element}.")
    if language.needs_principal:
        _check_resource_control(statement)


def _check_resource_control(statement: dict[str, Any]) -> None:
    """Everybody, and services by name: RCPs "only support specifying select service prefixes in the Action element"
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)."""
    if statement.get("Principal") != "*":
        raise malformed('A Principal is "*".')
    for action in _listed(statement["Action"]):
        if str(action).partition(":")[0].lower() not in RCP_SERVICES:
            raise malformed(f"An Action is of a service that RCPs support, not {action}.")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
