"""What AWS accepts as a policy, by type: its size, its language, how many fit on a target."""

import json
from dataclasses import dataclass
from typing import Any

from infra.local.organizations.refusals import refusal

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

TOP_LEVEL_KEY = {
    "AISERVICES_OPT_OUT_POLICY": "services",
    "BACKUP_POLICY": "plans",
    "CHATBOT_POLICY": "chatbot",
    "DECLARATIVE_POLICY_EC2": "ec2_attributes",
    "S3_POLICY": "s3_attributes",
    "TAG_POLICY": "tags",
}
"""The declarative and management types that are modelled, by the key their documents start with."""

MODELLED = (*FULL_ACCESS, *TOP_LEVEL_KEY)

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


def check_content(policy_type: str, content: str) -> None:
    """Raise MalformedPolicyDocumentException, with what is wrong, for a document AWS would not take."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _malformed("It is not JSON.") from error
    if not isinstance(document, dict):
        raise _malformed("It is not a JSON object.")
    if policy_type in _LANGUAGE:
        _check_statements(document, _LANGUAGE[policy_type])
    elif set(document) != {TOP_LEVEL_KEY[policy_type]}:
        raise _malformed(f'Its one top-level key is "{TOP_LEVEL_KEY[policy_type]}".')


def _check_statements(document: dict[str, Any], language: _Language) -> None:
    if set(document) - {"Version", "Id", "Statement"}:
        raise _malformed("It has elements other than Version, Id and Statement.")
    if document.get("Version") not in language.versions:
        raise _malformed("Its Version is 2012-10-17.")
    statements = _listed(document.get("Statement"))
    if not statements:
        raise _malformed("It has no Statement.")
    for statement in statements:
        _check_statement(statement, language)


def _check_statement(statement: Any, language: _Language) -> None:
    if not isinstance(statement, dict) or set(statement) - language.elements:
        raise _malformed("A statement has an element this type of policy does not know.")
    if statement.get("Effect") not in language.effects:
        raise _malformed(f"An Effect is one of {', '.join(sorted(language.effects))}.")
    for element in ("Action", "Resource"):
        if (element in statement) == (f"Not{element}" in statement):
            raise _malformed(f"A statement has either {element} or Not{element}.")
    if language.needs_principal:
        _check_resource_control(statement)


def _check_resource_control(statement: dict[str, Any]) -> None:
    if statement.get("Principal") != "*":
        raise _malformed('A Principal is "*".')
    if "*" in _listed(statement["Action"]):
        raise _malformed("An Action names its service.")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _malformed(detail: str) -> Exception:
    return refusal("MalformedPolicyDocumentException", detail)
