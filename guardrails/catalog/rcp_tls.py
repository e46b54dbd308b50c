"""rcp.tls: data is fetched and stored over TLS."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = ("kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*")
PLAIN = {"aws:SecureTransport": "false"}


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Binds whoever calls, strangers included: a resource control policy sits on the resource's side."""
    thing = "arn:aws:s3:::ledger-data/2026/11.parquet"
    return Guardrail(
        id="rcp.tls",
        title="TLS only",
        intent="What travels in the clear is read on the way.",
        mechanism=Mechanism.RCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.1.1", "CIS v5 2.1.1", "NIST 800-53 SC-8", "PCI DSS 4.2"),
        parameters={"actions": list(ACTIONS)},
        seen_as="A call over http:// answers AccessDenied; over https:// it works.",
        exemption="There is no exemption; every SDK uses TLS by itself.",
        exemptible=False,
        statements=(Deny("RcpTls", actions=ACTIONS, condition={"BoolIfExists": PLAIN}, principal="*"),),
        allows=(Call("a workload reads over TLS", TEAM_WORKLOAD, "s3:GetObject", thing),),
        denies=(
            Call("a workload reads in the clear", TEAM_WORKLOAD, "s3:GetObject", thing, PLAIN),
            Call("a team takes a message in the clear", TEAM_ADMIN, "sqs:ReceiveMessage", "*", PLAIN),
            Call("a stranger reads in the clear", "*", "s3:GetObject", thing, PLAIN),
        ),
    )
