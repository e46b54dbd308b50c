"""The commands about requests, accounts and the company file. All but `config` call the REST API."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from vending.core.company import Company, load_company
from vending.core.errors import BadInput, FieldError, FreeholdError
from vending.core.output import Output, print_items, print_json, print_thing, say
from vending.core.rest import Rest
from vending.core.settings import Settings
from vending.requests.files import read_file

request = typer.Typer(no_args_is_help=True)
config = typer.Typer(no_args_is_help=True)

OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
RequestId = Annotated[str, typer.Argument(metavar="ID", help="Id of a request.")]
RequestFile = Annotated[Path, typer.Argument(metavar="FILE", help="A request as YAML or JSON.")]

REQUEST_COLUMNS = ("id", "state", "team", "name", "template", "account_id", "position", "waiting_for")
BREAK_GLASS_COLUMNS = ("request_id", "team", "name", "by", "at", "reason")
CHECK_COLUMNS = ("id", "holds", "found")
PLAN_COLUMNS = ("step", "seconds", "calls")
ENDED = frozenset({"ready", "parked", "rejected", "cancelled"})
LOOK_SECONDS = 1.0


def _rest() -> Rest:
    return Rest.from_settings(Settings())


@request.command()
def submit(
    file: RequestFile,
    key: Annotated[str, typer.Option(help="Idempotency key; a new one if absent.")] = "",
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Ask for the account that a file describes."""
    body = read_file(file)
    if dry_run:
        _print_plan(_rest().post("/account-requests/plan", body), output)
        return
    made = _rest().post("/account-requests", body, {"Idempotency-Key": key or str(uuid.uuid4())})
    print_thing(_summary(made), output) if output is Output.TABLE else print_json(made)


@request.command("plan")
def plan_request(file: RequestFile, output: OutputOption = Output.TABLE) -> None:
    """Show what a request would do, without doing it."""
    _print_plan(_rest().post("/account-requests/plan", read_file(file)), output)


