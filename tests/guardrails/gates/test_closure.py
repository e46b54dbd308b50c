import json

import pytest

from guardrails.compiler.quota import STATEMENT_KINDS
from guardrails.evaluator import parse_policy
from guardrails.gates.closure import check_closure
from guardrails.gates.exempt import find_spared
from tests.guardrails.ground import deny, documents, policy

PROTECT = deny(
    "Protect",
    ["iam:*", "sts:AssumeRole"],
    ["arn:*:iam::*:role/platform-*"],
    Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/platform-*"}},
)


WHERE = "OU class sandbox"


def complaints(*documents: str, rcps: tuple[str, ...] = ()) -> list[str]:
    """What the gate says of documents that are called `scp-0`, `scp-1` and so on."""
    scps = [(f"scp-{n}", each) for n, each in enumerate(documents)]
    objections = check_closure(scps, [(f"rcp-{n}", each) for n, each in enumerate(rcps)], WHERE)
    return [objection.sentence for objection in objections]


def spared(document: str) -> list[tuple[str, str]]:
    return [(each.key, each.value) for each in find_spared(parse_policy(document))]


def sparing(pattern: str, operator: str = "ArnNotLike", key: str = "aws:PrincipalArn") -> str:
    return policy(deny("Sparing", "ec2:*", Condition={operator: {key: [pattern]}}))


def test_the_compiled_documents_protect_every_role_they_exempt() -> None:
    for ou_class in {document.ou_class for document in documents()}:
        scps, rcps = (
            tuple(d.content for d in documents() if d.ou_class == ou_class and d.kind is kind)
            for kind in STATEMENT_KINDS
        )

        assert any(spared(content) for content in scps)
        assert complaints(*scps, rcps=rcps) == []


def test_an_exempt_name_that_anyone_can_create_is_refused() -> None:
    again = sparing("arn:*:iam::*:role/aws*", key="aws:principalarn")

    [sentence] = complaints(sparing("arn:*:iam::*:role/aws*"), again)

    assert sentence == (
        "OU class sandbox, statement Sparing of scp-0 (and 1 more): roles that fit arn:*:iam::*:role/aws* are exempt, "
        "but a team may call iam:AttachRolePolicy (and 14 more actions) on one."
    )


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
    assert (complaints(sparing(pattern), policy(PROTECT)) == []) is protected


@pytest.mark.parametrize("operator", ["ArnNotEquals", "StringNotLike", "StringNotEquals", "ArnNotLikeIfExists"])
def test_an_exemption_is_seen_however_it_is_written(operator: str) -> None:
    document = sparing("arn:aws:iam::1:role/x", operator, "aws:principalARN")

    assert spared(document) == [("aws:principalarn", "arn:aws:iam::1:role/x")]


def test_a_protection_that_the_team_itself_is_exempt_from_protects_nothing() -> None:
    weak = json.loads(policy(PROTECT))
    weak["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"] = "arn:*:iam::*:role/*"

    assert len(complaints(json.dumps(weak))) == 1


def when(operator: str, key: str, value: str | list[str]) -> str:
    return sparing_by({operator: {key: value}})


def sparing_by(condition: dict[str, dict[str, str | list[str]]]) -> str:
    return policy(deny("Sparing", "ec2:*", Condition=condition))


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringNotEquals", "aws:PrincipalTag/exempt", "yes", "yes"),
        ("StringNotLikeIfExists", "aws:PrincipalTag/exempt", "y*", "y*"),
        ("ForAllValues:StringNotEquals", "aws:PrincipalTag/exempt", "yes", "yes"),
        ("NumericNotEquals", "aws:PrincipalTag/exempt", "7", "7"),
        ("Null", "aws:PrincipalTag/exempt", "true", "*"),
        ("StringEqualsIfExists", "aws:PrincipalTag/exempt", "no", "any-other"),
        ("BoolIfExists", "aws:PrincipalTag/exempt", "false", "any-other"),
        ("NumericLessThanIfExists", "aws:PrincipalTag/exempt", "5", "any-other"),
        ("ForAllValues:StringEquals", "aws:PrincipalTag/exempt", "no", "any-other"),
        ("StringEquals", "aws:PrincipalTag/exempt", "no", None),
        ("Null", "aws:PrincipalTag/exempt", "false", None),
        ("ForAnyValue:StringNotEquals", "aws:PrincipalTag/exempt", "yes", None),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:root", None),
        ("StringNotEquals", "aws:RequestedRegion", "eu-west-1", None),
        ("BoolIfExists", "aws:PrincipalIsAWSService", "false", None),
    ],
)
def test_whom_a_condition_spares_follows_from_what_its_operator_says_of_an_absent_key(
    operator: str, key: str, value: str, expected: str | None
) -> None:
    assert spared(when(operator, key, value)) == ([(key.lower(), expected)] if expected else [])


