"""Managed rules about the account itself."""

from collections.abc import Iterable

from moto.account.exceptions import UnspecifiedContactType

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict, judge_account


def judge_security_contact(place: Place, _: Setting) -> Iterable[Verdict]:
    """The account names somebody for AWS to tell about security."""
    return judge_account(place, _has_security_contact(place), "Security contact information is not provided.")


def _has_security_contact(place: Place) -> bool:
    if place.account is None:
        return False
    try:
        place.account.get_alternate_contact("SECURITY")
    except UnspecifiedContactType:
        return False
    return True


RULES = (ManagedRule("SECURITY_ACCOUNT_INFORMATION_PROVIDED", (ACCOUNT,), Trigger.PERIODIC, judge_security_contact),)
