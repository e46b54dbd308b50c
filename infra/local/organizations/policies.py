"""What AWS accepts as a policy, by type: its size, its language, how many fit on a target."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.evaluator.decision import Kind
from guardrails.evaluator.document import parse_policy
from infra.local.organizations.refusals import refusal
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

TOP_LEVEL_KEY = {
    "AISERVICES_OPT_OUT_POLICY": "services",
    "BACKUP_POLICY": "plans",
    "CHATBOT_POLICY": "chatbot",
    "DECLARATIVE_POLICY_EC2": "ec2_attributes",
    "S3_POLICY": "s3_attributes",
    "TAG_POLICY": "tags",
}
"""The declarative and management types that are modelled, by the key their documents start with."""

OPERATORS = frozenset({"@@assign", "@@append", "@@remove", "@@operators_allowed_for_child_policies"})

_ON_OFF = frozenset({"enabled", "disabled"})
_METADATA = frozenset({"enabled", "disabled", "no_preference"})
ANY: frozenset[str] = frozenset()
_DECLARED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "DECLARATIVE_POLICY_EC2": {
        "exception_message": ANY,
        "vpc_block_public_access.internet_gateway_block.mode": frozenset(
            {"off", "block_ingress", "block_bidirectional"}
        ),
        "vpc_block_public_access.internet_gateway_block.exclusions_allowed": _ON_OFF,
        "serial_console_access.status": _ON_OFF,
        "image_block_public_access.state": frozenset({"unblocked", "block_new_sharing"}),
        "snapshot_block_public_access.state": frozenset({"unblocked", "block_new_sharing", "block_all_sharing"}),
        "instance_metadata_defaults.http_tokens": frozenset({"no_preference", "required", "optional"}),
        "instance_metadata_defaults.http_put_response_hop_limit": ANY,
        "instance_metadata_defaults.http_endpoint": _METADATA,
        "instance_metadata_defaults.instance_metadata_tags": _METADATA,
        "instance_metadata_defaults.http_tokens_enforced": _METADATA,
        "allowed_images_settings.state": frozenset({"enabled", "disabled", "audit_mode"}),
    },
    "S3_POLICY": {"public_access_block_configuration": frozenset({"all", "none"})},
}
"""The settings of the declarative types and what may be assigned; ANY where the cloud does not look.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html and
orgs_manage_policies_s3_syntax.html, read 2026-11-25.
"""
UNCHECKED = "ec2_attributes.allowed_images_settings.image_criteria."
"""Criteria are kept as they come."""

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

_KINDS = {"SERVICE_CONTROL_POLICY": Kind.SCP, "RESOURCE_CONTROL_POLICY": Kind.RCP}


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
        _check_language(document, policy_type)
    elif set(document) != {TOP_LEVEL_KEY[policy_type]}:
        raise _malformed(f'Its one top-level key is "{TOP_LEVEL_KEY[policy_type]}".')
    else:
        _check_tree(document, document_values(policy_type))


def document_values(policy_type: str) -> dict[str, frozenset[str]]:
    """Path of a setting, such as `ec2_attributes.serial_console_access.status`, to what may be assigned to it."""
    found = _DECLARED.get(policy_type, {})
    return {f"{TOP_LEVEL_KEY[policy_type]}.{path}": values for path, values in found.items()}


def _check_tree(node: Any, known: Mapping[str, frozenset[str]], path: str = "") -> None:
    """Objects down to the operators; where the type declares its settings, those alone, with values they can have."""
    if not isinstance(node, dict):
        raise _malformed(f"{path} is not an object.")
    operators = {name for name in node if name.startswith("@@")}
    if operators - OPERATORS:
        raise _malformed(f"{path} has an operator that is none: {min(operators - OPERATORS)}.")
    if operators:
        _check_value(node.get("@@assign"), known, path)
    for name in node.keys() - operators:
        _check_tree(node[name], known, f"{path}.{name}" if path else name)


def _check_value(value: Any, known: Mapping[str, frozenset[str]], path: str) -> None:
    if not known or path.startswith(UNCHECKED):
        return
    if path not in known:
        raise _malformed(f"There is no setting {path}.")
    if known[path] and value not in sorted(known[path]):
        raise _malformed(f"{path} is one of {', '.join(sorted(known[path]))}.")


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


def _check_language(document: dict[str, Any], policy_type: str) -> None:
    """The rest of IAM's grammar, as the evaluator reads it that will judge calls by this document; Sids are unique."""
    try:
        parsed = parse_policy(document, _KINDS[policy_type])
    except BadInput as error:
        raise _malformed(error.sentence) from error
    repeated = [sid for sid, times in Counter(each.sid for each in parsed.statements if each.sid).items() if times > 1]
    if repeated:
        raise _malformed(f"Statements share the Sid {repeated[0]}.")


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
