"""The controls the local cloud knows, read from `controls.json`."""

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Behavior(StrEnum):
    """Whether a control prevents, detects, or checks before something is made."""

    PREVENTIVE = "PREVENTIVE"
    DETECTIVE = "DETECTIVE"
    PROACTIVE = "PROACTIVE"


class Guidance(StrEnum):
    """How strongly AWS advises a control; mandatory ones cannot be changed by API."""

    MANDATORY = "MANDATORY"
    STRONGLY_RECOMMENDED = "STRONGLY_RECOMMENDED"
    ELECTIVE = "ELECTIVE"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a control takes when it is enabled."""

    name: str
    required: bool


@dataclass(frozen=True)
class Control:
    """One control of the catalogue."""

    alias: str
    """What people call it, such as `AWS-GR_ENCRYPTED_VOLUMES` or `CT.S3.PV.4`."""
    global_id: str
    """The opaque end of its catalogue ARN: AWS's own where it is published, else made from the alias."""
    regional_id: str
    """The end of its legacy regional ARN: of the AWS-GR_ controls the alias, else opaque."""
    name: str
    description: str
    behavior: Behavior
    guidance: Guidance
    severity: str
    scope: str
    """GLOBAL or REGIONAL."""
    implementation_type: str
    implementation_id: str | None
    resources: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    frameworks: tuple[tuple[str, str], ...]
    """Framework and the item of it that the control maps to."""
    statements: tuple[dict[str, Any], ...]
    """For a service control policy: its statements, with `{{Parameter}}` where a parameter's values go."""
    only_on: tuple[str, ...]
    """Names of the OUs it can be enabled on; empty: any."""

    @property
    def arn(self) -> str:
        """The global ARN, the same in every region."""
        return f"arn:aws:controlcatalog:::control/{self.global_id}"

    @property
    def is_policy(self) -> bool:
        """Whether it is implemented by a service control policy."""
        return self.implementation_type.endswith("SERVICE_CONTROL_POLICY")

    @property
    def is_config_rule(self) -> bool:
        """Whether it is implemented by an AWS Config rule in each account."""
        return self.implementation_type == "AWS::Config::ConfigRule"


@dataclass(frozen=True)
class Catalogue:
    """All controls, in the order of their ARNs."""

    source: str
    date: str
    controls: tuple[Control, ...]
    by_id: dict[str, Control]
    """By global id and by legacy regional id."""

    def find(self, arn: str) -> Control | None:
        """The control of a `controlcatalog` or `controltower` ARN."""
        match = re.fullmatch(r"arn:aws:(controlcatalog::|controltower:[a-z0-9-]+):?:control/([\w-]+)", arn)
        return self.by_id.get(match[2]) if match else None

    def of(self, alias: str) -> Control:
        """The control of an alias; KeyError where there is none."""
        return next(control for control in self.controls if control.alias == alias)


@cache
def read_catalogue() -> Catalogue:
    """The catalogue as the data file has it."""
    raw = json.loads(files(__package__).joinpath("controls.json").read_text("utf-8"))
    controls = tuple(sorted((_control(entry) for entry in raw["controls"]), key=lambda control: control.arn))
    by_id = {name: control for control in controls for name in (control.global_id, control.regional_id)}
    return Catalogue(raw["source"], raw["date"], controls, by_id)


def _control(entry: dict[str, Any]) -> Control:
    kind, _, identifier = entry["implementation"].partition(" ")
    return Control(
        alias=entry["alias"],
        global_id=entry.get("global_id") or _made_up_id(entry["alias"], 25),
        regional_id=entry.get("regional_id") or _regional_id(entry["alias"]),
        name=entry["name"],
        description=entry.get("description", entry["name"] + "."),
        behavior=Behavior(entry["behavior"]),
        guidance=Guidance(entry["guidance"]),
        severity=entry["severity"],
        scope="GLOBAL" if "::Policy::" in kind else "REGIONAL",
        implementation_type=kind,
        implementation_id=identifier or None,
        resources=tuple(entry.get("resources", ())),
        parameters=tuple(Parameter(name.rstrip("!"), name.endswith("!")) for name in entry.get("parameters", ())),
        frameworks=tuple((name, item) for name, items in entry.get("frameworks", {}).items() for item in items),
        statements=tuple(entry.get("statements", ())),
        only_on=tuple(entry.get("only_on", ())),
    )


def _regional_id(alias: str) -> str:
    return alias if alias.startswith("AWS-GR_") else _made_up_id(alias, 12).upper()


def _made_up_id(alias: str, length: int) -> str:
    """Looks like AWS's ids and stays the same for an alias; AWS publishes no list of them any more."""
    number = int.from_bytes(hashlib.sha256(alias.encode()).digest()[:17], "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)
