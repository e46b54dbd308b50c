"""ebs.enc.lock: default encryption of volumes stays on."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = ("ec2:DisableEbsEncryptionByDefault", "ec2:ModifyEbsDefaultKmsKeyId", "ec2:ResetEbsDefaultKmsKeyId")


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The lock to the setting `ebs.enc`."""
    return Guardrail(
        id="ebs.enc.lock",
        title="Default EBS encryption stays on",
        intent="With encryption by default nobody has to remember it, as long as nobody can switch it off.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.2.1", "CIS v5 5.1.1", "NIST 800-53 SC-28"),
        seen_as="Switching EBS encryption by default off, or changing its default key, answers AccessDenied.",
        exemption="Ask the platform team for another default key. A single volume may name a key of yours at any time.",
        statements=(Deny("EbsEncLock", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team switches it on", TEAM_ADMIN, "ec2:EnableEbsEncryptionByDefault"),
            Call("a team makes a volume", TEAM_ADMIN, "ec2:CreateVolume"),
            Call("the platform sets the default key", PLATFORM, "ec2:ModifyEbsDefaultKmsKeyId"),
        ),
        denies=(
            Call("a team switches it off", TEAM_ADMIN, "ec2:DisableEbsEncryptionByDefault"),
            Call("a workload changes the default key", TEAM_WORKLOAD, "ec2:ModifyEbsDefaultKmsKeyId"),
        ),
    )
