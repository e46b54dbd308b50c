"""The data file of the catalogue holds together."""

import re

from infra.local.controlcatalog.catalogue import Guidance, read_catalogue


def test_the_data_file_names_its_source_and_date() -> None:
    catalogue = read_catalogue()

    assert "controls reference" in catalogue.source
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", catalogue.date)


def test_every_control_has_an_alias_and_an_arn_of_its_own() -> None:
    controls = read_catalogue().controls

    assert len({control.alias for control in controls}) == len(controls)
    assert len({control.arn for control in controls}) == len(controls)
    assert len({control.regional_id for control in controls}) == len(controls)


def test_every_policy_has_statements_with_a_sid_and_nothing_else_has() -> None:
    for control in read_catalogue().controls:
        assert bool(control.statements) == control.is_policy, control.alias
        assert all(statement["Sid"] and statement["Effect"] == "Deny" for statement in control.statements)


def test_every_rule_names_its_identifier() -> None:
    rules = [control for control in read_catalogue().controls if control.is_config_rule]

    assert all(re.fullmatch(r"[A-Z0-9_]+", control.implementation_id or "") for control in rules)


def test_the_mandatory_controls_are_complete() -> None:
    mandatory = [control for control in read_catalogue().controls if control.guidance is Guidance.MANDATORY]

    assert len(mandatory) == 23


def test_an_id_that_aws_does_not_publish_stays_the_same() -> None:
    control = read_catalogue().of("CT.S3.PR.1")

    assert re.fullmatch(r"[0-9a-z]{25}", control.global_id)
    assert read_catalogue().find(control.arn) is control
