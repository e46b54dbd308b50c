"""What a run's manifest says, and the object it is kept in: its key holds its SHA-256, the ledger holds its key."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from audit.evidence.page import Page
from audit.ledger.head import Head
from audit.run import Run
from vending.core.errors import FreeholdError
from vending.core.signing import Signature, canonical

FORMAT = 1


class DamagedManifest(FreeholdError):
    """The manifest is not one, or not the one that was sealed."""

    code = "damaged-manifest"


class Pack(BaseModel):
    """An object of pages: the answers that one part of a run was made of."""

    model_config = ConfigDict(frozen=True)

    key: str
    part: str
    sha256: str
    size: int
    pages: tuple[Page, ...]


class Manifest(BaseModel):
    """Everything that a run's numbers follow from."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    company: str
    run: Run
    """Its record, with the numbers of the report."""
    sealed_at: datetime
    versions: Mapping[str, str]
    packs: tuple[Pack, ...]
    before: Head
    """The ledger that the run's findings were merged into."""
    after: Head

    @property
    def content(self) -> bytes:
        """What is signed."""
        return canonical(self.model_dump(mode="json"))

    @property
    def key(self) -> str:
        """Where it is kept."""
        return f"{folder_of(self.run.id)}manifest-{hashlib.sha256(self.content).hexdigest()}.json"


class Sealed(BaseModel):
    """A manifest with its signature, as it is kept."""

    model_config = ConfigDict(frozen=True)

    manifest: Manifest
    signature: Signature

    @classmethod
    def read(cls, body: bytes, key: str) -> "Sealed":
        """The object of a key.

        Raises:
            DamagedManifest: when it is none.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise DamagedManifest(
                f"The manifest {key} cannot be read: {where or 'it is no JSON'}: {error.errors()[0]['msg']}.",
                "It was altered. An earlier version of the object may be whole.",
            ) from error


def folder_of(run_id: str) -> str:
    """Where everything of a run is kept."""
    return f"runs/{run_id}/"


def packs_of(run_id: str) -> str:
    """Where a run's packs are kept."""
    return f"{folder_of(run_id)}pages/"
