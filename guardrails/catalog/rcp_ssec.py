"""rcp.ssec: nobody encrypts objects with a key that AWS does not hold."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import TEAM_WORKLOAD
from vending.core.company import Company

KEY = "s3:x-amz-server-side-encryption-customer-algorithm"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The header of SSE-C is there or it is not; its value does not matter."""
    thing = "arn:aws:s3:::ledger-data/2026/11.parquet"
    with_own_key = {KEY: "AES256"}
    return Guardrail(
        id="rcp.ssec",
        title="No objects under customer-provided keys",
        intent="Whoever steals a role can encrypt every object with a key of their own and ask for ransom.",
        mechanism=Mechanism.RCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SC-12",),
        seen_as="Putting an object with an SSE-C header answers AccessDenied.",
        exemption="No exemption is needed: encrypt with KMS, or before uploading.",
        statements=(Deny("RcpSsec", actions=("s3:PutObject",), condition={"Null": {KEY: "false"}}, principal="*"),),
        allows=(Call("a workload puts an object", TEAM_WORKLOAD, "s3:PutObject", thing),),
        denies=(
            Call("a workload encrypts with its own key", TEAM_WORKLOAD, "s3:PutObject", thing, with_own_key),
            Call("a stranger encrypts with their own key", "*", "s3:PutObject", thing, with_own_key),
        ),
    )
