"""share.direct: snapshots, images and documents are not handed out."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = (
    "ec2:ModifyFpgaImageAttribute",
    "ec2:ModifyImageAttribute",
    "ec2:ModifySnapshotAttribute",
    "rds:ModifyDBClusterSnapshotAttribute",
    "rds:ModifyDBSnapshotAttribute",
    "redshift:AuthorizeDataShare",
    "redshift:AuthorizeEndpointAccess",
    "redshift:AuthorizeSnapshotAccess",
    "ssm:ModifyDocumentPermission",
)
"""The calls whose only use is to let another account in, and which know no condition on who that is."""


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Whole actions: none of them can be told by a condition which account is let in."""
    snapshot = f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:ledger-nightly"
    return Guardrail(
        id="share.direct",
        title="No snapshots, images or documents to other accounts",
        intent="A snapshot shared once carries the whole database away, and no log shows who copied it.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("≈NIST 800-53 AC-21",),
        seen_as="Sharing a snapshot, an image or a document answers AccessDenied, even with another account of yours.",
        exemption="Ask the platform team: it copies what has to go to another account.",
        statements=(Deny("ShareDirect", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team copies a snapshot", TEAM_ADMIN, "ec2:CopySnapshot"),
            Call("the platform shares an image", PLATFORM, "ec2:ModifyImageAttribute"),
        ),
        denies=(
            Call("a team shares a snapshot", TEAM_ADMIN, "ec2:ModifySnapshotAttribute"),
            Call("a workload shares a database snapshot", TEAM_WORKLOAD, "rds:ModifyDBSnapshotAttribute", snapshot),
            Call("a team publishes a document", TEAM_ADMIN, "ssm:ModifyDocumentPermission"),
        ),
    )
