"""The page at `/_cloud/`: plain HTML that needs no script and no network."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from infra.local.cloud import LocalCloud
from infra.local.overview.modelled import coverage

HERE = Path(__file__).parent
BEHAVIOURS = HERE / "behaviours.json"
"""Written by the tests: each row is one of them."""


def render_page(cloud: LocalCloud) -> str:
    """The whole page, with the counters of now."""
    page: str = (
        _environment()
        .get_template("page.html")
        .render(
            cloud=cloud,
            behaviours=read_behaviours(),
            coverage=coverage(),
            limits=cloud.limits,
            calls=sorted(cloud.calls.items()),
            faults=cloud.faults.describe(),
        )
    )
    return page


@cache
def read_behaviours() -> list[dict[str, Any]]:
    """The table of behaviours: operation, behaviour, documentation, test."""
    rows: list[dict[str, Any]] = json.loads(BEHAVIOURS.read_text(encoding="utf-8"))
    return rows


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
