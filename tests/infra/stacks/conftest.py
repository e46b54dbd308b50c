"""The vending stack, synthesised once: starting Node takes seconds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.stacks.app import make_app
from infra.stacks.bundle import Contents
from infra.stacks.deployment import read_context
from infra.stacks.vending import VendingStack
from tests.cloud import ACME


@dataclass(frozen=True)
class Synthesised:
    """A stack and what became of it."""

    stack: VendingStack
    template: Mapping[str, Any]
    path: Path
    assets: Mapping[str, Any]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resources of a CloudFormation type by logical id."""
        return {name: found for name, found in self.template["Resources"].items() if found["Type"] == kind}

    def one(self, kind: str) -> dict[str, Any]:
        """The only resource of a type."""
        [found] = self.of(kind).values()
        return found

    def function(self, name: str) -> dict[str, Any]:
        """The properties of a function."""
        found = (each["Properties"] for each in self.of("AWS::Lambda::Function").values())
        return next(properties for properties in found if properties["FunctionName"] == f"freehold-{name}")


def slight(entry: str, company_file: Path) -> Contents:
    """Contents that differ by entry and are quickly had."""
    return Contents({f"{entry}.yaml": company_file}, ())


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    out = tmp_path_factory.mktemp("cdk.out")
    app, stack = make_app(ACME, read_context(), str(out), slight)
    app.synth()
    path = out / f"{stack.stack_name}.template.json"
    assets = json.loads((out / f"{stack.stack_name}.assets.json").read_text())
    return Synthesised(stack, json.loads(path.read_text()), path, assets)
