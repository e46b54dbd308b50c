"""The commands of waivers. All call the REST API of `FREEHOLD_URL`."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Annotated

import typer

from vending.core.errors import BadInput, FieldError
from vending.core.output import Output, print_items, print_json, print_thing, say
from vending.core.rest import Rest
from vending.core.settings import Settings

COLUMNS = ("id", "state", "control_id", "team", "ou", "account_id", "resource_id", "findings", "owner", "expires_at")
FIELDS = (
    "id",
    "control_id",
    "account_id",
    "resource_id",
    "ou",
    "team",
    "reason",
    "ticket",
    "owner",
    "approver",
    "expires_at",
    "state",
)
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The waiver.")]

waiver = typer.Typer(no_args_is_help=True, help="Look at a waiver, approve it, end it.")


def _rest() -> Rest:
    return Rest.from_settings(Settings())


def waive(
    control: Annotated[str, typer.Option(help="The control's id, or the name the rule was given.")],
    reason: Annotated[str, typer.Option(help="Why the failure is accepted for now.")],
    ticket: Annotated[str, typer.Option(help="Where the mending is tracked.")],
    expires: Annotated[str, typer.Option(help="When it ends: a moment in ISO 8601, or days from now like 30d.")],
    account: Annotated[str | None, typer.Option(help="Only in this account.")] = None,
    resource: Annotated[str | None, typer.Option(help="Only this resource.")] = None,
    ou: Annotated[str | None, typer.Option(help="Only in the OU of this name.")] = None,
    team: Annotated[str | None, typer.Option(help="Only what this team owns.")] = None,
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Propose a waiver, which covers nothing before another person approves it."""
    rest = _rest()
    asked = {
        "control_id": control,
        "account_id": account,
        "resource_id": resource,
        "ou": ou,
        "team": team,
        "reason": reason,
        "ticket": ticket,
        "expires_at": _moment(rest, expires),
    }
    body = {name: value for name, value in asked.items() if value is not None}
    if dry_run:
        scope = ", ".join(body[name] for name in ("team", "ou", "account_id", "resource_id") if name in body)
        say(f"Would propose a waiver of {control} for {scope or 'nobody'} until {body['expires_at']}.")
        return
    made = rest.post("/waivers", body, {"Idempotency-Key": str(uuid.uuid4())})
    say(f"Another person has to approve it: freehold audit waiver approve {made['id']}")
    _show(made, output)


def waivers(
    state: Annotated[list[str] | None, typer.Option(help="proposed, active, expired or revoked.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the waivers that can cover something of yours, the newest first."""
    found = _rest().items("/waivers", limit=200, **({"state": state} if state else {}))
    print_items(found, FIELDS if output is Output.CSV else COLUMNS, output)


@waiver.command()
def show(waiver_id: Id, output: OutputOption = Output.TABLE) -> None:
    """Show a waiver."""
    _show(_rest().get(f"/waivers/{waiver_id}"), output)


@waiver.command()
def approve(waiver_id: Id, output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """Agree to exactly what was proposed; never as its owner."""
    rest = _rest()
    found = rest.get(f"/waivers/{waiver_id}")
    if dry_run:
        say(f"Would approve the {found['state']} waiver of {found['control_id']} by {found['owner']}.")
        return
    _show(rest.post(f"/waivers/{waiver_id}/approve", {"hash": found["hash"]}), output)


@waiver.command()
def revoke(waiver_id: Id, output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """End a waiver, or refuse or withdraw a proposed one: what it covered fails again."""
    rest = _rest()
    if dry_run:
        found = rest.get(f"/waivers/{waiver_id}")
        covers = f"which covers {found['findings']} findings"
        say(f"Would end the {found['state']} waiver of {found['control_id']}, {covers}.")
        return
    _show(rest.answer("DELETE", f"/waivers/{waiver_id}").json(), output)


def _show(found: dict[str, object], output: Output) -> None:
    if output is Output.JSON:
        print_json(found)
    else:
        print_thing(found, output)


def _moment(rest: Rest, text: str) -> str:
    """Days are counted from now as the portal knows it: on a laptop its time runs ahead of the machine's."""
    if days := re.fullmatch(r"(\d{1,4})d", text):
        ((now,),) = rest.post("/findings/query", {"sql": "SELECT now()"})["rows"]
        return (datetime.fromisoformat(now) + timedelta(days=int(days[1]))).isoformat(timespec="seconds")
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        remedy = "Write it like 2026-12-31, 2026-12-31T12:00:00Z or 30d."
        raise BadInput.of(FieldError("--expires", f"{text!r} is no moment in time", remedy)) from error