@request.command("list")
def list_requests(
    team: Annotated[str | None, typer.Option(help="Only this team's.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only those in this state; may be repeated.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the requests that you may see, newest first."""
    print_items(_rest().items("/account-requests", team=team, state=state), REQUEST_COLUMNS, output)


@request.command("show")
def show_request(request_id: RequestId, output: OutputOption = Output.TABLE) -> None:
    """Show one request with its timeline."""
    found = _rest().get(f"/account-requests/{request_id}")
    if output is Output.JSON:
        print_json(found)
        return
    print_thing(_summary(found), output)
    print_items(found["timeline"], ("step", "state", "started_at", "ended_at", "detail"), output)


@request.command()
def watch(request_id: RequestId, output: OutputOption = Output.TABLE) -> None:
    """Follow a request until it is ready or needs somebody; exit 0 only when it is ready."""
    said: dict[str, str] = {}
    while True:
        found = _rest().get(f"/account-requests/{request_id}")
        for step in found["timeline"]:
            line = f"{step['state']:8} {step['step']}  {step['detail']}"
            if said.get(step["step"]) != line:
                said[step["step"]] = line
                say(line)
        if found["state"] in ENDED:
            break
        time.sleep(LOOK_SECONDS)
    print_thing(_summary(found), output) if output is Output.TABLE else print_json(found)
    raise typer.Exit(0 if found["state"] == "ready" else 1)


@request.command()
def approve(
    request_id: RequestId,
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="Approve alone, in an emergency; everybody is told.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why the glass is broken.")] = "",
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Agree to a request as it stands now."""
    if reason and not break_glass:
        raise BadInput.of(FieldError("--reason", "only --break-glass takes one", "Leave it out, or add --break-glass."))
    body = {"break_glass": True, "reason": reason} if break_glass else {}
    _decide(request_id, "approve", body, output, dry_run)


@request.command("break-glass")
def list_break_glass(output: OutputOption = Output.TABLE) -> None:
    """List the requests that somebody approved alone in an emergency, newest first."""
    print_items(_rest().items("/break-glass"), BREAK_GLASS_COLUMNS, output)


@request.command()
def reject(
    request_id: RequestId,
    reason: Annotated[str, typer.Option(help="What the requester reads.")],
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Say no to a request, with a reason."""
    _decide(request_id, "reject", {"reason": reason}, output, dry_run)


@request.command()
def cancel(request_id: RequestId, output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """End a request; once AWS was asked, park its account in quarantine."""
    _act(request_id, "cancel", {}, output, dry_run)


@request.command()
def resume(request_id: RequestId, output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """Take a parked request up again where nothing needs editing."""
    _act(request_id, "resume", {}, output, dry_run)


@request.command()
def edit(
    request_id: RequestId, file: RequestFile, output: OutputOption = Output.TABLE, dry_run: DryRun = False
) -> None:
    """Change the fields that a file names; a parked request is taken up again."""
    rest, patch = _rest(), read_file(file)
    before = rest.answer("GET", f"/account-requests/{request_id}")
    headers = {"If-Match": before.headers["ETag"], "Content-Type": "application/merge-patch+json"}

    def send(**params: bool) -> Any:
        where = f"/account-requests/{request_id}"
        return rest.answer("PATCH", where, content=json.dumps(patch), headers=headers, params=params).json()

    if dry_run:
        changes = {name: value for name, value in patch.items() if before.json().get(name) != value}
        _foretell(before.json(), "edit", send, output, changes=changes)
    after = send()
    print_thing(_summary(after), output) if output is Output.TABLE else print_json(after)


@config.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The company file; FREEHOLD_CONFIG if absent.")
    ] = None,
) -> None:
    """Check the company file; exit 2 with line and reason when something is wrong."""
    path = file or Settings().config
    company = load_company(path)
    say(f"{path} is sound: {len(company.teams)} teams, {len(company.templates)} templates.")


@config.command()
def schema() -> None:
    """Print the JSON Schema of the company file."""
    print_json(Company.model_json_schema())


def _decide(request_id: str, what: str, body: dict[str, Any], output: Output, dry_run: bool) -> None:
    """A decision binds itself to the request as it is read now."""
    found = _rest().get(f"/account-requests/{request_id}")
    _act(request_id, what, {**body, "hash": found["hash"]}, output, dry_run)


def _act(request_id: str, what: str, body: dict[str, Any], output: Output, dry_run: bool) -> None:
    rest = _rest()

    def send(**params: bool) -> Any:
        return rest.answer("POST", f"/account-requests/{request_id}/{what}", json=body, params=params).json()

    if dry_run:
        _foretell(rest.get(f"/account-requests/{request_id}"), what, send, output)
    after = send()
    print_thing(_summary(after), output) if output is Output.TABLE else print_json(after)


def _foretell(found: Mapping[str, Any], what: str, send: Callable[..., Any], output: Output, **more: Any) -> NoReturn:
    """What would come of it, as the portal judges the caller's rights and the request's state; nothing is written.

    The exit code is the one that doing it would give.
    """
    told = {"would": what, "id": found["id"], "state": found["state"]}
    try:
        after = send(dry_run=True)
    except FreeholdError as error:
        print_thing({**told, "allowed": False, "because": error.sentence, **more}, output)
        raise typer.Exit(error.exit_code) from error
    because = f"The request is {found['state']} and would be {after['state']}."
    print_thing({**told, "allowed": True, "state_after": after["state"], "because": because, **more}, output)
    raise typer.Exit


def _print_plan(plan: Mapping[str, Any], output: Output) -> None:
    """What it is, then the steps in order, then what was found out in AWS."""
    if output is not Output.TABLE:
        print_thing(plan, output)
        return
    told = {name: value for name, value in plan.items() if name not in ("steps", "checks", "quota", "guardrails")}
    quota = plan["quota"]
    room = f"1 account; {quota['left']} of {quota['limit']} left" if quota["limit"] else "1 account; room not known"
    print_thing({**told, "costs_in_quota": room, "guardrails": ", ".join(plan["guardrails"])}, output)
    print_items(({**step, "calls": ", ".join(step["calls"])} for step in plan["steps"]), PLAN_COLUMNS, output)
    print_items(plan["checks"], CHECK_COLUMNS, output)


def _summary(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in found.items() if name not in ("timeline", "etag") and value not in (None, [], {})
    }
