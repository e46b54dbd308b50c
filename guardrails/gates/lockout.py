"""Lockout: whatever is attached, the platform can still get in, govern, repair and undo."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from guardrails.evaluator import Allowed, Because, Kind, Policy, evaluate, parse_policy
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call
from guardrails.principals import (
    ACCOUNT,
    BREAK_GLASS,
    CONTROL_TOWER,
    IDENTITY_CENTER,
    PLATFORM,
    ROOT_USER,
    STACKSETS,
    TEAM_ADMIN,
)
from guardrails.trial import FULL_ACCESS_POLICY, evaluated

_FAR = {"aws:RequestedRegion": "us-east-1"}
_STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-AWSControlTowerBP-BASELINE/0"

ALWAYS = (
    Call("break-glass looks who it is", BREAK_GLASS, "sts:GetCallerIdentity"),
    Call("break-glass mends a role", BREAK_GLASS, "iam:UpdateAssumeRolePolicy", PLATFORM),
    Call("break-glass stops an instance", BREAK_GLASS, "ec2:StopInstances"),
    Call("break-glass opens a bucket policy", BREAK_GLASS, "s3:DeleteBucketPolicy", "arn:aws:s3:::locked"),
    Call("break-glass acts in another region", BREAK_GLASS, "ec2:TerminateInstances", "*", _FAR),
    Call("the platform applies settings", PLATFORM, "ec2:EnableEbsEncryptionByDefault"),
    Call("the platform puts the public access block", PLATFORM, "s3:PutAccountPublicAccessBlock"),
    Call("the platform removes a default VPC", PLATFORM, "ec2:DeleteVpc", "*", _FAR),
    Call("the platform makes its roles", PLATFORM, "iam:CreateRole", BREAK_GLASS),
    Call("Control Tower makes its roles", CONTROL_TOWER, "iam:CreateRole"),
    Call("Control Tower sets up the recorder", CONTROL_TOWER, "config:PutConfigurationRecorder"),
    Call("Control Tower sets up the trail", CONTROL_TOWER, "cloudtrail:CreateTrail"),
    Call("Control Tower deploys its stacks", CONTROL_TOWER, "cloudformation:CreateStack", _STACK),
    Call("a stack set deploys", STACKSETS, "cloudformation:CreateStack", _STACK),
    Call("a stack set makes a role", STACKSETS, "iam:CreateRole", BREAK_GLASS),
    Call("Identity Center makes a permission set's role", IDENTITY_CENTER, "iam:CreateRole", TEAM_ADMIN),
)
"""What must work in every account, a quarantined one included."""

WHERE_TEAMS_WORK = (
    Call("a team signs in", TEAM_ADMIN, "sts:GetCallerIdentity"),
    Call("a team looks at its buckets", TEAM_ADMIN, "s3:ListAllMyBuckets"),
    Call("a team makes a role", TEAM_ADMIN, "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/payments-api"),
    Call(
        "the platform deletes a bucket policy in a privileged root session",
        ROOT_USER,
        "s3:DeleteBucketPolicy",
        "arn:aws:s3:::locked",
        {"aws:AssumedRoot": "true"},
    ),
)
"""What must work besides in every account that a team works in."""


def check_lockout(
    levels: Sequence[Sequence[tuple[str, str]]],
    rcp_levels: Sequence[Sequence[tuple[str, str]]],
    where: str,
    *,
    teams_work: bool,
) -> Iterator[tuple[str, Objection]]:
    """Each survival call that the policies on a path deny, by name, with the objection.

    Levels run from the root to the OU; a policy is its name and its content. The account itself is taken to hold
    FullAWSAccess alone.
    """
    scps = (*(tuple(_parsed(*policy, Kind.SCP) for policy in level) for level in levels), (FULL_ACCESS_POLICY,))
    rcps = tuple(tuple(_parsed(*policy, Kind.RCP) for policy in level) for level in rcp_levels)
    for call in ALWAYS + (WHERE_TEAMS_WORK if teams_work else ()):
        decision = evaluate(scps, rcps, evaluated(call))
        if not isinstance(decision, Allowed):
            yield call.name, Objection(Gate.LOCKOUT, _sentence(call, decision.because, where))


@lru_cache(maxsize=1_024)
def _parsed(name: str, content: str, kind: Kind) -> Policy:
    return parse_policy(content, kind, name=name, place=name)


def _sentence(call: Call, because: Because, where: str) -> str:
    role = call.principal.rpartition(":")[2]
    what = f"{where}: {call.action} by {role} ({call.name}) would be denied"
    if not because.explicit:
        return f"{what}: level {because.level} has no policy that allows it."
    return f"{what} by statement {because.sid or because.statement} of {because.name}."
