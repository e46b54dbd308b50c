"""s3.bpa.lock: the account's block on public access stays."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The lock to the setting `s3.bpa`; deleting the block needs the same permission as putting it."""
    return Guardrail(
        id="s3.bpa.lock",
        title="The account's public access block stays on",
        intent="One switch keeps every bucket of the account from the public; teams do not hold it.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.1.4", "CIS v5 2.1.4", "NIST 800-53 AC-3"),
        seen_as="Changing or deleting the account's public access block answers AccessDenied.",
        exemption="Ask the platform team; public content is served through CloudFront, the bucket stays closed.",
        statements=(Deny("S3BpaLock", actions=("s3:PutAccountPublicAccessBlock",), condition=EXEMPTION),),
        allows=(
            Call("a team reads the block", TEAM_ADMIN, "s3:GetAccountPublicAccessBlock"),
            Call("a team closes one bucket", TEAM_ADMIN, "s3:PutBucketPublicAccessBlock", "arn:aws:s3:::ledger-data"),
            Call("the platform puts the block", PLATFORM, "s3:PutAccountPublicAccessBlock"),
        ),
        denies=(
            Call("a team relaxes the block", TEAM_ADMIN, "s3:PutAccountPublicAccessBlock"),
            Call("a workload relaxes the block", TEAM_WORKLOAD, "s3:PutAccountPublicAccessBlock"),
        ),
    )
