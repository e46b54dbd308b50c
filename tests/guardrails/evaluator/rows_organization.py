"""What the documentation says of levels, exemptions, RCPs, and what this project says of unknown keys."""

from typing import Any

from tests.guardrails.evaluator.table import (
    ACCOUNT,
    FULL_ACCESS,
    IAM,
    KMS,
    MANAGEMENT,
    ORG,
    RCP_FULL_ACCESS,
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
RCP = ORG + "orgs_manage_policies_rcps.html"
RCP_EXEMPT = RCP + "#actions-not-restricted-by-rcps"
RCP_SYNTAX = ORG + "orgs_manage_policies_rcps_syntax.html"
LOGIC = IAM + "reference_policies_evaluation-logic_policy-eval-denyallow.html"
KEYS = IAM + "reference_policies_condition-keys.html"
RCP_KMS = KMS + "resource-control-policies.html"
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


def resource(source: str, behaviour: str, decision: str, statement: Json, **more: Any) -> Row:
    """A case about an RCP at the root of the resource's organisation."""
    rcps = [[RCP_FULL_ACCESS, policy(statement | {"Principal": "*"})], [RCP_FULL_ACCESS]]
    case_ = case([FULL], **{"rcp_levels": rcps, **more})
    return Row(source, behaviour, decision, case_, (0, 1, 0) if decision == "deny" else None)


TLS = {"BoolIfExists": {"aws:SecureTransport": "false"}}
OUTSIDERS = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}
QUEUE = "arn:aws:sqs:eu-west-1:{}:orders"
RCPS = [
    resource(
        RCP_SYNTAX, "TLS only, over TLS", "allow", deny("s3:*", Condition=TLS), context={"aws:SecureTransport": "true"}
    ),
    resource(
        RCP_SYNTAX, "TLS only, without", "deny", deny("s3:*", Condition=TLS), context={"aws:SecureTransport": "false"}
    ),
    resource(
        RCP,
        "callers from outside the organisation",
        "deny",
        deny("s3:*", Condition=OUTSIDERS),
        context={"aws:PrincipalOrgID": "o-2"},
    ),
    resource(
        RCP,
        "callers of the organisation",
        "allow",
        deny("s3:*", Condition=OUTSIDERS),
        context={"aws:PrincipalOrgID": "o-1"},
    ),
    resource(
        RCP,
        "AWS services, where the RCP spares them",
        "allow",
        deny("s3:*", Condition=OUTSIDERS),
        principal="cloudtrail.amazonaws.com",
    ),
    resource(RCP, "root users are bound", "deny", deny("s3:*"), principal=ROOT),
    resource(
        RCP,
        "principals of the management account are bound",
        "deny",
        deny("s3:*"),
        principal=f"arn:aws:iam::{MANAGEMENT}:role/admin",
        management_account=MANAGEMENT,
    ),
    resource(
        RCP_EXEMPT,
        "resources of the management account are not",
        "allow",
        deny("sqs:*"),
        action="sqs:SendMessage",
        resource=QUEUE.format(MANAGEMENT),
        management_account=MANAGEMENT,
    ),
    resource(
        RCP_EXEMPT,
        "as the context says of a bucket",
        "allow",
        deny("s3:*"),
        context={"aws:ResourceAccount": MANAGEMENT},
        management_account=MANAGEMENT,
    ),
    resource(
        RCP_EXEMPT,
        "resources of members are",
        "deny",
        deny("sqs:*"),
        action="sqs:SendMessage",
        resource=QUEUE.format(ACCOUNT),
        management_account=MANAGEMENT,
    ),
    resource(RCP_EXEMPT, "service-linked roles are not bound", "allow", deny("s3:*"), principal=SERVICE_ROLE),
    resource(
        RCP_EXEMPT,
        "kms:RetireGrant is not bound",
        "allow",
        deny("kms:*"),
        action="kms:RetireGrant",
        resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1",
    ),
    resource(
        RCP_KMS,
        "kms:Decrypt is",
        "deny",
        deny("kms:*"),
        action="kms:Decrypt",
        resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1",
    ),
    resource(
        RCP + "#rcp-supported-services",
        "services that support RCPs",
        "deny",
        deny("dynamodb:*"),
        action="dynamodb:GetItem",
        resource=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t",
    ),
    resource(
        RCP + "#rcp-supported-services",
        "services that do not",
        "allow",
        deny("ec2:*"),
        action="ec2:RunInstances",
        resource="*",
    ),
    resource(
        RCP_SYNTAX, "NotResource", "deny", {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::public/*"}
    ),
    resource(
        RCP_SYNTAX,
        "NotResource, the excepted one",
        "allow",
        {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/*"},
    ),
    Row(
        LOGIC,
        "RCPFullAWSAccess cannot be detached, so its absence denies nothing",
        "allow",
        case([FULL], rcp_levels=[[policy(deny("sqs:*", Principal="*"))], []]),
    ),
    Row(
        LOGIC,
        "an explicit Deny in an RCP is found before a missing Allow in an SCP",
        "deny",
        case([[]], rcp_levels=[[], [policy(deny("s3:*", Principal="*"))]]),
        (1, 0, 0),
    ),
    Row(
        LOGIC,
        "an SCP that denies is named before an RCP that does",
        "deny",
        case([FULL, [FULL_ACCESS, NO_S3]], rcp_levels=[[policy(deny("s3:*", Principal="*"))]]),
        (1, 1, 0),
    ),
]

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

ROWS: list[Row] = [*LEVELS, *WIDENED, *PRINCIPALS, *RCPS, *UNKNOWNS]
