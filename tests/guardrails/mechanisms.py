"""A guardrail of every mechanism that is deployed to the organisation, beside the first ten of the catalogue."""

from dataclasses import replace
from typing import Any

from guardrails.guardrail import Control, Guardrail, Mechanism, Part, Rule, State
from guardrails.service import Guardrails
from tests.guardrails.ground import acme, first_ten
from vending.core.company import Company

SERIAL = {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}}
PUBLIC = {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}
OWNER = {"tags": {"owner": {"tag_key": {"@@assign": "owner"}}}}
CLASSES = ("sandbox", "prod")


def is_on(observed: Any) -> bool:
    return bool(observed["on"])


def guardrail(name: str, mechanism: Mechanism, judged: str = "", **what: Any) -> Guardrail:
    return Guardrail(
        id=name,
        title=name,
        intent="A test.",
        mechanism=mechanism,
        ou_classes=CLASSES,
        frameworks=(),
        seen_as="-",
        exemption="-",
        allows=(State("kept", {"on": True}, judged),),
        denies=(State("broken", {"on": False}, judged),),
        **what,
    )


def rule(identifier: str, **parameters: str) -> Guardrail:
    name = f"d.{identifier.lower()}"
    return guardrail(
        name, Mechanism.RULE, identifier, rules=(Rule(identifier, "on", is_on, parameters, ("eu-west-1",)),)
    )


def control(alias: str, **parameters: Any) -> Guardrail:
    return guardrail(f"c.{alias}", Mechanism.CONTROL, control=Control(alias, "on", is_on, parameters))


KEYS = rule("ACCESS_KEYS_ROTATED", maxAccessKeyAge="90")
COPY, VPN = control("AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION"), control("AWS-GR_DISALLOW_VPN_CONNECTIONS")
EVERY = (
    *first_ten(),
    guardrail("ec2.serial", Mechanism.EC2, part=Part(SERIAL, "off", is_on)),
    guardrail("s3.public", Mechanism.S3, part=Part(PUBLIC, "all", is_on)),
    guardrail("tag.owner", Mechanism.TAG, part=Part(OWNER, "owner", is_on)),
    KEYS,
    COPY,
    VPN,
)


def _renamed(guardrail: Guardrail) -> Guardrail:
    return replace(guardrail, statements=(replace(guardrail.statements[0], sid="Renamed"), *guardrail.statements[1:]))


EXEMPT = ["arn:aws:iam::*:role/freehold/*"]
LATER = (
    *(_renamed(each) if each.id == "org.leave" else each for each in EVERY if each not in (KEYS, COPY)),
    rule("ACCESS_KEYS_ROTATED", maxAccessKeyAge="60"),
    control("AWS-GR_DISALLOW_VPC_INTERNET_ACCESS", ExemptedPrincipalArns=EXEMPT),
)
"""The catalogue after a release: one statement changed, one rule too, a control gone and another one there."""


def small(*classes: str) -> Company:
    """The example company with these OU classes and quarantine alone: fewer writes."""
    kept = {c: name for c, name in acme().ou_classes.items() if c in (*classes, "quarantine")}
    return acme().model_copy(update={"ou_classes": kept})


class WithEvery(Guardrails):
    """Guardrails of every mechanism that the company has."""

    choice = EVERY

    @property
    def catalogue(self) -> tuple[Guardrail, ...]:
        tower = self.company.landing_zone.control_tower
        return tuple(each for each in self.choice if tower or not each.control)


class Later(WithEvery):
    choice = LATER
