"""The commands of the audit. All but `verify` call the REST API of `FREEHOLD_URL`."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.evidence.commands import verify_run
from audit.finding import FIELDS
from audit.verify_log import verify_log
from audit.waivers.commands import waive, waiver, waivers
from vending.core.errors import AwsFailed, BadInput, Partial
from vending.core.output import Output, print_items, print_json, print_thing, say
from vending.core.rest import Rest
from vending.core.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Is it still so: collect findings, query them, report.")

app.command()(waive)
app.command()(waivers)
app.add_typer(waiver, name="waiver")
app.command("verify")(verify_run)
app.command("verify-log")(verify_log)

LOOK_SECONDS = 0.5
RUN_COLUMNS = ("id", "state", "started_at", "ended_at", "predicted_calls", "calls", "coverage", "manifest")
TABLE_COLUMNS = ("status", "severity", "title", "team", "account_id", "region", "resource_id", "changed_at")


class ReportFormat(StrEnum):
    """What a report is written as."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"
    OCSF = "ocsf"
    PARQUET = "parquet"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Many = Annotated[list[str] | None, typer.Option(help="Given several times: any of them.")]


def _rest() -> Rest:
    return Rest.from_settings(Settings())


@app.command()
def collect(
    full: Annotated[
        bool | None,
        typer.Option("--full/--incremental", help="Everything, or what changed; by default everything once a week."),
    ] = None,
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Start an audit run, say what it is going to cost, and wait for its end; exit code 6 when it saw too little."""
    rest = _rest()
    kind = "" if full is None else "?kind=full" if full else "?kind=incremental"
    if dry_run:
        last = rest.get("/audit/runs", limit=1)["items"]
        calls = f"; the last one made {last[0]['calls']} calls to AWS{_pace(last[0])}" if last else ""
        say(f"Would start an audit run, which only reads{calls}.")
        return
    run = _wait(rest, rest.post(f"/audit/runs{kind}"))
    print_thing({name: run[name] for name in RUN_COLUMNS}, output) if output is Output.TABLE else print_json(run)
    if run["state"] == "failed":
        raise AwsFailed(f"The audit run failed: {run['reason']}", "The findings are those of the run before.")
    if run["state"] == "partial":
        raise Partial(f"The audit run is partial. {run['reason']}", "`freehold audit query` on the view `coverage`.")


@app.command()
def runs(output: OutputOption = Output.TABLE) -> None:
    """List the audit runs, the latest first."""
    print_items(_rest().items("/audit/runs", limit=200), RUN_COLUMNS, output)


@app.command()
def findings(
    team: Many = None,
    account: Many = None,
    control: Many = None,
    ou: Many = None,
    status: Many = None,
    severity: Many = None,
    source: Many = None,
    region: Many = None,
    since: Annotated[str | None, typer.Option(help="Only what changed at or after this moment, ISO 8601.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was known at this moment, ISO 8601.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the findings you may see, the worst first."""
    asked = {
        "team": team,
        "account": account,
        "control": control,
        "ou": ou,
        "status": status,
        "severity": severity,
        "source": source,
        "region": region,
        "since": since,
        "as_of": as_of,
    }
    found = _rest().items("/findings", limit=1000, **{name: value for name, value in asked.items() if value})
    print_items(found, FIELDS if output is Output.CSV else TABLE_COLUMNS, output)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over the views; `-` reads it from stdin.")],
    output: OutputOption = Output.TABLE,
) -> None:
    """Ask in SQL, about what you may see."""
    statement = typer.get_text_stream("stdin").read() if sql == "-" else sql
    answer = _rest().post("/findings/query", {"sql": statement})
    if output is Output.JSON:
        print_json(answer)
        return
    columns: list[str] = answer["columns"]
    print_items((dict(zip(columns, row, strict=True)) for row in answer["rows"]), columns, output)
    if answer["truncated"]:
        say("There are more rows; ask for fewer.")


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[ReportFormat, typer.Option(help="What it is written as.")] = ReportFormat.HTML,  # noqa: A002
) -> None:
    """Write the report on the last run into a file; csv, ocsf and parquet hold its findings, json both."""
    rest = _rest()
    if format is ReportFormat.HTML:
        answer = rest.answer("GET", "/reports/latest", headers={"Accept": "text/html"})
    else:
        answer = rest.answer("GET", "/findings/export", params={"format": format.value})
    try:
        out.write_bytes(answer.content)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Choose another path.") from error
    say(f"Wrote {out}.")


@app.command()
def why(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id.")],
    output: OutputOption = Output.TABLE,
) -> None:
    """What is known to have happened near the moment when a finding became what it is."""
    found = _rest().get(f"/findings/{finding}/why")
    if output is Output.JSON:
        print_json(found)
        return
    print_items(found["causes"], ("kind", "seconds", "at", "sentence", "link"), output)
    say(f"It is {found['status']} since {found['since']}. {found['note'] or 'Nearness is no proof.'}")


def _wait(rest: Rest, run: dict[str, Any]) -> dict[str, Any]:
    """The run once it has ended."""
    from rich.console import Console

    told = False
    with Console(stderr=True).status(f"Audit run {run['id']}") as shown:
        while run["state"] == "running":
            time.sleep(LOOK_SECONDS)
            run = rest.get(f"/audit/runs/{run['id']}")
            if run["predicted_calls"] and not told:
                told = True
                shown.update(f"Audit run {run['id']}: {run['predicted_calls']} calls")
                say(f"About {run['predicted_calls']} calls to AWS, {run['predicted_seconds'] or 0:.0f} s of its time.")
    return run


def _pace(run: dict[str, Any]) -> str:
    seconds = sum(shard["seconds"] for shard in run["shards"])
    return f" in {seconds:.0f} s" if seconds else ""
