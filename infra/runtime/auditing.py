"""The audit put together for a function that has no portal: it starts sooner."""

from audit.service import Audit, VaultPlace
from infra.runtime.place import Place
from infra.runtime.services import make_services
from vending.core.company import Company
from vending.core.organization import OrganizationReader
from vending.lifecycle.accounts import Accounts


def make_audit(company: Company, place: Place) -> Audit:
    """The audit of one company, working in `place`, with nothing read or written yet."""
    services = make_services(company, place)
    accounts = Accounts(services, OrganizationReader(place.aws, place.clock), dict)
    vault = VaultPlace(place.evidence, services.signer)
    return Audit(
        place.aws, company, place.clock, accounts, place.bucket, place.cache, services.table, vault, place.pause
    )
