"""What a run found, as files on disk: any amount of it, and it can be merged again and again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import IO, Any

from audit.estate import AuditedAccount
from audit.finding import Control, Observation, Reading, Seen, Told, Unchanged, Unknown
from vending.core.clock import to_text

OUTCOMES = {Seen: "seen", Told: "told", Unchanged: "unchanged", Unknown: "unknown"}
CELLS = ".cells.jsonl"
OBSERVATIONS = ".observations.jsonl"


@dataclass(frozen=True)
class Batch:
    """A folder of JSON lines: each part of a run has a file of cells and one of observations.

    Beside them: the controls, the accounts with their owners now, and the names of the sources that took part.
    """

    folder: Path
    sources: tuple[str, ...]
    whole: bool = True
    """Whether this is all that the sources know, so that what is not among the cells is gone; False for events."""

    @property
    def cells(self) -> tuple[Path, ...]:
        """One line a cell: its outcome and reason."""
        return tuple(sorted(self.folder.glob(f"*{CELLS}")))

    @property
    def observations(self) -> tuple[Path, ...]:
        """One line a resource of a cell that was seen."""
        return tuple(sorted(self.folder.glob(f"*{OBSERVATIONS}")))

    @property
    def controls(self) -> Path:
        """One line a control."""
        return self.folder / "controls.jsonl"

    @property
    def accounts(self) -> Path:
        """One line an account, with its owner now."""
        return self.folder / "accounts.jsonl"

    def part(self, name: str) -> tuple[Path, Path]:
        """The two files of a part."""
        return self.folder / f"{name}{CELLS}", self.folder / f"{name}{OBSERVATIONS}"

    def describe(self, controls: Iterable[Control], accounts: Iterable[AuditedAccount]) -> None:
        """Write down what the controls are and who owns the accounts."""
        _write_lines(self.controls, map(_control_line, controls))
        _write_lines(self.accounts, ({"account_id": a.account_id, "team": a.team, "ou": a.ou} for a in accounts))


class BatchWriter:
    """Writes readings down as they come, and counts cells."""

    def __init__(self, cells: IO[str], observations: IO[str]) -> None:
        self.controls: set[tuple[str, str]] = set()
        self.expected = 0
        self.observed = 0
        self.strange = 0
        """Answers that have no meaning here: a run with any of them is partial."""
        self._cells = cells
        self._observations = observations

    def add(self, reading: Reading) -> None:
        """One more cell."""
        cell, answer = reading.cell, reading.answer
        self.expected += 1
        self.observed += not isinstance(answer, Unknown)
        self.strange += isinstance(answer, Unknown) and answer.strange
        self.controls.add((cell.source, cell.control_id))
        head = (
            f'{{"source": {quoted(cell.source)}, "control_id": {quoted(cell.control_id)}, "account_id": '
            f'{quoted(cell.account_id)}, "region": {quoted(cell.region)}, "observed_at": "{_text(reading.observed_at)}"'
        )
        reason = answer.reason if isinstance(answer, Unknown) else ""
        self._cells.write(f'{head}, "outcome": "{OUTCOMES[type(answer)]}", "reason": {quoted(reason)}}}\n')
        if isinstance(answer, (Seen, Told)):
            self._observations.writelines(f"{head}, {_about(seen)}\n" for seen in answer.observations)
            self.strange += sum(seen.strange for seen in answer.observations)


@contextmanager
def write_batch(batch: Batch, part: str = "run") -> Iterator[BatchWriter]:
    """A writer of one part into the batch's folder."""
    cells_path, observations_path = batch.part(part)
    with cells_path.open("w") as cells, observations_path.open("w") as observations:
        yield BatchWriter(cells, observations)


def _about(seen: Observation) -> str:
    """A line's end, put together by hand: a million of them are written in a run."""
    ou = "null" if seen.ou is None else quoted(seen.ou)
    return (
        f'"resource_id": {quoted(seen.resource_id)}, "resource_type": {quoted(seen.resource_type)}, "state": '
        f'"{seen.state.value}", "reason": {quoted(seen.reason)}, "valid_at": "{_text(seen.valid_at)}", "ou": {ou}}}'
    )


@lru_cache(maxsize=1024)
def _text(moment: datetime) -> str:
    return to_text(moment)


def _control_line(control: Control) -> dict[str, Any]:
    return {
        "source": control.source,
        "control_id": control.control_id,
        "title": control.title,
        "severity": control.severity.value,
        "frameworks": list(control.frameworks),
        "intent": control.intent or None,
    }


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w") as out:
        out.writelines(f"{json.dumps(line)}\n" for line in lines)
