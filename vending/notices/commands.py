"""`freehold notices`: what people were told, and whether it reached them."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vending.core.output import Output, print_items
from vending.core.rest import Rest
from vending.core.settings import Settings

COLUMNS = ("written_at", "event", "subject", "reached", "not_reached")


def notices(
    failed: Annotated[bool, typer.Option("--failed", help="Only those that did not reach somebody.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.TABLE,
) -> None:
    """List what people were told about what you may see, newest first."""
    found = Rest.from_settings(Settings()).items("/notices", failed=failed)
    print_items(found if output is Output.JSON else map(_row, found), COLUMNS, output)


def _row(letter: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the table: who it reached, and whom not and why."""
    reached = [copy["address"] for copy in letter["deliveries"] if copy["state"] == "sent"]
    missed = [
        f"{copy['address'] or copy['audience']['kind']} ({copy['error'] or copy['state']})"
        for copy in letter["deliveries"]
        if copy["state"] != "sent"
    ]
    told = {name: letter[name] for name in ("written_at", "event", "subject")}
    return {**told, "reached": ", ".join(reached), "not_reached": "; ".join(missed)}
