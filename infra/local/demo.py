"""`freehold demo`: the main job once, without a browser, through the REST API alone."""

import signal
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from vending.core.errors import FreeholdError
from vending.core.output import Output, print_items, print_json, say

REQUESTS = Path("examples/acme/requests")
REPORT = Path("report.html")
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 900
ENDED = frozenset({"ready", "parked", "rejected", "cancelled"})
STATES = ("awaiting_approval", "queued", "creating", "enrolling", "baselining", "verifying", "ready")
APPROVERS = ("grace", "rosa")
COLUMNS = ("name", "team", "state", "account_id", "guardrails_and_settings", "findings_failing", "minutes_of_aws_time")


def demo(
    requests: Annotated[Path, typer.Option(help="A folder of request files.")] = REQUESTS,
    report: Annotated[Path, typer.Option(help="Where the audit report is written.")] = REPORT,
    output: Annotated[Output, typer.Option("--output", "-o", help="How the result is printed.")] = Output.TABLE,
) -> None:
    """Make the accounts of the example, audit them and write the report; exit 0 only if all of it worked."""
    from infra.local.laptop import running
    from vending.core.company import load_company
    from vending.core.settings import Settings
    from vending.requests.files import read_file, request_files

    settings = Settings()
    company = load_company(settings.config)
    bodies = [read_file(path) for path in request_files(requests)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    say("Starting the local cloud and the portal ...")
    with running(settings, company) as laptop:
        leads = {name: team.lead for name, team in company.teams.items()}
        stage = Stage(laptop.url, laptop.endpoint)
        made = stage.make(bodies, leads)
        run = stage.audit()
        report.write_text(stage.report(), encoding="utf-8")
        accounts = [stage.summary(request) for request in made]
    result = {"accounts": accounts, "audit": run, "report": str(report)}
    if output is Output.JSON:
        print_json(result)
    else:
        print_items(accounts, COLUMNS, output)
    raise typer.Exit(_verdict(made, run, report))


class Stage:
    """A portal with people who act on it, each with a token of their own."""

    def __init__(self, url: str, endpoint: str) -> None:
        self._url = url
        self._endpoint = endpoint
        self._people: dict[str, Any] = {}

    def make(self, bodies: Sequence[Mapping[str, Any]], leads: Mapping[str, str]) -> list[dict[str, Any]]:
        """Ask for every account as its team's lead, approve as the approvers, and watch until all have ended."""
        ids = [self._ask(leads[body["team"]], body) for body in bodies]
        for request_id in ids:
            self._approve(request_id)
        return self._watch(ids)

    def audit(self) -> dict[str, Any]:
        """Start an audit run as an approver and wait until it has ended."""
        grace = self._as("grace")
        run = grace.post("/audit/runs")
        for _ in _until(PATIENCE_SECONDS):
            run = grace.get(f"/audit/runs/{run['id']}")
            if run["state"] != "running":
                break
        say(f"Audit {run['state']}: coverage {run['coverage']:.1%}, {run['calls']} calls")
        return dict(run)

    def report(self) -> str:
        """The latest report, one HTML file, as security reads it."""
        return str(self._as("sam").answer("GET", "/reports/latest", headers={"Accept": "text/html"}).text)

    def summary(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What came of one request."""
        sam = self._as("sam")
        account = request["account_id"]
        items = sam.get(f"/accounts/{account}/evidence")["items"] if request["state"] == "ready" else []
        failing = list(sam.items("/findings", account=account, status="fail")) if account else []
        return {
            "name": request["name"],
            "team": request["team"],
            "state": request["state"],
            "request_id": request["id"],
            "account_id": account,
            "guardrails_and_settings": f"{sum(i['holds'] == 'yes' for i in items)} of {len(items)} hold",
            "findings_failing": len(failing),
            "minutes_of_aws_time": _minutes(request),
        }

    def _ask(self, person: str, body: Mapping[str, Any]) -> str:
        made = self._as(person).post("/account-requests", body, {"Idempotency-Key": str(uuid.uuid4())})
        say(f"{person} asks for {made['name']}: {made['state']}")
        return str(made["id"])

    def _approve(self, request_id: str) -> None:
        for person in APPROVERS:
            found = self._as(person).get(f"/account-requests/{request_id}")
            if found["state"] == "awaiting_approval":
                self._as(person).post(f"/account-requests/{request_id}/approve", {"hash": found["hash"]})
                say(f"{person} approves {found['name']}")

    def _watch(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Progress bars on stderr, a bar for each request."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description:18}"),
            BarColumn(),
            TextColumn("{task.fields[doing]:60}"),
            TimeElapsedColumn(),
        )
        omar = self._as("omar")
        with Progress(*columns, console=Console(stderr=True)) as bars:
            tasks = {id_: bars.add_task("", total=len(STATES) - 1, doing="") for id_ in ids}
            for _ in _until(PATIENCE_SECONDS):
                found = [omar.get(f"/account-requests/{id_}") for id_ in ids]
                for request in found:
                    bars.update(tasks[request["id"]], description=request["name"], **_progress(request))
                if all(request["state"] in ENDED for request in found):
                    break
        return found

    def _as(self, person: str) -> Any:
        from infra.local.up import mint
        from vending.core.rest import Rest

        if person not in self._people:
            headers = {"Authorization": f"Bearer {mint(self._endpoint, person)}"}
            self._people[person] = Rest(
                httpx2.Client(base_url=f"{self._url}/api/v1", headers=headers, timeout=60, trust_env=False)
            )
        return self._people[person]


def _until(seconds: float) -> Iterator[None]:
    """Look again every half second.

    Raises:
        FreeholdError: when it takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(LOOK_SECONDS)
    raise FreeholdError(
        f"It is not done after {seconds:.0f} seconds.", "Look at the requests' timelines, and try again."
    )


def _progress(request: Mapping[str, Any]) -> dict[str, Any]:
    done = STATES.index(request["state"]) if request["state"] in STATES else 0
    doing = next((step["step"] for step in reversed(request["timeline"]) if step["state"] != "done"), "")
    return {"completed": done, "doing": doing or request["waiting_for"] or request["state"]}


def _minutes(request: Mapping[str, Any]) -> float | None:
    from vending.core.clock import from_text

    if not request["timeline"] or not request["timeline"][-1]["ended_at"]:
        return None
    taken = from_text(request["timeline"][-1]["ended_at"]) - from_text(request["created_at"])
    return round(taken.total_seconds() / 60, 1)


def _verdict(made: Sequence[Mapping[str, Any]], run: Mapping[str, Any], report: Path) -> int:
    ready = sum(request["state"] == "ready" for request in made)
    say(f"{ready} of {len(made)} accounts ready; report in {report}")
    for request in made:
        if request["parked"]:
            say(f"  {request['name']}: {request['parked']['sentence']} {request['parked']['remedy']}")
    return 0 if ready == len(made) and run["state"] == "succeeded" else 6
