"""Why a change must not be made."""

from dataclasses import dataclass
from enum import StrEnum


class Gate(StrEnum):
    """The gates that every document and every intermediate state passes."""

    LOCKOUT = "lockout"
    CLOSURE = "closure"
    SIZE = "size"
    SLOTS = "slots"
    GHOST = "ghost"


@dataclass(frozen=True)
class Objection:
    """One reason, in a sentence that names the call, the statement or the number."""

    gate: Gate
    sentence: str
