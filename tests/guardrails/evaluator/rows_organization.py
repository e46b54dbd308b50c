"""What the documentation says of levels, the language of SCPs, and whom they bind."""

from typing import Any

from tests.guardrails.evaluator.table import (
    ACCOUNT,
    FULL_ACCESS,
    IAM,
    MANAGEMENT,
    ORG,
    ROLE,
    Json,
    Row,
    allow,
    case,
    deny,
    policy,
)

EVALUATION = ORG + "orgs_manage_policies_scps_evaluation.html"
EFFECTS = ORG + "orgs_manage_policies_scps.html#scp-effects-on-permissions"
EXEMPT = ORG + "orgs_manage_policies_scps.html#not-restricted-by-scp"
SYNTAX = ORG + "orgs_manage_policies_scps_syntax.html"
LOGIC = IAM + "reference_policies_evaluation-logic_policy-eval-denyallow.html"
KEYS = IAM + "reference_policies_condition-keys.html"
SERVICE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"

FULL, LEAVE = [FULL_ACCESS], "organizations:LeaveOrganization"
NO_S3 = policy(deny("s3:*"))


def chain(
    source: str,
    behaviour: str,
    decision: str,
    levels: list[list[Json]],
    because: tuple[int, int | None, int | None] | None = None,
    **more: Any,
) -> Row:
    """A case about levels."""
    return Row(source, behaviour, decision, case(levels, **more), because)


LEVELS = [
    chain(EVALUATION, "an Allow at every level", "allow", [FULL, FULL, FULL]),
    chain(EVALUATION, "no Allow at the OU", "deny", [FULL, [policy(allow("ec2:*"))], FULL], (1, None, None)),
    chain(EVALUATION, "no Allow at the root", "deny", [[policy(allow("ec2:*"))], FULL], (0, None, None)),
    chain(
        EVALUATION, "no Allow at the account itself", "deny", [FULL, FULL, [policy(allow("ec2:*"))]], (2, None, None)
    ),
    chain(EVALUATION, "no policy at all at a level", "deny", [FULL, []], (1, None, None)),
    chain(EVALUATION, "the first level without an Allow is named", "deny", [FULL, [], []], (1, None, None)),
    chain(EVALUATION, "a Deny at the root reaches the account", "deny", [[FULL_ACCESS, NO_S3], FULL, FULL], (0, 1, 0)),
    chain(
        EVALUATION,
        "a Deny at an OU wins over Allows above and below",
        "deny",
        [FULL, [FULL_ACCESS, NO_S3], FULL],
        (1, 1, 0),
    ),
    chain(EVALUATION, "a Deny at the account", "deny", [FULL, FULL, [FULL_ACCESS, NO_S3]], (2, 1, 0)),
    chain(
        EVALUATION,
        "a level with a Deny alone allows nothing",
        "deny",
        [FULL, [NO_S3]],
        (1, None, None),
        action="ec2:RunInstances",
    ),
    chain(EVALUATION, "an allow list lets through what it names", "allow", [FULL, [policy(allow(["s3:*", "ec2:*"]))]]),
    chain(
        EVALUATION,
        "the levels intersect",
        "deny",
        [[policy(allow(["a:*", "b:*"]))], [policy(allow(["b:*", "c:*"]))]],
        (0, None, None),
        action="c:Do",
    ),
    chain(
        EVALUATION,
        "the levels intersect",
        "allow",
        [[policy(allow(["a:*", "b:*"]))], [policy(allow(["b:*", "c:*"]))]],
        action="b:Do",
    ),
    chain(EVALUATION, "policies of one level add up", "allow", [[policy(allow("a:*")), policy(allow("s3:*"))]]),
    chain(LOGIC, "an explicit Deny is found before a missing Allow", "deny", [[], [FULL_ACCESS, NO_S3]], (1, 1, 0)),
    chain(LOGIC, "the first Deny from the root is named", "deny", [[FULL_ACCESS, NO_S3], [NO_S3]], (0, 1, 0)),
    chain(LOGIC, "the first policy of a level is named", "deny", [[NO_S3, FULL_ACCESS, NO_S3]], (0, 0, 0)),
    chain(
        LOGIC,
        "the first statement of a policy is named",
        "deny",
        [[policy(allow(), deny("ec2:*"), deny("s3:*"), deny())]],
        (0, 0, 2),
    ),
    chain(
        LOGIC,
        "a single statement need not be a list",
        "deny",
        [[FULL_ACCESS, {"Version": "2012-10-17", "Statement": deny()}]],
        (0, 1, 0),
    ),
    chain(EVALUATION, "no SCPs at all", "allow", []),
]

