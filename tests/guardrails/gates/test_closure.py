import json

import pytest

from guardrails.compiler import PolicyKind
from guardrails.gates.closure import check_closure, exempt_patterns
from tests.guardrails.ground import deny, documents, policy

PROTECT = deny(
    "Protect",
    ["iam:*", "sts:AssumeRole"],
    ["arn:*:iam::*:role/platform-*"],
    Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/platform-*"}},
)


def sparing(pattern: str, operator: str = "ArnNotLike", key: str = "aws:PrincipalArn") -> str:
    return policy(deny("Sparing", "ec2:*", Condition={operator: {key: [pattern]}}))


def test_the_compiled_documents_protect_every_role_they_exempt() -> None:
    for ou_class in {document.ou_class for document in documents()}:
        contents = [d.content for d in documents() if d.ou_class == ou_class and d.kind is PolicyKind.SCP]

        assert any(True for content in contents for _ in exempt_patterns(content))
        assert list(check_closure(contents, ou_class)) == []


def test_an_exempt_name_that_anyone_can_create_is_refused() -> None:
    [objection] = check_closure([sparing("arn:*:iam::*:role/aws*")], "OU class sandbox")

    assert "roles that fit arn:*:iam::*:role/aws* are exempt" in objection.sentence
    assert "a team may call iam:AttachRolePolicy" in objection.sentence


@pytest.mark.parametrize(
    ("pattern", "protected"),
    [
        ("arn:*:iam::*:role/platform-*", True),
        ("arn:aws:iam::*:role/platform-admin", True),
        ("arn:*:iam::*:role/plat*", False),
        ("arn:*:iam::*:role/*", False),
        ("*", False),
        ("arn:*:iam::*:role/platform-?", False),
        ("arn:*:iam::*:user/platform-admin", False),
    ],
)
def test_an_exemption_is_closed_only_where_the_protection_covers_the_whole_pattern(
    pattern: str, protected: bool
) -> None:
    found = list(check_closure([sparing(pattern), policy(PROTECT)], "OU class sandbox"))

    assert (found == []) is protected


@pytest.mark.parametrize("operator", ["ArnNotEquals", "StringNotLike", "StringNotEquals", "ArnNotLikeIfExists"])
def test_an_exemption_is_seen_however_it_is_written(operator: str) -> None:
    document = sparing("arn:aws:iam::1:role/x", operator, "aws:principalARN")

    assert list(exempt_patterns(document)) == ["arn:aws:iam::1:role/x"]


def test_a_protection_that_the_team_itself_is_exempt_from_protects_nothing() -> None:
    weak = json.loads(policy(PROTECT))
    weak["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"] = "arn:*:iam::*:role/*"

    found = list(check_closure([json.dumps(weak)], "OU class sandbox"))

    assert len(found) == 1
