"""What the Config source asks for, and what it makes of the answers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from audit.calls import Calls
from audit.catalogue import Catalogue
from audit.estate import AuditedAccount, Estate
from audit.finding import Cell, Held, Reading, Seen, State, Told, Unchanged, Unknown
from audit.run import RunKind
from audit.sources import config
from audit.sources.aggregator import Aggregator, find_aggregator
from audit.sources.config import ConfigSource
from audit.sources.foreign_packs import Obligations
from audit.sources.interface import Known, Shard
from infra.local.config.models import LocalConfigBackend, config_backends
from infra.local.config.rule import Compliance, Verdict
from tests.audit.ground import connect
from tests.cloud import Cloud
from tests.infra.local.config.ground import AGGREGATOR, enrol, join

HOME = "eu-west-1"


@pytest.fixture
def source(cloud: Cloud) -> Iterator[ConfigSource]:
    cloud.limits.enforced = False
    yield ConfigSource(cloud.clock, Catalogue(), Obligations({}))
    cloud.limits.enforced = True


@pytest.fixture
def calls(cloud: Cloud) -> Calls:
    def pause(seconds: float) -> None:
        cloud.clock.advance(seconds)

    return Calls(connect(cloud), cloud.clock, pause)


def estate_of(cloud: Cloud, *accounts: str) -> Estate:
    audited = {one: AuditedAccount(one, one, "payments", "Dev") for one in accounts}
    return Estate(audited, ("eu-west-1", "us-east-1"), "eu-west-1", cloud.state.management_account_id)


@dataclass
class Looking:
    """A source that is asked, with what the ledger would hold afterwards."""

    source: ConfigSource
    calls: Calls
    since: datetime | None = None

    def read(self, estate: Estate, known: Known | None = None) -> dict[Cell, Reading]:
        plan = self.source.plan(self.calls, estate, known or Known())
        shards = [json.loads(json.dumps(shard.work)) for shard in plan.shards]
        again = [replace(shard, work=work) for shard, work in zip(plan.shards, shards, strict=True)]
        readings = (*plan.ready, *(one for shard in again for one in self.source.collect(self.calls, shard)))
        return {one.cell: one for one in readings}

    def know(self, readings: Mapping[Cell, Reading], since: datetime) -> Known:
        """An incremental run's knowledge after these readings."""
        states = states_by_resource(readings)
        return Known(hold(readings), RunKind.INCREMENTAL, since, resources_of(readings), states=lambda _: states)


@pytest.fixture
def looking(source: ConfigSource, calls: Calls) -> Looking:
    return Looking(source, calls)


def resources_of(readings: Mapping[Cell, Reading]) -> dict[tuple[str, str], tuple[int, int]]:
    places = {(about[0], about[1]) for about in states_by_resource(readings)}
    found = [(about[:2], set(states.values())) for about, states in states_by_resource(readings).items()]
    return {
        place: (
            sum(place == where for where, _ in found),
            sum(place == where and states != {State.PASS} for where, states in found),
        )
        for place in places
    }


def states_by_resource(readings: Mapping[Cell, Reading]) -> dict[tuple[str, str, str, str], dict[str, State]]:
    found: dict[tuple[str, str, str, str], dict[str, State]] = {}
    for cell, reading in readings.items():
        for one in reading.answer.observations if isinstance(reading.answer, Seen) else ():
            about = (cell.account_id, cell.region, one.resource_type, one.resource_id)
            found.setdefault(about, {})[cell.control_id] = one.state
    return found


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


