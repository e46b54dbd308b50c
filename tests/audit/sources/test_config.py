"""What the Config source asks for, and what it makes of the answers."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from audit.calls import Calls
from audit.catalogue import Catalogue
from audit.estate import AuditedAccount, Estate
from audit.finding import Cell, Held, Reading, Seen, State, Unchanged, Unknown
from audit.sources import config
from audit.sources.config import ConfigSource
from tests.audit.ground import connect
from tests.cloud import Cloud
from tests.infra.local.config.ground import AGGREGATOR, enrol, join


@pytest.fixture
def source(cloud: Cloud) -> Iterator[ConfigSource]:
    cloud.limits.enforced = False
    calls = Calls(connect(cloud), cloud.clock, cloud.clock.advance)
    yield ConfigSource(calls, cloud.clock, Catalogue())
    cloud.limits.enforced = True


def estate_of(cloud: Cloud, *accounts: str) -> Estate:
    audited = {one: AuditedAccount(one, one, "payments", "Dev") for one in accounts}
    return Estate(audited, ("eu-west-1", "us-east-1"), "eu-west-1", cloud.state.management_account_id)


def read(source: ConfigSource, estate: Estate, held: Mapping[Cell, Held]) -> dict[Cell, Reading]:
    plan = source.plan(estate, held)
    readings = (*plan.ready, *source.collect(plan.open))
    return {one.cell: one for one in readings}


def hold(readings: Mapping[Cell, Reading]) -> dict[Cell, Held]:
    """What the ledger would hold after these readings."""
    states = {
        cell: [one.state for one in reading.answer.observations]
        for cell, reading in readings.items()
        if isinstance(reading.answer, Seen)
    }
    return {
        cell: Held(found.count(State.PASS), sum(state is not State.PASS for state in found))
        for cell, found in states.items()
    }


def test_each_rule_of_an_account_is_a_cell_with_its_resources(source: ConfigSource, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    found = read(source, estate_of(cloud, account), {})

    assert {cell.account_id for cell in found} == {account}
    assert {cell.region for cell in found} == {"eu-west-1", "us-east-1"}
    assert all(isinstance(reading.answer, Seen) for reading in found.values())


def test_the_plan_predicts_one_call_for_each_open_cell(source: ConfigSource, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    plan = source.plan(estate_of(cloud, account), {})
    before = source.calls.made

    list(source.collect(plan.open))

    assert source.calls.made - before == plan.calls > 0


def test_of_many_rules_only_what_may_have_changed_is_asked_in_detail(
    source: ConfigSource, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    estate = estate_of(cloud, enrol(cloud, "eu-west-1", "us-east-1"))
    first = read(source, estate, {})

    again = read(source, estate, hold(first))

    unchanged = {cell for cell, reading in again.items() if isinstance(reading.answer, Unchanged)}
    passing = {cell for cell, held in hold(first).items() if held.others == 0}
    assert unchanged == passing
    assert hold({cell: one for cell, one in again.items() if cell not in unchanged}) == {
        cell: held for cell, held in hold(first).items() if cell not in passing
    }


def test_a_compliant_rule_with_another_number_of_resources_is_asked_again(
    source: ConfigSource, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    account = enrol(cloud, "eu-west-1", "us-east-1")
    estate = estate_of(cloud, account)
    first = hold(read(source, estate, {}))
    cell = next(one for one, held in first.items() if "restricted-ssh" in one.control_id and held.others == 0)
    ec2 = cloud.session(account).client("ec2", cell.region)

    ec2.create_security_group(GroupName="second", Description="one more to judge")
    again = read(source, estate, first)

    answer = again[cell].answer
    assert isinstance(answer, Seen)
    assert len(answer.observations) == first[cell].passes + 1


def test_rules_are_expected_in_a_silent_account_region_by_region(source: ConfigSource, cloud: Cloud) -> None:
    account, silent = enrol(cloud, "eu-west-1", "us-east-1"), join(cloud, "search-dev")

    found = read(source, estate_of(cloud, account, silent), {})

    for region in ("eu-west-1", "us-east-1"):
        spoken = {c.control_id for c in found if (c.account_id, c.region) == (account, region)}
        expected = {c.control_id for c in found if (c.account_id, c.region) == (silent, region)}
        assert expected == {name for name in spoken if name.startswith("OrgConfigRule-")}
    assert all(isinstance(found[cell].answer, Unknown) for cell in found if cell.account_id == silent)


def test_the_management_account_is_one_unknown_a_region(source: ConfigSource, cloud: Cloud) -> None:
    management = cloud.state.management_account_id

    found = read(source, estate_of(cloud, enrol(cloud, "eu-west-1"), management), {})

    mine = [cell for cell in found if cell.account_id == management]
    assert {(cell.control_id, cell.region) for cell in mine} == {("*", "eu-west-1"), ("*", "us-east-1")}


def test_an_account_that_the_aggregator_does_not_collect_from_is_unknown(source: ConfigSource, cloud: Cloud) -> None:
    found = read(source, estate_of(cloud, enrol(cloud, "eu-west-1"), "999999999999"), {})

    reasons = {one.answer.reason for one in found.values() if isinstance(one.answer, Unknown)}
    assert "The aggregator does not collect from this account and region." in reasons


def test_a_rule_that_went_while_the_audit_ran_is_unknown(source: ConfigSource, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    source.plan(estate_of(cloud, account), {})

    (found,) = source.collect([Cell("config", "no-such-rule", account, "eu-west-1")])

    assert isinstance(found.answer, Unknown)


def test_rows_that_only_ask_what_would_be_are_no_posture(
    source: ConfigSource, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def row(mode: str, resource: str) -> dict[str, object]:
        about = {
            "ConfigRuleName": "r",
            "ResourceType": "AWS::S3::Bucket",
            "ResourceId": resource,
            "EvaluationMode": mode,
        }
        told = {"EvaluationResultQualifier": about, "OrderingTimestamp": at}
        return {"EvaluationResultIdentifier": told, "ComplianceType": "NON_COMPLIANT", "ResultRecordedTime": at}

    page = {"AggregateEvaluationResults": [row("DETECTIVE", "real"), row("PROACTIVE", "planned")]}
    monkeypatch.setattr(source.calls, "pages", lambda *_, **__: iter([page]))

    (found,) = source.collect([Cell("config", "r", "111111111111", "eu-west-1")])

    assert isinstance(found.answer, Seen)
    assert [one.resource_id for one in found.answer.observations] == ["real"]


def test_without_an_aggregator_every_place_is_unknown(source: ConfigSource, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    cloud.client("config").delete_configuration_aggregator(**AGGREGATOR)

    found = read(source, estate_of(cloud, account), {})

    assert {cell.control_id for cell in found} == {"*"}
    assert len(found) == 2


def test_a_rule_the_catalogue_does_not_know_is_shown_by_its_name(source: ConfigSource) -> None:
    told = source.describe("OrgConfigRule-our-own-rule-abcd1234")

    assert (told.title, told.severity.value) == ("our-own-rule", "unrated")
