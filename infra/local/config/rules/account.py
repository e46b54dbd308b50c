"""Managed rules about the account itself."""

from collections.abc import Iterable

from infra.local.accessanalyzer.models import accessanalyzer_backends
from infra.local.config.place import Place, existing
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict, judge_account
from infra.local.organizations.models import organizations


def judge_security_contact(place: Place, _: Setting) -> Iterable[Verdict]:
    """The account names somebody for AWS to tell about security."""
    given = place.account is not None and "SECURITY" in place.account.alternate_contacts
    return judge_account(place, given, "Security contact information is not provided.")


def judge_membership(place: Place, _: Setting) -> Iterable[Verdict]:
    """The account belongs to an organisation."""
    member = place.account_id in {account.id for account in organizations().organization.accounts}
    return judge_account(place, member, "The account is not part of AWS Organizations.")


def judge_analyzer(place: Place, _: Setting) -> Iterable[Verdict]:
    """An analyzer of external access is in the region."""
    held = existing(accessanalyzer_backends, place.account_id, place.region)
    return judge_account(place, bool(held and held.analyzers), "There is no external access analyzer in this Region.")


RULES = (
    ManagedRule("SECURITY_ACCOUNT_INFORMATION_PROVIDED", (ACCOUNT,), Trigger.PERIODIC, judge_security_contact),
    ManagedRule("ACCOUNT_PART_OF_ORGANIZATIONS", (ACCOUNT,), Trigger.PERIODIC, judge_membership),
    ManagedRule("IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED", (ACCOUNT,), Trigger.PERIODIC, judge_analyzer),
)
