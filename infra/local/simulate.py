"""`freehold simulate`: N requests at once on the local cloud, on simulated time."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vending.core.output import Output, print_json

Number = Annotated[int, typer.Option(help="How many accounts are asked for at once.", min=1, max=5_000)]
Faults = Annotated[str | None, typer.Option(help="What goes wrong meanwhile: `storm`, or a TOML file.")]
Seed = Annotated[int, typer.Option(help="What AWS would draw by chance, faults included, is drawn from this.")]
CompanyFile = Annotated[Path, typer.Option("--config", envvar="FREEHOLD_CONFIG", help="The company file.")]


def simulate(
    requests: Number,
    faults: Faults = None,
    seed: Seed = 0,
    config: CompanyFile = Path("examples/acme/freehold.yaml"),
    output: Annotated[Output, typer.Option("--output", "-o", help="Taken, and JSON all the same.")] = Output.JSON,  # noqa: ARG001
) -> None:
    """Ask for many accounts at once, and print what came of it and how near AWS's own limits it came, as JSON.

    Exit 0 if each request has one account or says why not; 1 if one was lost or has two.
    """
    from infra.local.faults.profile import read_profile
    from infra.local.simulation import Simulation
    from vending.core.company import load_company

    profile = read_profile(faults) if faults else None
    outcome = Simulation(load_company(config), seed).run(requests, profile, seed)
    print_json(asdict(outcome))
    raise typer.Exit(1 if outcome.duplicates or outcome.lost else 0)
