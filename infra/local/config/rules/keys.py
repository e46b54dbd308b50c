"""Managed rules about KMS keys."""

from collections.abc import Iterator

from infra.local.config.place import Place
from infra.local.config.rule import ManagedRule, Setting, Trigger, Verdict, judge

KEY = "AWS::KMS::Key"
ROTATABLE = "SYMMETRIC_DEFAULT"
PENDING_DELETION = "PendingDeletion"


def judge_rotation(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each enabled symmetric key made by KMS rotates its material every year."""
    for key in place.customer_keys:
        if key.key_spec == ROTATABLE and key.origin == "AWS_KMS" and key.key_state == "Enabled":
            yield judge(KEY, key.id, bool(key.key_rotation_status), "Key rotation is not enabled.")


def judge_deletion(place: Place, setting: Setting) -> Iterator[Verdict]:
    """No key is waiting for its deletion."""
    watched = setting.listed("kmsKeyIds")
    for key in place.customer_keys:
        if not watched or key.id in watched:
            yield judge(KEY, key.id, key.key_state != PENDING_DELETION, "The key is scheduled for deletion.")


RULES = (
    ManagedRule("CMK_BACKING_KEY_ROTATION_ENABLED", (KEY,), Trigger.PERIODIC, judge_rotation),
    ManagedRule("KMS_CMK_NOT_SCHEDULED_FOR_DELETION", (KEY,), Trigger.PERIODIC, judge_deletion),
)
