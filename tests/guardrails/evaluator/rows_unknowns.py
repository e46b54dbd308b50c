"""What follows from the documentation for keys whose values nobody can tell."""

from typing import Any

from tests.guardrails.evaluator.rows_organization import EVALUATION, FULL, NO_S3, PLATFORM
from tests.guardrails.evaluator.table import FULL_ACCESS, MANAGEMENT, Json, Row, allow, case, deny, policy

REGION, TEAM = "aws:RequestedRegion", "aws:PrincipalTag/team"
ONE_REGION = policy(deny(Condition={"StringNotEquals": {REGION: "eu-west-1"}}))


def open_case(
    behaviour: str,
    decision: str,
    levels: list[list[Json]],
    unknown: list[str],
    missing: tuple[str, ...] = (),
    because: tuple[int, int | None, int | None] | None = None,
    **more: Any,
) -> Row:
    """A case in which keys exist whose values nobody knows."""
    return Row(EVALUATION, behaviour, decision, case(levels, unknown=unknown, **more), because, missing)


def on(key: str, value: object, operator: str = "StringEquals") -> Json:
    """A Deny on one condition."""
    return deny(Condition={operator: {key: value}})


UNKNOWNS = [
    open_case("it depends", "unknown", [[FULL_ACCESS, ONE_REGION]], [REGION], (REGION,), (0, 1, 0)),
    open_case(
        "spelled as asked", "unknown", [[FULL_ACCESS, ONE_REGION]], [REGION.lower()], (REGION.lower(),), (0, 1, 0)
    ),
    open_case("a key nobody asks for", "allow", [FULL], [REGION]),
    open_case(
        "a known denial stands", "deny", [[FULL_ACCESS, ONE_REGION], [FULL_ACCESS, NO_S3]], [REGION], (), (1, 1, 0)
    ),
    open_case("a missing Allow stands", "deny", [[FULL_ACCESS, ONE_REGION], []], [REGION], (), (1, None, None)),
    open_case(
        "an Allow that depends",
        "unknown",
        [FULL, [policy(allow(Condition={"StringEquals": {TEAM: "a"}}))]],
        [TEAM],
        (TEAM,),
        (1, None, None),
    ),
    open_case(
        "an Allow that depends beside one that does not",
        "allow",
        [[FULL_ACCESS, policy(allow(Condition={"StringEquals": {TEAM: "a"}}))]],
        [TEAM],
    ),
    open_case(
        "another condition rules it out",
        "allow",
        [
            [
                FULL_ACCESS,
                policy(deny(Condition={"StringNotEquals": {REGION: "x"}, "Bool": {"aws:SecureTransport": "false"}})),
            ]
        ],
        [REGION],
        context={"aws:SecureTransport": "true"},
    ),
    open_case(
        "another resource rules it out",
        "allow",
        [[FULL_ACCESS, policy(deny("*", "arn:aws:s3:::other/*", Condition={"StringNotEquals": {REGION: "x"}}))]],
        [REGION],
    ),
    open_case(
        "either way denied",
        "deny",
        [[FULL_ACCESS, policy(on(REGION, "a"), on(REGION, "a", "StringNotEquals"))]],
        [REGION],
        (),
        (0, 1, 0),
    ),
    open_case(
        "true or false, there is no third",
        "deny",
        [[FULL_ACCESS, policy(on("aws:SecureTransport", "true", "Bool"), on("aws:SecureTransport", "false", "Bool"))]],
        ["aws:SecureTransport"],
        (),
        (0, 1, 0),
    ),
    open_case(
        "below ten or not below nine",
        "deny",
        [[FULL_ACCESS, policy(on("n:N", "10", "NumericLessThan"), on("n:N", "9", "NumericGreaterThanEquals"))]],
        ["n:N"],
        (),
        (0, 1, 0),
    ),
    open_case(
        "between nine and ten is room",
        "unknown",
        [[FULL_ACCESS, policy(on("n:N", "9", "NumericLessThanEquals"), on("n:N", "10", "NumericGreaterThanEquals"))]],
        ["n:N"],
        ("n:N",),
        (0, 1, 0),
    ),
    open_case(
        "nobody matches everything and nothing",
        "deny",
        [[FULL_ACCESS, policy(on(TEAM, "*", "StringLike"))]],
        [TEAM],
        (),
        (0, 1, 0),
    ),
    open_case(
        "two patterns that exclude each other",
        "allow",
        [[FULL_ACCESS, policy(deny(Condition={"StringLike": {TEAM: "a*"}, "StringEquals": {TEAM: ["b", "c"]}}))]],
        [TEAM],
    ),
    open_case(
        "two patterns that meet",
        "unknown",
        [[FULL_ACCESS, policy(deny(Condition={"StringLike": {TEAM: ["a*"]}, "StringNotLike": {TEAM: "*z"}}))]],
        [TEAM],
        (TEAM,),
    ),
    open_case("the key exists", "allow", [[FULL_ACCESS, policy(on(REGION, "true", "Null"))]], [REGION]),
    open_case("the key exists", "deny", [[FULL_ACCESS, policy(on(REGION, "false", "Null"))]], [REGION], (), (0, 1, 0)),
    open_case(
        "both keys matter",
        "unknown",
        [[FULL_ACCESS, policy(deny(Condition={"StringEquals": {REGION: "a", TEAM: "b"}}))]],
        [TEAM, REGION],
        (TEAM, REGION),
    ),
    open_case(
        "only the key that can turn it",
        "unknown",
        [[FULL_ACCESS, ONE_REGION, policy(deny(Condition={"StringLike": {TEAM: "a*"}, "StringEquals": {TEAM: "b"}}))]],
        [TEAM, REGION],
        (REGION,),
    ),
    open_case(
        "the value of a variable",
        "unknown",
        [[FULL_ACCESS, policy(deny("*", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}"))]],
        [TEAM],
        (TEAM,),
    ),
    open_case(
        "a variable that cannot fit",
        "allow",
        [[FULL_ACCESS, policy(deny("*", "arn:aws:s3:::other/${aws:PrincipalTag/team}"))]],
        [TEAM],
    ),
    open_case(
        "a variable compared with a known value",
        "unknown",
        [[FULL_ACCESS, policy(on(REGION, "${aws:PrincipalTag/team}"))]],
        [TEAM],
        (TEAM,),
        context={REGION: "a"},
    ),
    open_case(
        "two unknown keys that may be equal",
        "unknown",
        [[FULL_ACCESS, policy(on(REGION, "${aws:PrincipalTag/team}"))]],
        [TEAM, REGION],
        (TEAM, REGION),
    ),
    open_case(
        "the principal's ARN can be unknown",
        "unknown",
        [[FULL_ACCESS, PLATFORM]],
        ["aws:PrincipalArn"],
        ("aws:PrincipalArn",),
    ),
    open_case(
        "all of a set",
        "unknown",
        [[FULL_ACCESS, policy(on("aws:TagKeys", ["a"], "ForAllValues:StringEquals"))]],
        ["aws:TagKeys"],
        ("aws:TagKeys",),
    ),
    open_case(
        "a set has all within or one outside",
        "deny",
        [
            [
                FULL_ACCESS,
                policy(
                    on("aws:TagKeys", ["a"], "ForAllValues:StringEquals"),
                    on("aws:TagKeys", ["a"], "ForAnyValue:StringNotEquals"),
                ),
            ]
        ],
        ["aws:TagKeys"],
        (),
        (0, 1, 0),
    ),
    open_case(
        "the management account is not bound anyway",
        "allow",
        [[FULL_ACCESS, ONE_REGION]],
        [REGION],
        principal=f"arn:aws:iam::{MANAGEMENT}:role/x",
        management_account=MANAGEMENT,
    ),
]


ROWS: list[Row] = UNKNOWNS
