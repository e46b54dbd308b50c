"""kms.del: a key takes its time to go."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, TEAM_ADMIN
from vending.core.company import Company

DAYS = "30"
KEY = "kms:ScheduleKeyDeletionPendingWindowInDays"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """30 days are the longest window KMS knows, and what it takes when nothing is said."""
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return Guardrail(
        id="kms.del",
        title="Keys are deleted after 30 days at the earliest",
        intent="With a key goes everything it encrypted; a month is time to notice.",
        mechanism=Mechanism.SCP,
        ou_classes=("prod", "regulated"),
        frameworks=("≈CIS v3 3.6", "NIST 800-53 SC-12"),
        parameters={"days": int(DAYS)},
        seen_as="Scheduling a key's deletion with a shorter waiting period answers AccessDenied.",
        exemption="No exemption is needed: leave the waiting period out.",
        statements=(
            Deny(
                "KmsDel",
                actions=("kms:ScheduleKeyDeletion",),
                condition={"NumericLessThan": {KEY: DAYS}, **EXEMPTION},
            ),
        ),
        allows=(
            Call("a team gives a key 30 days", TEAM_ADMIN, "kms:ScheduleKeyDeletion", key, {KEY: "30"}),
            Call("a team says nothing", TEAM_ADMIN, "kms:ScheduleKeyDeletion", key),
        ),
        denies=(Call("a team gives a key a week", TEAM_ADMIN, "kms:ScheduleKeyDeletion", key, {KEY: "7"}),),
    )
