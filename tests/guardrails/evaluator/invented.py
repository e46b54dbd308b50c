"""Cases that nobody thought of: drawn from every operator, quantifier and element of the language."""

from collections.abc import Iterator
from random import Random
from typing import Any

from guardrails.evaluator.operator import OPERATORS
from tests.guardrails.evaluator.table import ACCOUNT, FULL_ACCESS, RCP_FULL_ACCESS, ROLE, USER, Json

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TEAM, TAGS, REGION = "aws:PrincipalTag/team", "aws:TagKeys", "aws:RequestedRegion"
CALLS = (
    ("s3:GetObject", "arn:aws:s3:::bucket/team/ledger.csv"),
    ("s3:PutObject", "arn:aws:s3:::bucket/a*b"),
    ("S3:DELETEOBJECT", "arn:aws:s3:::other/key"),
    ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/team/app"),
    ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:ledger"),
)
ACTIONS = (
    *("*", "s3:*", "s3:Get*", "s3:?etObject", "S3:putobject", "iam:CreateRole", "ec2:Run*s", "sqs:*", "kms:*"),
    *("s3:*Object", "s3:List*", "s3:GetObjec?", "EC2:describe*", "lambda:*"),
)
RESOURCES = (
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::*/key",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::bucket/team/ledger.cs?",
    f"arn:aws:iam::{ACCOUNT}:role/*",
    "arn:*:iam::*:role/team/*",
    f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucke?/*",
    f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:*",
    "arn:*:*:*:*:*",
)
MORE = (
    "${aws:PrincipalTag/team, 'ledger'}",
    "${aws:PrincipalTag/none, 'search'}",
    "${aws:PrincipalTag/none}",
    "????er",
)
TEXTS = (
    "ledger",
    "Ledger",
    "led*",
    "l?dger",
    "search",
    "eu-west-1",
    "us-*",
    "${aws:PrincipalTag/team}",
    "a${*}b",
    "",
    *MORE,
)
ARNS = (
    ROLE,
    ROOT,
    USER,
    f"arn:aws:iam::{ACCOUNT}:role/*",
    "arn:*:iam::*:user/*",
    "arn:aws:s3:::bucket",
    "arn:aws:s*:::b*",
    "arn:aws:iam::*:*",
    "arn:aws:sns:*:*:top?c",
)
KEYS: dict[str, tuple[str, tuple[Any, ...]]] = {
    TEAM: ("String", ("ledger", "Ledger", "search")),
    REGION: ("String", ("eu-west-1", "us-east-1")),
    TAGS: ("String", (["ledger"], ["ledger", "search"], ["Ledger", "led"])),
    "aws:PrincipalArn": ("Arn", ()),
    "aws:SourceArn": ("Arn", ("arn:aws:s3:::bucket", f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic")),
    "aws:MultiFactorAuthAge": ("Numeric", ("10", "10.0", "299", "300.5")),
    "aws:PrincipalTag/level": ("Numeric", ("10", "0", "-1", "007")),
    "aws:CurrentTime": ("Date", ("2026-06-01T00:00:00Z", "2026-12-31T23:59:59Z")),
    "aws:TokenIssueTime": ("Date", ("2026-06-01", "2026-06-01T02:00:00+02:00", "2026-05-31T23:59:59.999Z")),
    "aws:SecureTransport": ("Bool", ("true", "false", "TRUE")),
    "aws:SourceIp": ("Ip", ("203.0.113.7", "10.1.2.3", "2001:db8::1")),
}
VALUES: dict[str, tuple[str, ...]] = {
    "String": TEXTS,
    "Arn": ARNS,
    "Numeric": ("10", "299", "300", "300.5", "-1"),
    "Date": ("2026-06-01T00:00:00Z", "2026-09-01T12:00:00Z", "2027-01-01T00:00:00Z", "2026-06-01T02:00:00+02:00"),
    "Bool": ("true", "false", "False"),
    "Ip": ("203.0.113.0/24", "10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32", "203.0.0.0/9"),
}


def cases(seed: int, number: int) -> Iterator[Json]:
    """So many cases, the same ones for the same seed."""
    random = Random(seed)
    for n in range(number):
        action, resource = random.choice(CALLS)
        yield {
            "id": n,
            "levels": [_level(random, rcp=False) for _ in range(random.randint(1, 4))],
            "rcp_levels": [_level(random, rcp=True) for _ in range(_rcp_depth(random, action))],
            "principal": random.choice((ROLE, ROLE, ROLE, USER, ROOT)),
            "action": action,
            "resource": resource,
            "context": _context(random),
        }


def _rcp_depth(random: Random, action: str) -> int:
    return random.choice((0, 0, 1, 2)) if action.lower().startswith(("s3:", "sqs:")) else 0


def _level(random: Random, *, rcp: bool) -> list[Json]:
    full = RCP_FULL_ACCESS if rcp else FULL_ACCESS
    made = [_policy(random, rcp=rcp) for _ in range(random.choice((0, 1, 1, 2)))]
    return [full, *made] if rcp or random.random() < 0.85 else made or [full]


def _policy(random: Random, *, rcp: bool) -> Json:
    statements = [_statement(random, rcp=rcp) for _ in range(random.choice((1, 1, 2)))]
    return {"Version": "2012-10-17", "Statement": statements if random.random() < 0.9 else statements[0]}


def _statement(random: Random, *, rcp: bool) -> Json:
    deny = rcp or random.random() < 0.7
    actions = _some(random, [a for a in ACTIONS if a != "*"] if rcp else ACTIONS)
    action_element = "NotAction" if not rcp and random.random() < 0.2 else "Action"
    resource_element = "NotResource" if random.random() < 0.2 else "Resource"
    statement: Json = {"Effect": "Deny" if deny else "Allow", action_element: actions}
    statement |= {"Principal": "*"} if rcp else {}
    resources = RESOURCES if resource_element == "Resource" else tuple(r for r in RESOURCES if "${" not in r)
    statement[resource_element] = _some(random, resources)
    return statement | ({"Condition": condition} if (condition := _condition(random)) else {})


def _condition(random: Random) -> Json:
    blocks: Json = {}
    for _ in range(random.choice((0, 1, 1, 2))):
        operator, family = _operator(random)
        key = random.choice([key for key in KEYS if _suits(operator, family, key)])
        value = random.choice(("true", "false")) if family == "Null" else _some(random, VALUES[family])
        blocks.setdefault(operator, {})[key] = value
    return blocks


def _suits(operator: str, family: str, key: str) -> bool:
    if key == TAGS and ":" not in operator:
        return family == "Null"
    kind, _ = KEYS[key]
    return family in (kind, "Null") or (family, kind) == ("String", "Arn")


def _operator(random: Random) -> tuple[str, str]:
    """An operator, and the family of the values it compares."""
    base = random.choice(sorted(OPERATORS - {"BinaryEquals"}))
    family = next((f for f in ("String", "Arn", "Numeric", "Date", "Bool", "Null") if base.startswith(f)), "Ip")
    if family == "Null":
        return base, family
    quantifier = random.choice(("", "", "", "ForAllValues:", "ForAnyValue:"))
    return quantifier + base + random.choice(("", "", "IfExists")), family


def _some(random: Random, values: Any) -> Any:
    chosen = random.sample(list(values), random.choice((1, 1, 2, 3)) if len(values) > 2 else 1)
    return chosen[0] if len(chosen) == 1 and random.random() < 0.5 else chosen


def _context(random: Random) -> Json:
    return {key: random.choice(values) for key, (_, values) in KEYS.items() if values and random.random() < 0.6}
