"""What the documentation says of RCPs."""

from typing import Any

from tests.guardrails.evaluator.rows_organization import (
    FULL,
    KEYS,
    LOGIC,
    NO_S3,
    ROOT,
    SERVICE_ROLE,
)
from tests.guardrails.evaluator.table import (
    ACCOUNT,
    FULL_ACCESS,
    KMS,
    MANAGEMENT,
    ORG,
    RCP_FULL_ACCESS,
    Json,
    Row,
    case,
    deny,
    policy,
)

RCP = ORG + "orgs_manage_policies_rcps.html"
RCP_EXEMPT = RCP + "#actions-not-restricted-by-rcps"
RCP_SYNTAX = ORG + "orgs_manage_policies_rcps_syntax.html"
RCP_KMS = KMS + "resource-control-policies.html"


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
    resource(
        KEYS + "#condition-keys-principalisawsservice",
        "an anonymous call does not say whether AWS makes it",
        "allow",
        deny("s3:*", Principal="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        principal="*",
    ),
]


ROWS: list[Row] = RCPS
