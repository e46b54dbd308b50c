"""What the doctor finds: fine, missing or unknown, in words, and what to do next. What cannot be asked is unknown."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from vending.core.errors import AwsDenied, AwsFailed

Patient = TypeVar("Patient")


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Seen:
    """One answer of a check."""

    verdict: Verdict
    what: str
    next: str = ""
    """What to do; empty where all is well."""
    where: str = ""
    """The account and region, file or address; empty: where the check as a whole looks."""


@dataclass(frozen=True)
class Check(Generic[Patient]):
    """One thing to look at."""

    step: str
    """Of the deploy guide; `laptop` for a check on a laptop."""
    id: str
    where: Callable[[Patient], str]
    look: Callable[[Patient], Iterable[Seen]]
    """Raises AwsFailed when AWS does not tell."""
    needed: bool = True
    """Whether Freehold does not work without."""


@dataclass(frozen=True)
class Diagnosis:
    """What became of a check."""

    step: str
    check: str
    state: Verdict
    what: str
    where: str
    next: str
    needed: bool

    @property
    def well(self) -> bool:
        """Whether nothing has to be done."""
        return self.state is Verdict.OK or not self.needed

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def fine(what: str, where: str = "") -> Seen:
    """As it should be."""
    return Seen(Verdict.OK, what, where=where)


def missing(what: str, then: str, where: str = "") -> Seen:
    """Not there, or not as it should be."""
    return Seen(Verdict.MISSING, what, then, where)


def unknown(what: str, then: str, where: str = "") -> Seen:
    """Nobody knows."""
    return Seen(Verdict.UNKNOWN, what, then, where)


def examine(checks: Iterable[Check[Patient]], patient: Patient) -> Iterator[Diagnosis]:
    """Every check in its order; one that cannot be carried out stops none of the others."""
    for check in checks:
        for seen in _look(check, patient):
            where = seen.where or check.where(patient)
            yield Diagnosis(check.step, check.id, seen.verdict, seen.what, where, seen.next, check.needed)


def _look(check: Check[Patient], patient: Patient) -> Iterator[Seen]:
    try:
        yield from check.look(patient)
    except AwsFailed as error:
        yield unanswered(error)


def unanswered(error: AwsFailed) -> Seen:
    """AWS did not tell."""
    if (error.service, error.operation) == ("sts", "AssumeRole"):
        return unknown("The account cannot be looked into.", "Mend the check “accounts” of step 4 first.")
    if isinstance(error, AwsDenied):
        asked = f"{error.service}:{error.operation}"
        return unknown(error.sentence, f"Let these credentials call {asked}: AWS's policy ReadOnlyAccess is enough.")
    return unknown(error.sentence, error.remedy)