GUARD = policy(
    deny("Tags", ["iam:*", "sts:*"], Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["exempt"]}}),
    deny("Users", ["iam:*User", "iam:*AccessKey", "iam:*LoginProfile", "iam:*Cert*", "iam:*Credential"]),
    deny("Says", ["sts:SetSourceIdentity"], Condition={"StringEquals": {"sts:SourceIdentity": "ada"}}),
    deny("Providers", ["iam:*SAMLProvider"]),
)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "aws:PrincipalTag/exempt",
            "yes",
            "who carries the tag exempt=yes is exempt, but a team may give it by iam:CreateRole (and 5 more actions).",
        ),
        (
            "aws:username",
            "ada",
            (
                "the IAM user ada is exempt, but a team may call iam:CreateAccessKey (and 7 more actions) on one of "
                "that name."
            ),
        ),
        (
            "aws:SourceIdentity",
            "ada",
            "a session with the source identity ada is exempt, but a team may set it by sts:SetSourceIdentity.",
        ),
        (
            "saml:sub",
            "ada",
            "whose saml:sub is ada is exempt, but a team may claim it by iam:CreateSAMLProvider (and 1 more actions).",
        ),
    ],
)
def test_what_spares_people_is_open_until_everything_that_gives_it_is_denied(
    key: str, value: str, sentence: str
) -> None:
    open_one = when("StringNotEquals", key, value)

    assert complaints(open_one) == [f"OU class sandbox, statement Sparing of scp-0: {sentence}"]
    assert complaints(open_one, GUARD) == []


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("aws:userid", "no policy can keep others from the role it is the id of, and a session's name is free"),
        ("aws:PrincipalType", "a team makes principals of every type"),
        ("aws:UserAgent", "whoever calls writes it"),
        ("sts:RoleSessionName", "whoever takes a role up chooses it"),
        ("aws:FederatedProvider", "no policy keeps a provider's users apart"),
    ],
)
def test_what_no_policy_can_protect_spares_nobody(key: str, why: str) -> None:
    [sentence] = complaints(when("StringNotLike", key, "x*"), GUARD)

    assert sentence == (
        f"OU class sandbox, statement Sparing of scp-0: nobody may be exempt by {key.lower()}: {why}. "
        "Exempt a role by aws:PrincipalArn."
    )


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/partner/*", None),
        ("aws:PrincipalAccount", "111122223333", None),
        (
            "aws:PrincipalArn",
            "arn:*:iam::*:role/freehold/*",
            (
                "roles that fit arn:*:iam::*:role/freehold/* are exempt, and anybody can make one in an account of "
                "their own; name yours."
            ),
        ),
        (
            "aws:PrincipalTag/exempt",
            "yes",
            "who has the tag exempt is exempt, and callers from other organisations give it to themselves.",
        ),
    ],
)
def test_an_rcp_spares_nobody_by_what_strangers_can_give_themselves(key: str, value: str, sentence: str | None) -> None:
    statement = {**deny("Sparing", "s3:*", Condition={"StringNotLike": {key: value}}), "Principal": "*"}

    found = complaints(rcps=(policy(statement),))

    assert found == ([f"OU class sandbox, statement Sparing of rcp-0: {sentence}"] if sentence else [])
