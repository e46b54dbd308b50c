"""The commands about accounts. All but `check-evidence` call the REST API."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from vending.core.errors import BadInput, FieldError, why_unreadable
from vending.core.output import Output, print_items, print_json, print_thing, say
from vending.core.rest import Rest
from vending.core.settings import Settings

account = typer.Typer(no_args_is_help=True)

OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read, and keep nothing.")]
AccountId = Annotated[str, typer.Argument(metavar="ID", help="Id of an account.")]

ACCOUNT_COLUMNS = ("account_id", "name", "team", "ou", "template", "state", "compliance")
EVIDENCE_COLUMNS = ("id", "holds", "expected", "found", "read_at")


def _rest() -> Rest:
    return Rest.from_settings(Settings())


@account.command("list")
def list_accounts(
    team: Annotated[str | None, typer.Option(help="Only this team's.")] = None, output: OutputOption = Output.TABLE
) -> None:
    """List the accounts that you may see."""
    print_items(_rest().items("/accounts", team=team), ACCOUNT_COLUMNS, output)


@account.command("show")
def show_account(account_id: AccountId, output: OutputOption = Output.TABLE) -> None:
    """Show one account."""
    print_thing(_rest().get(f"/accounts/{account_id}"), output)


@account.command("verify")
def verify_account(account_id: AccountId, output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """Read everything promised back from the account; exit 1 when something does not hold."""
    where = f"/accounts/{account_id}/verify"
    _show(_rest().answer("POST", where, params={"dry_run": dry_run}).json(), output)


@account.command()
def evidence(account_id: AccountId, output: OutputOption = Output.TABLE) -> None:
    """Show what was last read back from the account, as JSON with its signature; exit 1 when something is missing."""
    _show(_rest().get(f"/accounts/{account_id}/evidence"), output)


@account.command()
def signing_key() -> None:
    """Print the public key that evidence is checked with, as PEM."""
    typer.echo(_rest().get("/signing-key")["public_key"], nl=False)


@account.command()
def check_evidence(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Evidence as JSON, signature included.")],
    key: Annotated[Path, typer.Option(help="The public key as PEM, from `freehold account signing-key`.")],
) -> None:
    """Check offline that evidence is what was signed; exit 1 when it is not."""
    from vending.core.verification import check
    from vending.workflow.evidence import Evidence

    try:
        found = Evidence.model_validate_json(_text(file))
    except ValidationError as error:
        raise BadInput.of(FieldError(str(file), "it is no evidence", "Give the file as it was downloaded.")) from error
    if found.signature is None:
        raise BadInput.of(
            FieldError(str(file), "it is not signed", "Read the account again: `freehold account verify`.")
        )
    check(found.content, found.signature, _text(key))
    missing = f", {len(found.missing)} of which did not hold" if found.missing else ""
    say(f"Genuine: {len(found.items)} items of account {found.account_id}, read at {found.taken_at}{missing}.")


def _show(found: dict[str, Any], output: Output) -> None:
    if output is Output.JSON:
        print_json(found)
    else:
        print_items(found["items"], EVIDENCE_COLUMNS, output)
    raise typer.Exit(0 if all(item["holds"] == "yes" for item in found["items"]) else 1)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput.of(
            FieldError(str(path), f"it cannot be read: {why_unreadable(error)}", "Give another file.")
        ) from error
