"""How an aggregator stands with an account and region it collects from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SourceState(StrEnum):
    """How the last collection from a source went."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    OUTDATED = "OUTDATED"


@dataclass(frozen=True)
class SourceFault:
    """A source that the aggregator does not hear from: what it shows is what it heard last."""

    state: SourceState
    since: datetime
    error_code: str = ""
    error_message: str = ""
