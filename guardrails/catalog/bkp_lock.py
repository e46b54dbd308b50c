"""bkp.lock: backups outlive whoever holds the account."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:PutBackupVaultAccessPolicy",
    "backup:UpdateRecoveryPointLifecycle",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Deleting, hiding and shortening; making backups and restoring stays free."""
    point = f"arn:aws:backup:eu-west-1:{ACCOUNT}:recovery-point:1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"
    return Guardrail(
        id="bkp.lock",
        title="Backups cannot be deleted",
        intent="Ransomware deletes the backups first.",
        mechanism=Mechanism.SCP,
        ou_classes=("prod", "regulated"),
        frameworks=("≈NIST 800-53 CP-9",),
        seen_as="Deleting a recovery point or a vault, or shortening a backup's life, answers AccessDenied.",
        exemption="Ask the platform team; backups end by their plan's own lifecycle without anybody's doing.",
        statements=(Deny("BkpLock", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team starts a backup", TEAM_ADMIN, "backup:StartBackupJob"),
            Call("a team restores", TEAM_ADMIN, "backup:StartRestoreJob", point),
            Call("the platform deletes a recovery point", PLATFORM, "backup:DeleteRecoveryPoint", point),
        ),
        denies=(
            Call("a team deletes a recovery point", TEAM_ADMIN, "backup:DeleteRecoveryPoint", point),
            Call("a workload deletes a vault", TEAM_WORKLOAD, "backup:DeleteBackupVault"),
            Call("a team shortens a backup's life", TEAM_ADMIN, "backup:UpdateRecoveryPointLifecycle", point),
        ),
    )
