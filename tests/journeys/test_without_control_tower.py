"""A company that has no Control Tower: an account from the request to its findings, on a cloud without a landing zone.

Every function has the rights alone that the stacks of such a company give it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from audit.query.filters import Filters
from audit.run import Run, RunState
from infra.local.authorize.journal import JOURNAL, Entry
from infra.local.config.own_logs import NAME
from infra.runtime.collecting import make_collector
from infra.runtime.hearing import make_listener
from infra.runtime.product import Product
from tests.audit.told import queued
from tests.cloud import Cloud
from tests.infra.stacks.conftest import Synthesised, synthesise_without_tower
from tests.infra.stacks.platform import Platform, deploy
from tests.vending.line import Line
from tests.vending.parts import connect, person, without_tower
from vending.requests.model import Request, State

HOME = "eu-west-1"


@dataclass(frozen=True)
class Journey:
    """A sandbox that was made, and what the audit saw of it."""

    platform: Platform
    line: Line
    request: Request
    run: Run
    entries: tuple[Entry, ...]

    @property
    def account_id(self) -> str:
        return str(self.request.account_id)

    def config(self, region: str = HOME) -> Any:
        return self.platform.cloud.session(self.account_id).client("config", region)

    def product(self, name: str) -> Product:
        return Product(self.platform.company, self.platform.place(name, self.line.engine))

    def failing(self) -> set[str]:
        """What the portal shows to fail in the account."""
        product = self.product("portal")
        wanted = Filters(account=(self.account_id,), status=("fail",))
        return {row["control_id"] for row in product.audit.reader.all_findings(person("sam"), wanted)}


def collect(platform: Platform, line: Line) -> Run:
    [run] = make_collector(platform.company, platform.place("collector", line.engine)).collect(start=True, seconds=600)
    return run


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise_without_tower(tmp_path_factory.mktemp("synth"))


@pytest.fixture(scope="module")
def journey(running_cloud: Cloud, stacks: Synthesised, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with running_cloud.of(without_tower()), pytest.MonkeyPatch.context() as environment:
        connect(running_cloud, environment)
        platform = deploy(running_cloud, without_tower(), stacks, tmp_path_factory.mktemp("journey"))
        Product(platform.company, platform.place("guardrails")).guardrails.apply()
        line = platform.line()
        request = line.until_over(line.ask().id)
        run = collect(platform, line)
        yield Journey(platform, line, request, run, tuple(JOURNAL.entries()))
        line.stop()


def test_no_stack_asks_a_control_tower_for_anything_or_waits_for_its_events(stacks: Synthesised) -> None:
    asking = [
        part for part, template in stacks.templates.items() if "controltower" in template.path.read_text().lower()
    ]

    assert asking == []


def test_an_account_is_made_without_any_right_of_control_tower(journey: Journey) -> None:
    asked = [one for one in journey.entries if "/aws-service-role/" not in one.principal]
    refused = [(one.principal, one.action, one.resource, one.message) for one in asked if not one.allowed]
    services = {one.action.partition(":")[0] for one in journey.entries}

    assert refused == []
    assert "controltower" not in services
    assert journey.request.state is State.READY, journey.request.parked


def test_it_moves_into_its_ou_and_waits_for_nobody(journey: Journey) -> None:
    steps = [entry.step for entry in journey.request.timeline]

    assert "Move it into its OU" in steps
    assert not [step for step in steps if "Control Tower" in step]


def test_config_records_everything_in_every_region_and_delivers_to_the_companys_bucket(journey: Journey) -> None:
    found = {region: _recording(journey.config(region)) for region in journey.platform.company.landing_zone.regions}

    bucket = journey.platform.company.landing_zone.log_bucket
    assert set(found) == {"eu-west-1", "us-east-1"}
    assert all(one == (True, True, bucket) for one in found.values()), found


def _recording(config: Any) -> tuple[bool, bool, str]:
    [recorder] = config.describe_configuration_recorders()["ConfigurationRecorders"]
    [status] = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    [channel] = config.describe_delivery_channels()["DeliveryChannels"]
    return status["recording"], recorder["recordingGroup"]["allSupported"], channel["s3BucketName"]


def test_what_was_read_back_of_the_recorder_is_among_the_evidence(journey: Journey) -> None:
    held = _promises(journey)

    assert {name for name in held if name.startswith("log.recorder")} == {
        f"log.recorder/{region}" for region in journey.platform.company.landing_zone.regions
    }
    assert set(held.values()) == {"yes"}


def _promises(journey: Journey) -> Mapping[str, str]:
    """As they were read back before the account was handed over."""
    items = journey.product("portal").accounts.evidence(person("ada"), journey.account_id).items
    return {item.id: str(item.holds) for item in items}


def test_the_audit_reads_every_source_there_is_and_plans_none_of_control_tower(journey: Journey) -> None:
    product = journey.product("portal")
    rows = product.audit.reader.all_findings(person("sam"), Filters())

    assert journey.run.state is RunState.SUCCEEDED, journey.run.reason
    assert {row["source"] for row in rows} == {"config", "organizations", "baseline"}
    here = [row["status"] for row in rows if row["account_id"] == journey.account_id and row["source"] == "baseline"]
    assert set(here) == {"pass"}


def test_a_recorder_that_somebody_stopped_is_found(journey: Journey) -> None:
    assert not [control for control in journey.failing() if control.startswith("log.recorder")]

    journey.config().stop_configuration_recorder(ConfigurationRecorderName=NAME)
    collect(journey.platform, journey.line)
    found = journey.failing()
    journey.config().start_configuration_recorder(ConfigurationRecorderName=NAME)

    assert [control for control in found if control.startswith("log.recorder")]


def test_the_guardrails_are_all_in_place_and_nothing_of_them_is_a_control(journey: Journey) -> None:
    guardrails = journey.product("guardrails").guardrails

    assert guardrails.drift() == ()
    assert not [guardrail.id for guardrail in guardrails.catalogue if guardrail.control]


def test_what_a_control_tower_would_tell_is_not_believed(journey: Journey) -> None:
    listener = make_listener(journey.platform.company, journey.platform.place("listener"))

    heard = listener.hear(queued({"source": "aws.controltower", "detail-type": "Drift Detected"}))

    assert heard.looked == ()
    assert heard.refused == ("aws.controltower: Drift Detected is none that the audit knows.",)
