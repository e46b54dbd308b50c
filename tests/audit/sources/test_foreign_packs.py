"""A pack of other OU classes that an account still has, or has already, makes none of its rules an obligation."""

from collections.abc import Mapping

import pytest

from audit.calls import Calls
from audit.catalogue import Catalogue
from audit.estate import AuditedAccount, Estate
from audit.finding import Cell, Reading, Seen, State
from audit.sources.config import ConfigSource
from audit.sources.foreign_packs import Obligations
from audit.sources.interface import Known
from guardrails.compiler.conformance import ConformancePack
from infra.local.faults.fault import ServerError
from tests.audit.ground import connect
from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol

HOME = "eu-west-1"
TEMPLATE = (
    '{"Resources":{"Password":{"Type":"AWS::Config::ConfigRule","Properties":'
    '{"ConfigRuleName":"iam-password-policy","Source":{"Owner":"AWS","SourceIdentifier":"IAM_PASSWORD_POLICY"}}}}}'
)
REGULATED = ConformancePack(HOME, ("regulated",), TEMPLATE, ("d.iam",))
EVERY = ConformancePack(HOME, ("dev", "regulated"), TEMPLATE.replace("Password", "Passwords"), ("d.iam",))
OBLIGATIONS = Obligations.of((REGULATED, EVERY))


@pytest.fixture
def judged(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account that fails the same rule three times: by our two packs, and by one that somebody put in it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    cloud.limits.enforced = False
    account = enrol(cloud, HOME)
    for pack in (REGULATED, EVERY):
        cloud.client("config", HOME).put_organization_conformance_pack(
            OrganizationConformancePackName=pack.name, TemplateBody=pack.template
        )
    own = cloud.session(account).client("config", HOME)
    own.put_conformance_pack(ConformancePackName="security-team", TemplateBody=TEMPLATE)
    return account


def look(cloud: Cloud, account: AuditedAccount) -> dict[Cell, Reading]:
    def pause(seconds: float) -> None:
        cloud.clock.advance(seconds)

    calls = Calls(connect(cloud), cloud.clock, pause)
    estate = Estate({account.account_id: account}, (HOME,), HOME, cloud.state.management_account_id)
    source = ConfigSource(cloud.clock, Catalogue(), OBLIGATIONS)
    plan = source.plan(calls, estate, Known())
    readings = (*plan.ready, *(one for shard in plan.shards for one in source.collect(calls, shard)))
    return {one.cell: one for one in readings}


def told(cloud: Cloud, readings: Mapping[Cell, Reading], pack: str) -> set[tuple[State, str]]:
    """What stands of a pack, by a part of its name in the account, and of its rules."""
    [account] = {cell.account_id for cell in readings}
    packs = cloud.session(account).client("config", HOME).describe_conformance_packs()["ConformancePackDetails"]
    [found] = [one for one in packs if pack in one["ConformancePackName"]]
    ends = (found["ConformancePackName"], found["ConformancePackId"])
    mine = [reading.answer for cell, reading in readings.items() if cell.control_id.endswith(ends)]
    assert len(mine) == 2
    return {(one.state, one.reason) for answer in mine if isinstance(answer, Seen) for one in answer.observations}


def states(cloud: Cloud, readings: Mapping[Cell, Reading], pack: str) -> set[State]:
    return {state for state, _ in told(cloud, readings, pack)}


def test_the_rules_of_another_class_s_pack_are_set_apart_with_the_reason(cloud: Cloud, judged: str) -> None:
    readings = look(cloud, AuditedAccount(judged, "payments-dev", "payments", "Dev", "dev"))

    why = (
        f"Conformance pack {REGULATED.name} is for accounts of regulated, and this one is in OU Dev: its rules are no "
        "obligation here. Packs follow accounts every few minutes."
    )
    assert told(cloud, readings, REGULATED.name) == {(State.NOT_APPLICABLE, why)}
    assert states(cloud, readings, EVERY.name) == {State.FAIL}
    assert states(cloud, readings, "security-team") == {State.FAIL}


@pytest.mark.parametrize(
    ("ou", "ou_class", "expected"),
    [
        ("Regulated", "regulated", State.FAIL),
        ("Quarantine", "quarantine", State.NOT_APPLICABLE),
        ("Root", "", State.NOT_APPLICABLE),
        ("Team of Regulated", "", State.FAIL),
    ],
)
def test_between_classes_binds_what_binds_every_class(
    cloud: Cloud, judged: str, ou: str, ou_class: str, expected: State
) -> None:
    readings = look(cloud, AuditedAccount(judged, "payments-dev", "payments", ou, ou_class))

    assert states(cloud, readings, REGULATED.name) == {expected}
    assert states(cloud, readings, EVERY.name) == {State.FAIL}


def test_an_account_that_does_not_say_which_rules_a_pack_brought_is_judged_as_config_reports_it(
    cloud: Cloud, judged: str
) -> None:
    cloud.state.faults.add([ServerError(kind="server_error", calls="config.DescribeConformancePacks")])

    readings = look(cloud, AuditedAccount(judged, "payments-dev", "payments", "Dev", "dev"))

    rules = [reading.answer for cell, reading in readings.items() if cell.control_id.startswith("iam-password-policy-")]
    assert [one.state for answer in rules if isinstance(answer, Seen) for one in answer.observations] == [
        State.FAIL
    ] * 3
