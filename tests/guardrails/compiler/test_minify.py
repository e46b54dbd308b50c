import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.compiler.minify import merge_statements, minify_statement, render
from guardrails.evaluator import Allowed, Call, evaluate, parse_policy
from guardrails.trial import FULL_ACCESS
from tests.guardrails.ground import deny

ROOM = 10_240
PATTERNS = ["s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "S3:getobject", "ec2:*", "ec2:RunInstances", "*"]
RESOURCES = ["*", "arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:s3:::*"]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1", "eu-west-1"]}},
    {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
]
CALLS = [
    Call("arn:aws:iam::111122223333:role/r", action, resource, {"aws:RequestedRegion": region})
    for action in ("s3:GetObject", "s3:PutObject", "ec2:RunInstances", "iam:CreateRole")
    for resource in ("arn:aws:s3:::a", "arn:aws:s3:::a/k", "arn:aws:s3:::b", "*")
    for region in ("eu-west-1", "eu-west-2")
]


def test_lists_of_one_are_unwrapped_and_repetition_goes() -> None:
    short = minify_statement(deny("Sid", ["s3:GetObject", "s3:getobject"], ["*"], Condition={"Bool": {"a": ["true"]}}))

    assert short == {
        "Sid": "Sid",
        "Effect": "Deny",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"Bool": {"a": "true"}},
    }


def test_what_a_wildcard_covers_goes() -> None:
    short = minify_statement(deny("Sid", ["s3:GetObject", "s3:*", "ec2:RunInstances"]))

    assert short["Action"] == ["s3:*", "ec2:RunInstances"]


def test_an_action_is_never_collapsed_into_a_wildcard() -> None:
    short = minify_statement(deny("Sid", ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging"]))

    assert short["Action"] == ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging"]


def test_statements_that_differ_in_actions_only_become_one_and_keep_the_first_sid() -> None:
    merged = merge_statements([deny("First", "s3:GetObject"), deny("Second", ["s3:PutObject"])], ROOM)

    assert merged == [deny("First", ["s3:GetObject", "s3:PutObject"])]


def test_statements_that_differ_in_resources_only_become_one() -> None:
    merged = merge_statements([deny("A", "s3:*", "arn:aws:s3:::a"), deny("B", "s3:*", "arn:aws:s3:::b")], ROOM)

    assert merged == [deny("A", "s3:*", ["arn:aws:s3:::a", "arn:aws:s3:::b"])]


def test_statements_of_everything_but_some_actions_are_never_merged() -> None:
    statements = [
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "ec2:*", "Resource": "*"},
    ]

    assert merge_statements(statements, ROOM) == statements


def test_no_merging_makes_a_statement_longer_than_a_document() -> None:
    long = [deny(f"S{n}", [f"s3:Action{n}x{m}" for m in range(20)]) for n in range(5)]

    merged = merge_statements(long, 600)

    assert len(merged) > 1
    assert all(len(render([statement])) <= 600 for statement in merged)


statements = st.lists(
    st.builds(
        lambda effect, key, actions, resource_key, resources, condition: {
            "Effect": effect,
            key: actions,
            resource_key: resources,
            **({"Condition": condition} if condition else {}),
        },
        st.sampled_from(["Deny", "Deny", "Deny", "Allow"]),
        st.sampled_from(["Action", "Action", "NotAction"]),
        st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=4),
        st.sampled_from(["Resource", "Resource", "NotResource"]),
        st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3),
        st.sampled_from(CONDITIONS),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150)
@given(statements)
def test_whatever_is_merged_decides_every_call_as_before(given_statements: list[dict[str, Any]]) -> None:
    before = [parse_policy(FULL_ACCESS), parse_policy({"Version": "2012-10-17", "Statement": given_statements})]
    after = [parse_policy(FULL_ACCESS), parse_policy(json.loads(render(merge_statements(given_statements, ROOM))))]

    for call in CALLS:
        was = isinstance(evaluate([before], [], call), Allowed)
        assert isinstance(evaluate([after], [], call), Allowed) is was, (call, after)
