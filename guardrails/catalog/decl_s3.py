"""decl.s3: no bucket of the organisation is public."""

from guardrails.guardrail import Guardrail, Mechanism, Part, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """For regulated data alone: elsewhere the setting `s3.bpa` and its lock do the same and leave the platform's own
    roles a way out, which this does to nobody. All four switches at once: an S3 policy knows `all` and `none` alone
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html)."""
    return Guardrail(
        id="decl.s3",
        title="Public access to S3 is blocked by the organisation",
        intent="What the account's own switch does, done from outside: nobody in the account can undo it.",
        mechanism=Mechanism.S3,
        ou_classes=("regulated",),
        frameworks=("CIS v3 2.1.4", "CIS v5 2.1.4", "NIST 800-53 AC-3"),
        parameters={"public_access_block_configuration": "all"},
        seen_as="A public ACL or bucket policy is refused or has no effect, whatever the account's own switches say.",
        exemption="Ask the platform team; public content is served through CloudFront, the bucket stays closed.",
        part=Part(
            {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}},
            "public access is blocked for every bucket",
            lambda observed: observed.get("public_access_block_configuration") == "all",
        ),
        allows=(State("all four switches", {"public_access_block_configuration": "all"}),),
        denies=(
            State("left to the account", {}),
            State("none", {"public_access_block_configuration": "none"}),
        ),
    )
