"""Managed rules about the account itself."""

from collections.abc import Iterable

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict, judge_account


def judge_security_contact(place: Place, _: Setting) -> Iterable[Verdict]:
    """The account names somebody for AWS to tell about security."""
    given = place.account is not None and "SECURITY" in place.account.alternate_contacts
    return judge_account(place, given, "Security contact information is not provided.")


RULES = (ManagedRule("SECURITY_ACCOUNT_INFORMATION_PROVIDED", (ACCOUNT,), Trigger.PERIODIC, judge_security_contact),)
