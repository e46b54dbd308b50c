"""Every stack, synthesised once: starting Node takes seconds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.stacks.app import make_app
from infra.stacks.bundle import Contents
from infra.stacks.ground import FreeholdStack
from tests.cloud import ACME
from tests.vending.parts import without_tower
from vending.core.company import load_company


@dataclass(frozen=True)
class Template:
    """What became of one stack."""

    stack: FreeholdStack
    body: Mapping[str, Any]
    path: Path

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resources of a CloudFormation type by logical id."""
        return {name: found for name, found in self.body["Resources"].items() if found["Type"] == kind}

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of a type."""
        [found] = self.of(kind).values()
        properties: dict[str, Any] = found["Properties"]
        return properties

    def function(self, name: str) -> dict[str, Any]:
        """The properties of a function."""
        found = (each["Properties"] for each in self.of("AWS::Lambda::Function").values())
        return next(properties for properties in found if properties["FunctionName"] == f"freehold-{name}")


@dataclass(frozen=True)
class Synthesised:
    """Every stack by the part of its name after `Freehold`."""

    out: Path
    templates: Mapping[str, Template]

    def __getitem__(self, part: str) -> Template:
        return self.templates[part]

    def of(self, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Part, logical id and resource of every resource of a type."""
        for part, template in self.templates.items():
            yield from ((part, name, found) for name, found in template.of(kind).items())

    def resources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Part, logical id and resource of everything."""
        for part, template in self.templates.items():
            yield from ((part, name, found) for name, found in template.body["Resources"].items())


def slight(entry: str, company_file: Path) -> Contents:
    """Contents that differ by entry and are quickly had."""
    return Contents({f"{entry}.yaml": company_file}, ())


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise(ACME, tmp_path_factory.mktemp("cdk.out"), check=True)


def synthesise(company_file: Path, out: Path, *, check: bool) -> Synthesised:
    """Every stack of a company; with `check` judged by CDK and cdk-nag, which takes twice as long."""
    app, stacks = make_app(company_file, str(out), slight, check=check)
    app.synth()
    return Synthesised(out, {stack.stack_name.removeprefix("Freehold"): _read(stack, out) for stack in stacks})


def synthesise_without_tower(folder: Path) -> Synthesised:
    """The stacks of `without_tower()`, from a company file that says so."""
    file = folder / "company.yaml"
    text = ACME.read_text().replace("kind: control-tower", "kind: organizations\n  log_bucket: acme-config-logs")
    file.write_text(text.replace("us-east-1, eu-central-1]", "us-east-1]"))
    assert load_company(file) == without_tower()
    return synthesise(file, folder, check=False)


def _read(stack: FreeholdStack, out: Path) -> Template:
    path = out / f"{stack.stack_name}.template.json"
    return Template(stack, json.loads(path.read_text()), path)
