"""Lockout: whatever is attached, the platform can still get in, govern, repair and undo."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from guardrails.evaluator import Allowed, Because, Kind, evaluate
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call
from guardrails.principals import (
    ACCOUNT,
    BREAK_GLASS,
    CDK_DEPLOY,
    CDK_EXECUTION,
    CDK_FILES,
    CDK_IMAGES,
    CDK_LOOKUP,
    CONTROL_TOWER,
    IDENTITY_CENTER,
    IDENTITY_CENTER_SIGN_IN,
    MANAGEMENT,
    PLATFORM,
    ROOT_USER,
    SELF_MANAGED_STACKSETS,
    STACKSETS,
    TEAM_ADMIN,
)
from guardrails.trial import FULL_ACCESS_POLICY, compiled, evaluated

_FAR = {"aws:RequestedRegion": "us-east-1"}
_STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-AWSControlTowerBP-BASELINE/0"
_MANAGEMENT_ACCOUNT = MANAGEMENT.split(":")[4]
_OURS = {"aws:PrincipalOrgID": "o-exampleorgid", "aws:ResourceOrgID": "o-exampleorgid"}
_ROOT_SESSION = _OURS | {"aws:AssumedRoot": "true"}
_TEAM_STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/ledger/0"
_ASSETS = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-eu-west-1"
_IMAGES = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/cdk-hnb659fds-container-assets-{ACCOUNT}-eu-west-1"
_QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:locked"

ALWAYS = (
    Call("break-glass looks who it is", BREAK_GLASS, "sts:GetCallerIdentity"),
    Call("break-glass mends a role", BREAK_GLASS, "iam:UpdateAssumeRolePolicy", PLATFORM),
    Call("break-glass stops an instance", BREAK_GLASS, "ec2:StopInstances"),
    Call("break-glass opens a bucket policy", BREAK_GLASS, "s3:DeleteBucketPolicy", "arn:aws:s3:::locked", _OURS),
    Call("break-glass acts in another region", BREAK_GLASS, "ec2:TerminateInstances", "*", _FAR),
    Call("the platform takes up its access role", MANAGEMENT, "sts:AssumeRole", PLATFORM, _OURS),
    Call("the platform takes up break-glass", MANAGEMENT, "sts:AssumeRole", BREAK_GLASS, _OURS),
    Call("the platform takes up a root session", MANAGEMENT, "sts:AssumeRoot", ROOT_USER, _OURS),
    Call("the platform applies settings", PLATFORM, "ec2:EnableEbsEncryptionByDefault"),
    Call("the platform puts the public access block", PLATFORM, "s3:PutAccountPublicAccessBlock", "*", _OURS),
    Call("the platform removes a default VPC", PLATFORM, "ec2:DeleteVpc", "*", _FAR),
    Call("the platform makes its roles", PLATFORM, "iam:CreateRole", BREAK_GLASS),
    Call("Control Tower takes up its role", MANAGEMENT, "sts:AssumeRole", CONTROL_TOWER, _OURS),
    Call("Control Tower makes its roles", CONTROL_TOWER, "iam:CreateRole"),
    Call("Control Tower sets up the recorder", CONTROL_TOWER, "config:PutConfigurationRecorder"),
    Call("Control Tower sets up the trail", CONTROL_TOWER, "cloudtrail:CreateTrail"),
    Call("Control Tower deploys its stacks", CONTROL_TOWER, "cloudformation:CreateStack", _STACK),
    Call("a stack set deploys", STACKSETS, "cloudformation:CreateStack", _STACK),
    Call("a stack set makes a role", STACKSETS, "iam:CreateRole", BREAK_GLASS),
    Call("Identity Center makes a permission set's role", IDENTITY_CENTER, "iam:CreateRole", TEAM_ADMIN),
    Call("a person signs in", IDENTITY_CENTER_SIGN_IN, "sts:AssumeRoleWithSAML", TEAM_ADMIN, _OURS),
)
"""What must work in every account, a quarantined one included."""

WHERE_TEAMS_WORK = (
    Call("a team signs in", TEAM_ADMIN, "sts:GetCallerIdentity"),
    Call("a team looks at its buckets", TEAM_ADMIN, "s3:ListAllMyBuckets", "*", _OURS),
    Call("a team makes a role", TEAM_ADMIN, "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/payments-api"),
    Call("a team takes up CDK's role", TEAM_ADMIN, "sts:AssumeRole", CDK_DEPLOY, _OURS),
    Call("CDK deploys a stack", CDK_DEPLOY, "cloudformation:CreateChangeSet", _TEAM_STACK),
    Call("CDK runs a change set", CDK_DEPLOY, "cloudformation:ExecuteChangeSet", _TEAM_STACK),
    Call("CDK hands its execution role over", CDK_DEPLOY, "iam:PassRole", CDK_EXECUTION),
    Call("CDK puts a file", CDK_FILES, "s3:PutObject", f"{_ASSETS}/a.zip", _OURS),
    Call("CDK encrypts a file", CDK_FILES, "kms:GenerateDataKey", "*", _OURS),
    Call("CDK puts an image", CDK_IMAGES, "ecr:PutImage", _IMAGES, _OURS),
    Call("CDK looks a VPC up", CDK_LOOKUP, "ec2:DescribeVpcs"),
    Call("CDK makes a stack's role", CDK_EXECUTION, "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/ledger-fn"),
    Call("CDK makes a stack's function", CDK_EXECUTION, "lambda:CreateFunction"),
    Call("CDK makes a stack's bucket", CDK_EXECUTION, "s3:CreateBucket", "arn:aws:s3:::ledger", _OURS),
    Call("a self-managed stack set deploys", SELF_MANAGED_STACKSETS, "cloudformation:CreateStack", _TEAM_STACK),
    Call("a self-managed stack set makes a role", SELF_MANAGED_STACKSETS, "iam:CreateRole"),
    *(
        Call(f"the platform {what} in a privileged root session", ROOT_USER, action, resource, _ROOT_SESSION)
        for what, action, resource in (
            ("deletes a bucket policy", "s3:DeleteBucketPolicy", "arn:aws:s3:::locked"),
            ("opens a queue", "sqs:SetQueueAttributes", _QUEUE),
            ("removes the root user's password", "iam:DeleteLoginProfile", ROOT_USER),
            ("removes the root user's keys", "iam:DeleteAccessKey", ROOT_USER),
        )
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
    scps, rcps = _contents(levels), _contents(rcp_levels)
    for call, because in _denied(scps, rcps, teams_work):
        there = rcp_levels if because.kind is Kind.RCP else levels
        name = there[because.level or 0][because.policy][0] if because.policy is not None else ""
        yield call.name, Objection(Gate.LOCKOUT, _sentence(call, because, name, where))


Contents = tuple[tuple[str, ...], ...]


def _contents(levels: Sequence[Sequence[tuple[str, str]]]) -> Contents:
    return tuple(tuple(content for _, content in level) for level in levels)


@lru_cache(maxsize=1_024)
def _denied(scps: Contents, rcps: Contents, teams_work: bool) -> tuple[tuple[Call, Because], ...]:
    """The survival calls that are denied; OUs that hold the same are asked about once."""
    levels = (*(tuple(compiled(content) for content in level) for level in scps), (FULL_ACCESS_POLICY,))
    rcp_levels = tuple(tuple(compiled(content, Kind.RCP) for content in level) for level in rcps)
    asked = _ALWAYS + (_WHERE_TEAMS_WORK if teams_work else ())
    found = ((call, evaluate(levels, rcp_levels, asks, management_account=_MANAGEMENT_ACCOUNT)) for call, asks in asked)
    return tuple((call, decision.because) for call, decision in found if not isinstance(decision, Allowed))


_ALWAYS = tuple((call, evaluated(call)) for call in ALWAYS)
_WHERE_TEAMS_WORK = tuple((call, evaluated(call)) for call in WHERE_TEAMS_WORK)


def _sentence(call: Call, because: Because, name: str, where: str) -> str:
    role = call.principal.rpartition(":")[2]
    what = f"{where}: {call.action} by {role} ({call.name}) would be denied"
    if not because.explicit:
        return f"{what}: level {because.level} has no policy that allows it."
    return f"{what} by statement {because.sid or because.statement} of {name}."
