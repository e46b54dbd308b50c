"""The rules as a whole: AWS knows each of them by that name, trigger and type."""

import pytest
from moto.config.models import MANAGED_RULES_CONSTRAINTS

from infra.local.config.rule import ACCOUNT, ManagedRule, Trigger
from infra.local.config.rules import MANAGED_RULES
from infra.local.config.seed import RULES as SEEDED
from infra.local.controlcatalog.catalogue import read_catalogue

every_rule = pytest.mark.parametrize("rule", MANAGED_RULES.values(), ids=MANAGED_RULES)


@every_rule
def test_aws_publishes_the_rule_with_its_trigger(rule: ManagedRule) -> None:
    published = MANAGED_RULES_CONSTRAINTS[rule.identifier]["Trigger type"]

    expected = {
        Trigger.CHANGE: ["Configuration changes"],
        Trigger.PERIODIC: ["Periodic"],
        Trigger.BOTH: ["Configuration changes", "Periodic"],
    }
    assert published.split(" and ") == expected[rule.trigger]


@every_rule
def test_aws_publishes_the_types_the_rule_reports_on(rule: ManagedRule) -> None:
    published = MANAGED_RULES_CONSTRAINTS[rule.identifier].get("Resource Types", ACCOUNT).split(", ")

    assert set(rule.resource_types) <= set(published)


def test_rules_enough_are_modelled() -> None:
    assert len(MANAGED_RULES) >= 30


def test_the_rules_of_the_example_are_modelled() -> None:
    assert {rule.identifier for rule in SEEDED} <= set(MANAGED_RULES)


def test_the_detective_controls_of_the_catalogue_are_modelled() -> None:
    wanted = {control.implementation_id for control in read_catalogue().controls if control.is_config_rule}

    assert wanted <= set(MANAGED_RULES)