WIDENED = [
    chain(SYNTAX, "Allow with a resource", "allow", [[policy(allow("s3:*", "arn:aws:s3:::bucket/*"))]]),
    chain(
        SYNTAX,
        "Allow with another resource",
        "deny",
        [[policy(allow("s3:*", "arn:aws:s3:::other/*"))]],
        (0, None, None),
    ),
    chain(
        SYNTAX,
        "Allow with a condition",
        "allow",
        [[policy(allow(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))]],
        context={"aws:RequestedRegion": "eu-west-1"},
    ),
    chain(
        SYNTAX,
        "Allow with a condition that fails",
        "deny",
        [[policy(allow(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))]],
        (0, None, None),
        context={"aws:RequestedRegion": "us-east-1"},
    ),
    chain(
        SYNTAX, "Allow with NotAction", "allow", [[policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})]]
    ),
    chain(
        SYNTAX,
        "Allow with NotAction, the excepted action",
        "deny",
        [[policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})]],
        (0, None, None),
    ),
    chain(
        SYNTAX,
        "Allow with NotResource",
        "allow",
        [[policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::secret/*"})]],
    ),
    chain(
        SYNTAX,
        "Deny with NotResource",
        "deny",
        [[FULL_ACCESS, policy({"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"})]],
        (0, 1, 0),
    ),
    chain(
        SYNTAX, "wildcards in the middle of an action", "deny", [[FULL_ACCESS, policy(deny("s3:*bject"))]], (0, 1, 0)
    ),
]

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/developer/ada"
NO_ROOT = policy(deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}))
PLATFORM = policy(deny(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform"}}))
EVERYTHING = policy(deny())
PRINCIPALS = [
    chain(
        EFFECTS, "users are bound", "deny", [[FULL_ACCESS, EVERYTHING]], principal=f"arn:aws:iam::{ACCOUNT}:user/ada"
    ),
    chain(EFFECTS, "the root of a member account is bound", "deny", [[FULL_ACCESS, NO_ROOT]], principal=ROOT),
    chain(EFFECTS, "an account id is its root", "deny", [[FULL_ACCESS, NO_ROOT]], principal=ACCOUNT),
    chain(EFFECTS, "a role is no root", "allow", [[FULL_ACCESS, NO_ROOT]], principal=ROLE),
    chain(
        EFFECTS,
        "the management account is not bound",
        "allow",
        [[EVERYTHING]],
        principal=f"arn:aws:iam::{MANAGEMENT}:role/admin",
        management_account=MANAGEMENT,
    ),
    chain(
        EFFECTS,
        "nor is its root",
        "allow",
        [[]],
        principal=f"arn:aws:iam::{MANAGEMENT}:root",
        management_account=MANAGEMENT,
    ),
    chain(
        EFFECTS,
        "member accounts are, delegated administrators too",
        "deny",
        [[FULL_ACCESS, EVERYTHING]],
        management_account=MANAGEMENT,
    ),
    chain(EXEMPT, "service-linked roles are not bound", "allow", [[FULL_ACCESS, EVERYTHING]], principal=SERVICE_ROLE),
    chain(EXEMPT, "not even by a missing Allow", "allow", [[]], principal=SERVICE_ROLE),
    chain(
        EXEMPT,
        "a role that only looks like one is bound",
        "deny",
        [[FULL_ACCESS, EVERYTHING]],
        principal=f"arn:aws:iam::{ACCOUNT}:role/AWSServiceRoleForSupport",
    ),
    chain(EFFECTS, "AWS services are not bound", "allow", [[EVERYTHING]], principal="cloudtrail.amazonaws.com"),
    chain(
        KEYS + "#condition-keys-principalarn",
        "for a session the ARN of the role",
        "allow",
        [[FULL_ACCESS, PLATFORM]],
        principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/platform/i-0abc",
    ),
    chain(
        KEYS + "#condition-keys-principalarn",
        "not the ARN of the session",
        "deny",
        [[FULL_ACCESS, policy(deny(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/*"}}))]],
        principal=SESSION,
    ),
    chain(
        KEYS + "#condition-keys-principalarn",
        "the path of a session's role may be told",
        "allow",
        [[FULL_ACCESS, policy(deny(Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}}))]],
        principal=SESSION,
        context={"aws:PrincipalArn": ROLE},
    ),
    chain(
        KEYS + "#condition-keys-principalarn",
        "another role may not be told",
        "deny",
        [[FULL_ACCESS, PLATFORM]],
        principal=SESSION,
        context={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/platform"},
    ),
    chain(
        KEYS + "#condition-keys-principalaccount",
        "the account of the principal",
        "deny",
        [[FULL_ACCESS, policy(deny(Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}))]],
    ),
    chain(
        KEYS + "#condition-keys-principalisawsservice",
        "false for roles",
        "deny",
        [[FULL_ACCESS, policy(deny(Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}))]],
    ),
]


ROWS: list[Row] = [*LEVELS, *WIDENED, *PRINCIPALS]
