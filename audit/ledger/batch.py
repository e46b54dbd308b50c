"""What a run found, as files on disk: any amount of it, and it can be merged again and again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from audit.estate import AuditedAccount
from audit.finding import Control, Reading, Seen, Unchanged, Unknown
from vending.core.clock import to_text

OUTCOMES = {Seen: "seen", Unchanged: "unchanged", Unknown: "unknown"}


@dataclass(frozen=True)
class Batch:
    """A folder of JSON lines: cells, observations, controls, accounts; and which sources took part."""

    folder: Path
    sources: tuple[str, ...]

    @property
    def cells(self) -> Path:
        """One line a cell: its outcome and reason."""
        return self.folder / "cells.jsonl"

    @property
    def observations(self) -> Path:
        """One line a resource of a cell that was seen."""
        return self.folder / "observations.jsonl"

    @property
    def controls(self) -> Path:
        """One line a control."""
        return self.folder / "controls.jsonl"

    @property
    def accounts(self) -> Path:
        """One line an account, with its owner now."""
        return self.folder / "accounts.jsonl"

    def describe(self, controls: Iterable[Control], accounts: Iterable[AuditedAccount]) -> None:
        """Write down what the controls are and who owns the accounts."""
        _write_lines(self.controls, map(_control_line, controls))
        _write_lines(self.accounts, ({"account_id": a.account_id, "team": a.team, "ou": a.ou} for a in accounts))


class BatchWriter:
    """Writes readings down as they come; `expected` and `observed` count cells."""

    def __init__(self, cells: IO[str], observations: IO[str]) -> None:
        self.controls: set[tuple[str, str]] = set()
        self.expected = 0
        self.observed = 0
        self._cells = cells
        self._observations = observations

    def add(self, reading: Reading) -> None:
        """One more cell."""
        cell, answer = reading.cell, reading.answer
        self.expected += 1
        self.observed += not isinstance(answer, Unknown)
        self.controls.add((cell.source, cell.control_id))
        where = {
            "source": cell.source,
            "control_id": cell.control_id,
            "account_id": cell.account_id,
            "region": cell.region,
            "observed_at": to_text(reading.observed_at),
        }
        reason = answer.reason if isinstance(answer, Unknown) else ""
        _write_line(self._cells, {**where, "outcome": OUTCOMES[type(answer)], "reason": reason})
        for seen in answer.observations if isinstance(answer, Seen) else ():
            about = {
                "resource_id": seen.resource_id,
                "resource_type": seen.resource_type,
                "state": seen.state.value,
                "reason": seen.reason,
                "valid_at": to_text(seen.valid_at),
                "ou": seen.ou,
            }
            _write_line(self._observations, {**where, **about})


@contextmanager
def write_batch(batch: Batch) -> Iterator[BatchWriter]:
    """A writer into the batch's folder."""
    with batch.cells.open("w") as cells, batch.observations.open("w") as observations:
        yield BatchWriter(cells, observations)


def _control_line(control: Control) -> dict[str, Any]:
    return {
        "source": control.source,
        "control_id": control.control_id,
        "title": control.title,
        "severity": control.severity.value,
        "frameworks": list(control.frameworks),
    }


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w") as out:
        for line in lines:
            _write_line(out, line)


def _write_line(out: IO[str], line: Mapping[str, Any]) -> None:
    out.write(json.dumps(line))
    out.write("\n")
