"""Documents that AWS would not store, and the sentence each gets."""

from typing import Any

import pytest

from guardrails.evaluator import Kind, parse_policy
from tests.guardrails.evaluator.table import FULL_ACCESS, RCP_FULL_ACCESS, Json, allow, deny, policy
from vending.core.errors import BadInput


def refusal(document: str | Json, kind: Kind = Kind.SCP) -> BadInput:
    """Why the document is refused."""
    with pytest.raises(BadInput) as caught:
        parse_policy(document, kind, place="leave.json")
    return caught.value


def test_broken_json_is_refused_with_line_and_column() -> None:
    error = refusal('{"Version": "2012-10-17",\n "Statement": [}')

    assert error.sentence.startswith("leave.json: not valid JSON")
    assert "line 2, column 16" in error.sentence


def test_an_element_twice_is_refused() -> None:
    error = refusal('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}')

    assert "'Effect' stands twice" in error.sentence


@pytest.mark.parametrize(
    ("operator", "nearest"),
    [("StringEqual", "StringEquals"), ("ArnNotMatch", "ArnNot"), ("NullIfExists", "Null"), ("ForAnyValue:Null", "")],
)
def test_an_unknown_operator_is_refused_with_its_place_and_the_nearest(operator: str, nearest: str) -> None:
    error = refusal(policy(allow(), deny(Condition={operator: {"aws:RequestedRegion": "eu-west-1"}})))

    assert error.errors[0].field == f"leave.json.Statement[1].Condition.{operator}"
    assert "no condition operator" in error.errors[0].reason
    assert nearest in error.remedy


@pytest.mark.parametrize("name", ["stringequals", "FORANYVALUE:StringLike", "BOOLIFEXISTS"])
def test_operators_are_known_in_any_case(name: str) -> None:
    parse_policy(policy(deny(Condition={name: {"aws:SecureTransport": "true"}})))


BROKEN: list[tuple[str, Any, str]] = [
    ("no object", [], "leave.json"),
    ("no statement", {"Version": "2012-10-17"}, "leave.json.Statement"),
    ("an empty list of statements", policy(), "leave.json.Statement"),
    ("a statement that is a text", {"Statement": "deny"}, "leave.json.Statement"),
    ("an unknown version", policy(deny(), version="2024-01-01"), "leave.json.Version"),
    ("an unknown element of a policy", policy(deny()) | {"Statements": []}, "leave.json.Statements"),
    ("an unknown element of a statement", policy(deny(Actions="*")), "leave.json.Statement[0].Actions"),
    ("no effect", policy({"Action": "*", "Resource": "*"}), "leave.json.Statement[0].Effect"),
    ("an effect in lower case", policy(deny() | {"Effect": "deny"}), "leave.json.Statement[0].Effect"),
    ("no action", policy({"Effect": "Deny", "Resource": "*"}), "leave.json.Statement[0].Action"),
    ("Action and NotAction", policy(deny(NotAction="s3:*")), "leave.json.Statement[0].NotAction"),
    ("an action without service", policy(deny("GetObject")), "leave.json.Statement[0].Action[0]"),
    ("an empty list of actions", policy(deny([])), "leave.json.Statement[0].Action"),
    ("an action that is a number", policy(deny([7])), "leave.json.Statement[0].Action"),
    ("no resource", policy({"Effect": "Deny", "Action": "*"}), "leave.json.Statement[0].Resource"),
    ("Resource and NotResource", policy(deny(NotResource="*")), "leave.json.Statement[0].NotResource"),
    ("a resource that is no ARN", policy(deny("*", ["*", "my-bucket"])), "leave.json.Statement[0].Resource[1]"),
    ("a Sid that is a number", policy(deny(Sid=1)), "leave.json.Statement[0].Sid"),
    ("a condition that is a text", policy(deny(Condition="x")), "leave.json.Statement[0].Condition"),
    ("an operator without keys", policy(deny(Condition={"Bool": "x"})), "leave.json.Statement[0].Condition.Bool"),
    (
        "a value that is an object",
        policy(deny(Condition={"Bool": {"k": {}}})),
        "leave.json.Statement[0].Condition.Bool.k",
    ),
]


@pytest.mark.parametrize(("what", "document", "place"), BROKEN, ids=[what for what, _, _ in BROKEN])
def test_what_the_grammar_does_not_allow_is_refused_with_its_place(what: str, document: Any, place: str) -> None:
    error = refusal(document)

    assert error.errors[0].field == place
    assert error.remedy


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
@pytest.mark.parametrize("kind", [Kind.SCP, Kind.IDENTITY, Kind.BOUNDARY, Kind.SESSION])
def test_a_principal_is_refused_where_the_principal_is_given(element: str, kind: Kind) -> None:
    error = refusal(policy(deny(**{element: "*"})), kind)

    assert error.errors[0].field == f"leave.json.Statement[0].{element}"


RCP_ONLY: list[tuple[str, Json, str]] = [
    ("NotAction", {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}, "NotAction"),
    ("NotPrincipal", deny("s3:*", NotPrincipal="*"), "NotPrincipal"),
    ("no Principal", deny("s3:*"), "Principal"),
    ("a certain principal", deny("s3:*", Principal={"AWS": "111122223333"}), "Principal"),
    ("Allow", allow("s3:*", Principal="*"), "Effect"),
    ("every action", deny("*", Principal="*"), "Action"),
]


@pytest.mark.parametrize(("what", "statement", "element"), RCP_ONLY, ids=[what for what, _, _ in RCP_ONLY])
def test_an_rcp_is_held_to_its_narrower_language(what: str, statement: Json, element: str) -> None:
    error = refusal(policy(statement), Kind.RCP)

    assert error.errors[0].field == f"leave.json.Statement[0].{element}"


def test_an_rcp_of_the_old_version_is_refused() -> None:
    error = refusal(policy(deny("s3:*", Principal="*"), version="2008-10-17"), Kind.RCP)

    assert error.errors[0].field == "leave.json.Version"


def test_the_full_access_policies_are_accepted() -> None:
    assert parse_policy(FULL_ACCESS).statements[0].unconditional
    assert parse_policy(RCP_FULL_ACCESS, Kind.RCP).statements[0].unconditional


def test_a_resource_policy_needs_to_say_for_whom() -> None:
    assert refusal(policy(allow()), Kind.RESOURCE).errors[0].field == "leave.json.Statement[0].Principal"
    error = refusal(policy(allow(Principal={"User": "ada"})), Kind.RESOURCE)
    assert error.errors[0].field == "leave.json.Statement[0].Principal.User"


def test_a_document_may_be_text() -> None:
    parsed = parse_policy(
        '{"Version": "2012-10-17", "Statement": {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": "*"}}'
    )

    assert [statement.sid for statement in parsed.statements] == ["No"]
