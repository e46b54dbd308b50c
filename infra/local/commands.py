"""`freehold cloud`: the local cloud alone, until it is told to stop."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from vending.core.output import say

app = typer.Typer(add_completion=False)

Port = Annotated[int, typer.Option(envvar="FREEHOLD_CLOUD_PORT", min=0, max=65535, help="0 takes a free one.")]
Speed = Annotated[float, typer.Option(envvar="FREEHOLD_SPEED", help="AWS seconds per real second; more than 0.")]
CompanyFile = Annotated[Path, typer.Option("--config", envvar="FREEHOLD_CONFIG", help="The company file.")]
Seed = Annotated[int, typer.Option(help="What AWS would draw by chance is drawn from this.")]
FaultProfile = Annotated[str | None, typer.Option("--faults", help="What goes wrong: `storm`, or a TOML file.")]
ManualClock = Annotated[bool, typer.Option("--manual-clock", help="AWS time stands until POST /_cloud/clock/advance.")]


Accounts = Annotated[int, typer.Option(help="Accounts to generate beside the example's.", min=0, max=50_000)]
Rules = Annotated[int | None, typer.Option(help="Config rules of each account, in all regions.", min=1, max=3_000)]
Resources = Annotated[int, typer.Option(help="Evaluated resources in the whole organisation.", min=0)]
Ghosts = Annotated[int, typer.Option(help="Results for resources that are no more.", min=0)]
Outdated = Annotated[int, typer.Option(help="Sources the aggregator does not hear from.", min=0)]
Unrecorded = Annotated[int, typer.Option(help="Accounts whose Config recorders were deleted.", min=0)]


@app.command()
def cloud(
    port: Port = 8081,
    speed: Speed = 60.0,
    config: CompanyFile = Path("examples/acme/freehold.yaml"),
    seed: Seed = 0,
    manual_clock: ManualClock = False,
    faults: FaultProfile = None,
    accounts: Accounts = 0,
    rules: Rules = None,
    resources: Resources = 0,
    ghosts: Ghosts = 0,
    outdated: Outdated = 0,
    unrecorded: Unrecorded = 0,
) -> None:
    """The local cloud alone, with the example's organisation. Any AWS client can talk to it."""
    from infra.local.clock import clock_of
    from infra.local.cloud import build_cloud
    from infra.local.estate.size import Size
    from infra.local.faults.profile import read_profile
    from infra.local.seed import reset
    from infra.local.server import CloudServer
    from vending.core.company import load_company

    size = Size(
        accounts=accounts, rules=rules, resources=resources, ghosts=ghosts, outdated=outdated, unrecorded=unrecorded
    )
    profile = read_profile(faults) if faults else None
    state = build_cloud(clock_of(speed, manual=manual_clock), load_company(config), seed, profile, size)
    server = CloudServer(state, port)
    told_to_stop = stop_signals()
    reset(state)
    server.start()
    try:
        typer.echo(server.url)
        _introduce(server.url, state.home_region)
        told_to_stop.wait()
    finally:
        server.stop()


def stop_signals() -> threading.Event:
    """Set when the process is told to stop by SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    return told


def _introduce(url: str, region: str) -> None:
    say("The local cloud is ready. Any static credentials are those of the management account's administrator:")
    say("  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any")
    say(f"  export AWS_ENDPOINT_URL={url} AWS_REGION={region} AWS_DEFAULT_REGION={region}")
    say("  aws organizations list-accounts")
    say("`aws s3control` puts the account id before the host, which no machine resolves; it gets here with")
    say(f"  export HTTP_PROXY={url}")
    say(f"What it does, refuses and has been called for is at {url}/_cloud/")
    say("Ctrl-C stops it and forgets everything in it.")
