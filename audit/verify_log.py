"""`freehold audit verify-log`: every entry is read and checked here, so that nobody's word is taken for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from vending.core.chain import Flaw, Head, flaws
from vending.core.errors import BadInput, FieldError
from vending.core.output import Output, print_json, print_thing
from vending.core.rest import Rest
from vending.core.settings import Settings
from vending.core.table import Entry

PAGE = 1000


def verify_log(
    anchor: Annotated[
        Path | None, typer.Option(help="What an earlier run printed as JSON: what stood then must stand still.")
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.TABLE,
) -> None:
    """Prove that no entry of the audit log was altered or removed; exit 1 and name it if one was."""
    before = _anchor(anchor) if anchor else None
    rest = Rest.from_settings(Settings())
    head = rest.get("/log/head")
    reading = Reading(head["seq"], before.seq if before else 0)
    found = list(flaws(reading.entries(rest), Head(head["seq"], head["hash"])))
    if before and reading.anchored != before.hash:
        found.append(Flaw(before.seq, f"Entry {before.seq} or one before it is not what it was: {anchor} says so."))
    told = {
        "whole": not found,
        "entries": reading.count,
        **head,
        "flaws": [vars(flaw) for flaw in found],
    }
    if output is Output.JSON:
        print_json(told)
    else:
        print_thing({name: value for name, value in told.items() if name != "signature"}, output)
    raise typer.Exit(1 if found else 0)


class Reading:
    """Goes through the log up to the head that was read first, and remembers what it passed."""

    def __init__(self, last: int, anchor: int) -> None:
        self._last = last
        self._anchor = anchor
        self.count = 0
        self.anchored: str | None = None
        """The hash of the entry that the anchor names."""

    def entries(self, rest: Rest) -> Iterator[Entry]:
        """Each entry, its hash computed anew from what it says."""
        for line in rest.items("/log", limit=PAGE):
            entry = Entry(**{name: value for name, value in line.items() if name != "hash"})
            if entry.seq > self._last:
                return
            self.count += 1
            if entry.seq == self._anchor:
                self.anchored = entry.hash
            yield entry


def _anchor(path: Path) -> Head:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Head(int(kept["seq"]), str(kept["hash"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "Give what `freehold audit verify-log --output json` printed."
        raise BadInput.of(FieldError("--anchor", f"{path} holds no earlier result: {error}", remedy)) from error
