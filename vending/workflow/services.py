"""What the steps of the workflow work with, handed in once."""

from dataclasses import dataclass

from vending.core.aws import Aws, Client
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.signing import Signer
from vending.core.table import Table
from vending.ports import Baseline
from vending.requests.engine import Engine
from vending.requests.record import Record, Records


@dataclass(frozen=True)
class Services:
    """Clients, stores and clock; nothing here is made on import."""

    aws: Aws
    company: Company
    table: Table
    records: Records
    baseline: Baseline
    engine: Engine
    clock: Clock
    signer: Signer

    @property
    def organizations(self) -> Client:
        """AWS Organizations in the management account."""
        return self.aws.client("organizations")

    def ou_of(self, record: Record) -> str:
        """Name of the OU where the account is to live."""
        return self.company.ou_of(record.asked.template)
