"""What S3 calls public, statement by statement."""

import json
from typing import Any

import pytest

from infra.local.s3.publicness import Access, policy_opens


def opened(**more: Any) -> Access:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"} | more
    return policy_opens(json.dumps({"Version": "2012-10-17", "Statement": statement}))


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}])
def test_everybody_can_be_written_in_several_ways(principal: Any) -> None:
    assert opened(Principal=principal) is Access.READ


@pytest.mark.parametrize(
    "principal", [{"AWS": "arn:aws:iam::111122223333:root"}, {"Service": "cloudtrail.amazonaws.com"}]
)
def test_a_named_principal_is_not_public(principal: Any) -> None:
    assert opened(Principal=principal) is Access.NONE


def test_a_denial_opens_nothing() -> None:
    assert opened(Effect="Deny") is Access.NONE


def test_everybody_but_one_is_public() -> None:
    assert opened(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}) is Access.READ


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("s3:GetObject", Access.READ),
        ("s3:ListBucket", Access.READ),
        ("s3:PutObject", Access.WRITE),
        ("s3:Delete*", Access.WRITE),
        ("s3:*", Access.READ | Access.WRITE),
        ("*", Access.READ | Access.WRITE),
        (["s3:Get*", "s3:Put*"], Access.READ | Access.WRITE),
    ],
)
def test_actions_read_or_write(action: Any, expected: Access) -> None:
    assert opened(Action=action) == expected


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}},
        {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:eu-west-1:111122223333:topic"}},
        {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/48"]}},
    ],
)
def test_a_fixed_value_makes_a_statement_not_public(condition: Any) -> None:
    assert opened(Condition=condition) is Access.NONE


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        {"StringEquals": {"aws:userid": "${aws:userid}"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": "everywhere"}},
        {"StringEquals": {"s3:prefix": "public/"}},
        {"Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_a_condition_that_fixes_nothing_leaves_it_public(condition: Any) -> None:
    assert opened(Condition=condition) is Access.READ


@pytest.mark.parametrize("policy", [None, "", b"", "no json", "[]", '{"Statement": ["x"]}'])
def test_what_is_no_policy_opens_nothing(policy: Any) -> None:
    assert policy_opens(policy) is Access.NONE
