"""AWS's control catalogue, kept in the ledger's bucket: it only changes when AWS releases controls."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from audit.calls import Calls
from audit.catalogue import Catalogue, read_catalogue
from audit.ledger.store import Store
from vending.core.clock import Clock

KEY = "catalogue.json"
FRESH = timedelta(days=1)


class KeptCatalogue(BaseModel):
    """A catalogue with the time it was read."""

    model_config = ConfigDict(frozen=True)

    read_at: datetime
    catalogue: Catalogue


def recall_catalogue(calls: Calls, store: Store, clock: Clock) -> Catalogue:
    """The catalogue as it was read within a day, else read anew.

    Raises:
        AwsFailed: as the control catalogue or S3 answers.
    """
    now = clock.now()
    found = store.read(KEY)
    try:
        kept = KeptCatalogue.model_validate_json(found.body) if found else None
    except ValidationError:
        kept = None  # of an earlier version, or cut off: it is read again
    if kept and timedelta() <= now - kept.read_at < FRESH:
        return kept.catalogue
    catalogue = read_catalogue(calls)
    store.write(KEY, KeptCatalogue(read_at=now, catalogue=catalogue).model_dump_json().encode())
    return catalogue
