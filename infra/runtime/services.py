"""What the workflow works with, without the portal and the audit: a function that has only this starts sooner."""

from guardrails.baseline import AccountBaseline
from infra.runtime.place import Place
from vending.core.company import Company
from vending.core.signing import KmsSigner
from vending.core.table import Table
from vending.requests.record import Records
from vending.workflow.services import Services


def make_services(company: Company, place: Place) -> Services:
    """What the steps of the workflow work with, with nothing read or written yet."""
    table = Table(place.aws, place.table, place.clock)
    records = Records(table, place.clock)
    baseline = AccountBaseline(place.aws, company, place.clock, place.pause)
    signer = KmsSigner(place.aws, place.signing_key)
    return Services(place.aws, company, table, records, baseline, place.engine, place.clock, signer)