def test_each_rule_of_an_account_is_a_cell_with_its_resources(looking: Looking, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    found = looking.read(estate_of(cloud, account))

    assert {cell.account_id for cell in found} == {account}
    assert {cell.region for cell in found} == {"eu-west-1", "us-east-1"}
    assert all(isinstance(reading.answer, Seen) for reading in found.values())


def test_the_plan_predicts_what_its_shards_cost(looking: Looking, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    plan = looking.source.plan(looking.calls, estate_of(cloud, account), Known())
    before = looking.calls.made

    for shard in plan.shards:
        list(looking.source.collect(looking.calls, shard))

    assert looking.calls.made - before == plan.calls > 0


def test_many_rules_are_read_resource_by_resource_with_the_same_outcome(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = estate_of(cloud, enrol(cloud, "eu-west-1", "us-east-1"))
    in_detail = looking.read(estate)
    detailed, looking.calls = looking.calls.made, looking.calls.counting()
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)

    dense = looking.read(estate)

    assert states_of(dense) == states_of(in_detail)
    assert looking.calls.made < detailed
    assert "config:get_aggregate_compliance_details_by_config_rule" not in looking.calls.by_operation


def states_of(readings: Mapping[Cell, Reading]) -> set[tuple[Cell, str, State]]:
    return {
        (cell, one.resource_id, one.state)
        for cell, reading in readings.items()
        for one in (reading.answer.observations if isinstance(reading.answer, Seen) else ())
    }


def test_what_the_resources_do_not_bear_out_is_read_rule_by_rule(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = estate_of(cloud, enrol(cloud, "eu-west-1", "us-east-1"))
    in_detail = looking.read(estate)
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    judged = Aggregator.judged
    monkeypatch.setattr(Aggregator, "judged", lambda *asked: list(judged(*asked))[1:])

    assert states_of(looking.read(estate)) == states_of(in_detail)


def test_an_incremental_run_asks_only_about_accounts_in_which_something_changed(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    quiet = [enrol(cloud, "eu-west-1", "us-east-1", name=f"quiet-{n}") for n in range(3)]
    busy = enrol(cloud, "eu-west-1", "us-east-1", name="busy")
    estate = estate_of(cloud, *quiet, busy)
    first = looking.read(estate)
    cloud.clock.advance(3600)
    since = cloud.clock.now()
    cloud.clock.advance(60)

    ec2 = cloud.session(busy).client("ec2", "eu-west-1")
    made = ec2.create_security_group(GroupName="second", Description="one more to judge")
    again = looking.read(estate, looking.know(first, since))

    assert {cell.account_id for cell, one in again.items() if not isinstance(one.answer, Unchanged)} == {busy}
    assert again.keys() == first.keys()
    ssh = next(c for c in again if "restricted-ssh" in c.control_id and (c.account_id, c.region) == (busy, HOME))
    answer = again[ssh].answer
    assert isinstance(answer, Told)
    assert [(one.resource_id, one.state) for one in answer.observations] == [(made["GroupId"], State.PASS)]


def test_an_account_whose_resources_do_not_add_up_is_read_from_the_beginning(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    accounts = [enrol(cloud, "eu-west-1", "us-east-1", name=f"dev-{n}") for n in range(4)]
    ec2 = cloud.session(accounts[0]).client("ec2", "eu-west-1")
    made = ec2.create_security_group(GroupName="second", Description="one more to judge")
    estate = estate_of(cloud, *accounts)
    first = looking.read(estate)
    cloud.clock.advance(3600)
    since = cloud.clock.now()
    cloud.clock.advance(60)

    ec2.delete_security_group(GroupId=made["GroupId"])
    again = looking.read(estate, looking.know(first, since))

    read = {cell: one.answer for cell, one in again.items() if not isinstance(one.answer, Unchanged)}
    assert {cell.account_id for cell in read} == {accounts[0]}
    seen = {one.resource_id for a in read.values() if isinstance(a, Seen) for one in a.observations}
    assert seen
    assert made["GroupId"] not in seen


def test_a_rule_that_judges_a_resource_no_more_is_told_so(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    estate = estate_of(cloud, *(enrol(cloud, "eu-west-1", "us-east-1", name=f"dev-{n}") for n in range(4)))
    first = looking.read(estate)
    since = cloud.clock.now()
    aggregator = find_aggregator(looking.calls, estate.regions)
    assert aggregator is not None
    listed = [one for one in aggregator.changed(since - timedelta(days=1)) if one["accountId"] in estate.accounts]
    row = next(one for one in listed if len(one["configuration"]["configRuleList"]) > 1)
    dropped = row["configuration"]["configRuleList"].pop()["configRuleName"]
    monkeypatch.setattr(Aggregator, "changed", lambda *_: iter([row]))

    again = looking.read(estate, looking.know(first, since))

    answer = again[Cell("config", dropped, row["accountId"], row["awsRegion"])].answer
    assert isinstance(answer, Told)
    assert [one.state for one in answer.observations] == [State.GONE]


def test_nothing_changed_costs_an_incremental_run_next_to_nothing(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    estate = estate_of(cloud, *(enrol(cloud, "eu-west-1", "us-east-1", name=f"quiet-{n}") for n in range(2)))
    first = looking.read(estate)
    cloud.clock.advance(3600)
    known = looking.know(first, cloud.clock.now())

    again = looking.read(estate, known)

    assert all(isinstance(one.answer, Unchanged) for one in again.values())


def test_an_account_that_moved_is_read_again_for_another_ou_means_other_obligations(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ALWAYS_IN_DETAIL", 0)
    first, second, third, moved = (enrol(cloud, HOME, "us-east-1", name=f"quiet-{n}") for n in range(4))
    estate = estate_of(cloud, first, second, third, moved)
    before = looking.read(estate)
    cloud.clock.advance(3600)
    ous = {**dict.fromkeys(estate.accounts, "Dev"), moved: "Sandbox", "999999999999": "Dev"}

    again = looking.read(estate, replace(looking.know(before, cloud.clock.now()), ous=ous))

    assert {cell.account_id for cell, one in again.items() if not isinstance(one.answer, Unchanged)} == {moved}


def test_a_failure_whose_resource_is_no_more_is_not_reported_as_one(looking: Looking, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    estate = estate_of(cloud, account)
    backend = config_backends[account][HOME]
    home = config_backends[cloud.state.management_account_id][HOME]
    assert isinstance(backend, LocalConfigBackend)
    assert isinstance(home, LocalConfigBackend)
    rule = home.organization_rules["s3-bucket-public-read-prohibited"].member_rule_name
    backend.haunt(rule, Verdict("AWS::S3::Bucket", "gone-shop", Compliance.NON_COMPLIANT, "The bucket is public."))

    answer = looking.read(estate)[Cell("config", rule, account, "eu-west-1")].answer

    assert isinstance(answer, Seen)
    (ghost,) = [one for one in answer.observations if one.resource_id == "gone-shop"]
    assert ghost.state is State.UNKNOWN
    assert "knows no such resource" in ghost.reason


def test_rules_are_expected_in_a_silent_account_region_by_region(looking: Looking, cloud: Cloud) -> None:
    account, silent = enrol(cloud, "eu-west-1", "us-east-1"), join(cloud, "search-dev")

    found = looking.read(estate_of(cloud, account, silent))

    for region in ("eu-west-1", "us-east-1"):
        spoken = {c.control_id for c in found if (c.account_id, c.region) == (account, region)}
        expected = {c.control_id for c in found if (c.account_id, c.region) == (silent, region)}
        assert expected == {name for name in spoken if name.startswith("OrgConfigRule-")}
    assert all(isinstance(found[cell].answer, Unknown) for cell in found if cell.account_id == silent)


def test_the_management_account_is_one_unknown_a_region(looking: Looking, cloud: Cloud) -> None:
    management = cloud.state.management_account_id

    found = looking.read(estate_of(cloud, enrol(cloud, "eu-west-1"), management))

    mine = [cell for cell in found if cell.account_id == management]
    assert {(cell.control_id, cell.region) for cell in mine} == {("*", "eu-west-1"), ("*", "us-east-1")}


def test_an_account_that_the_aggregator_does_not_collect_from_is_unknown(looking: Looking, cloud: Cloud) -> None:
    found = looking.read(estate_of(cloud, enrol(cloud, "eu-west-1"), "999999999999"))

    reasons = {one.answer.reason for one in found.values() if isinstance(one.answer, Unknown)}
    assert any("the aggregator does not collect from this account" in reason for reason in reasons)


def shard_of(control: str, account: str) -> Shard:
    work = {
        "aggregator": "organization",
        "regions": ["eu-west-1"],
        "types": [],
        "cells": [[control, account, "eu-west-1"]],
    }
    return Shard("config-rules-0", "config", 1, work)


def test_a_rule_that_went_while_the_audit_ran_is_unknown(looking: Looking, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    (found,) = looking.source.collect(looking.calls, shard_of("no-such-rule", account))

    assert isinstance(found.answer, Unknown)


def test_rows_that_only_ask_what_would_be_are_no_posture(
    looking: Looking, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(looking.calls, "pages", lambda *_, **__: iter([page]))

    (found,) = looking.source.collect(looking.calls, shard_of("r", "111111111111"))

    assert isinstance(found.answer, Seen)
    assert [one.resource_id for one in found.answer.observations] == ["real"]


def test_without_an_aggregator_every_place_is_unknown(looking: Looking, cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    cloud.client("config").delete_configuration_aggregator(**AGGREGATOR)

    found = looking.read(estate_of(cloud, account))

    assert {cell.control_id for cell in found} == {"*"}
    assert len(found) == 2


def test_a_rule_the_catalogue_does_not_know_is_shown_by_its_name(source: ConfigSource) -> None:
    told = source.describe("OrgConfigRule-our-own-rule-abcd1234", {})

    assert (told.title, told.severity.value) == ("our-own-rule", "unrated")
