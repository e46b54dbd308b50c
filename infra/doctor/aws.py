"""Every check of a set-up on AWS, in the order of the deploy guide's steps. None of them changes anything."""

from collections.abc import Iterator

from infra.doctor import landing_zone, organization, own_logs, people, reaching, recording, settings, stacks
from infra.doctor.diagnosis import Check, Diagnosis, Verdict, examine
from infra.doctor.sight import Sight
from vending.core.aws import GLOBAL_REGION
from vending.core.company import Company

MANAGEMENT, PLATFORM = Sight.in_management, Sight.in_platform


def _globally(sight: Sight) -> str:
    return f"management account {sight.deployment.management_account}, {GLOBAL_REGION}"


def _file(sight: Sight) -> str:
    return f"company file of {sight.company.name}"


def _name(sight: Sight) -> str:
    return sight.deployment.portal.domain


def _bucket(sight: Sight) -> str:
    return f"log archive {sight.deployment.log_archive_account}, {sight.company.landing_zone.log_bucket}"


LANDING_ZONE: tuple[Check[Sight], ...] = (
    Check("landing-zone", "landing-zone", MANAGEMENT, landing_zone.landing_zone),
    Check("landing-zone", "landing-zone-version", MANAGEMENT, landing_zone.version),
    Check("landing-zone", "landing-zone-drift", MANAGEMENT, landing_zone.drift),
    Check("landing-zone", "auto-enrolment", MANAGEMENT, landing_zone.auto_enrolment),
    Check("landing-zone", "governed-regions", MANAGEMENT, landing_zone.governed_regions),
)
"""Where there is a Control Tower."""
OWN_LOGS: tuple[Check[Sight], ...] = (
    Check("landing-zone", "organization-trail", MANAGEMENT, own_logs.trail),
    Check("landing-zone", "log-bucket", _bucket, own_logs.log_bucket),
)
"""Where there is none."""
CHECKS: tuple[Check[Sight], ...] = (
    Check("organization", "credentials", MANAGEMENT, organization.credentials),
    Check("organization", "organization", _globally, organization.organization),
    Check("organization", "root", _globally, organization.root, needed=False),
    *LANDING_ZONE,
    *OWN_LOGS,
    Check("ous", "registered-ous", MANAGEMENT, organization.units),
    Check("accounts", "accounts", _globally, organization.accounts),
    Check("accounts", "account-quota", _globally, organization.account_quota),
    Check("accounts", "lambda-quota", PLATFORM, organization.functions_quota),
    Check("accounts", "bootstrap", MANAGEMENT, stacks.bootstrap),
    Check("settings", "stacks-in-management", MANAGEMENT, stacks.settings),
    Check("settings", "trusted-access", _globally, settings.trusted_access),
    Check("settings", "delegated-administrators", _globally, settings.delegations),
    Check("settings", "policy-types", _globally, settings.policy_types),
    Check("people", "permission-sets", MANAGEMENT, people.permission_sets),
    Check("people", "groups", MANAGEMENT, people.groups),
    Check("people", "signing-in", _file, people.signing_in),
    Check("door", "certificate", PLATFORM, people.certificate),
    Check("door", "code-connection", PLATFORM, people.connection),
    Check("stacks", "stacks", PLATFORM, stacks.others),
    Check("config", "aggregator", PLATFORM, recording.aggregator),
    Check("config", "aggregator-sources", PLATFORM, recording.sources),
    Check("config", "recorders", PLATFORM, recording.recorders),
    Check("config", "forwarding", PLATFORM, recording.forwarding, needed=False),
    Check("notices", "sender", PLATFORM, reaching.sender),
    Check("notices", "ses-sandbox", PLATFORM, reaching.sandbox),
    Check("notices", "subscriptions", PLATFORM, reaching.subscriptions),
    Check("portal", "portal", _name, reaching.portal),
)


def checks_of(company: Company) -> tuple[Check[Sight], ...]:
    """Those that a company's organisation has to pass."""
    others = OWN_LOGS if company.landing_zone.control_tower else LANDING_ZONE
    return tuple(check for check in CHECKS if check not in others)


def look(sight: Sight) -> Iterator[Diagnosis]:
    """Every check; only the first, where that says that the credentials are the wrong ones or none."""
    first, *others = checks_of(sight.company)
    found = tuple(examine((first,), sight))
    yield from found
    if all(one.state is Verdict.OK for one in found):
        yield from examine(others, sight)
        return
    for check in others:
        what, then = "Nobody was asked, because of the credentials.", f"Mend the check “{first.id}” first."
        yield Diagnosis(check.step, check.id, Verdict.UNKNOWN, what, check.where(sight), then, check.needed)
