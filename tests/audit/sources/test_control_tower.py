"""What Control Tower's listings mean."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.finding import State
from audit.query.filters import Filters
from audit.query.reader import Row
from audit.service import Audit
from audit.sources.control_tower import judge_baseline, judge_control, judge_drift, judge_version
from tests.audit.ground import Book, make_audit, person
from tests.cloud import Cloud
from tests.guardrails.ground import make_account


def enabled(status: str = "SUCCEEDED", drift: str | None = None, **types: str) -> dict[str, Any]:
    told = {"driftStatus": drift} if drift else {}
    kinds = {name: {"status": value} for name, value in types.items()}
    return {"statusSummary": {"status": status}, "driftStatusSummary": {**told, "types": kinds}}


@pytest.mark.parametrize(
    ("summary", "state", "word"),
    [
        (enabled(drift="IN_SYNC"), State.PASS, ""),
        (enabled(drift="DRIFTED", resource="DRIFTED", inheritance="IN_SYNC"), State.FAIL, "(resource)"),
        (enabled(drift="DRIFTED"), State.FAIL, "no type told"),
        (enabled(drift="NOT_CHECKING"), State.UNKNOWN, "NOT_CHECKING"),
        (enabled(drift="UNKNOWN"), State.UNKNOWN, "UNKNOWN"),
        (enabled(drift="SOMETHING_NEW"), State.UNKNOWN, "SOMETHING_NEW"),
        (enabled(), State.UNKNOWN, "UNKNOWN"),
        (enabled("FAILED", "IN_SYNC"), State.FAIL, "failed"),
        (enabled("UNDER_CHANGE", "IN_SYNC"), State.UNKNOWN, "right now"),
    ],
)
def test_a_control_passes_only_when_somebody_looked_and_found_it_in_sync(
    summary: dict[str, Any], state: State, word: str
) -> None:
    judged, reason = judge_control(summary)

    assert judged is state
    assert word in reason


@pytest.mark.parametrize(
    ("summary", "state"),
    [
        (enabled(inheritance="IN_SYNC"), State.PASS),
        (enabled(inheritance="DRIFTED"), State.FAIL),
        (enabled(source="DRIFTED", inheritance="IN_SYNC"), State.FAIL),
        (enabled(), State.UNKNOWN),
        (enabled("FAILED"), State.FAIL),
        (enabled("UNDER_CHANGE", inheritance="IN_SYNC"), State.UNKNOWN),
    ],
)
def test_a_baseline_that_is_not_drift_checked_is_unknown(summary: dict[str, Any], state: State) -> None:
    assert judge_baseline(summary)[0] is state


@pytest.mark.parametrize(
    ("zone", "state"),
    [
        ({"status": "ACTIVE", "driftStatus": {"status": "IN_SYNC"}}, State.PASS),
        ({"status": "ACTIVE", "driftStatus": {"status": "DRIFTED"}}, State.FAIL),
        ({"status": "ACTIVE"}, State.UNKNOWN),
        ({"status": "PROCESSING", "driftStatus": {"status": "IN_SYNC"}}, State.UNKNOWN),
        ({}, State.UNKNOWN),
    ],
)
def test_a_landing_zone_passes_only_when_it_is_active_and_in_sync(zone: dict[str, Any], state: State) -> None:
    assert judge_drift(zone)[0] is state


def test_a_landing_zone_behind_the_latest_version_fails_and_names_both() -> None:
    assert judge_version({"version": "3.3", "latestAvailableVersion": "4.0"}) == (
        State.FAIL,
        "The landing zone is on version 3.3; 4.0 is available.",
    )
    assert judge_version({"version": "4.0", "latestAvailableVersion": "4.0"})[0] is State.PASS
    assert judge_version({"version": "4.0"})[0] is State.UNKNOWN


@pytest.fixture
def audit(cloud: Cloud, tmp_path: Path) -> Iterator[Audit]:
    cloud.limits.enforced = False
    yield make_audit(cloud, tmp_path, Book(cloud))
    cloud.limits.enforced = True


def run(audit: Audit) -> list[Row]:
    audit.auditor.execute(audit.auditor.start(person("grace")).id)
    return audit.reader.all_findings(person("sam"), Filters(source=("control-tower",)))


def test_an_enrolled_account_has_its_controls_and_its_baseline(audit: Audit, cloud: Cloud) -> None:
    account = make_account(cloud, "Sandbox")
    cloud.clock.advance(6 * 3600)

    found = [one for one in run(audit) if one["account_id"] == account]

    assert {one["status"] for one in found if one["control_id"] == "baseline/AWSControlTowerBaseline"} == {"pass"}
    assert {one["resource_id"] for one in found} == {account}
    assert {one["ou"] for one in found} == {"Sandbox"}
    assert any(one["severity"] in ("high", "critical") for one in found)


def test_an_account_outside_every_ou_is_not_enrolled_and_fails(audit: Audit, cloud: Cloud) -> None:
    account = make_account(cloud, ou=None)

    (found,) = [one for one in run(audit) if one["account_id"] == account]

    assert (found["control_id"], found["status"]) == ("baseline/AWSControlTowerBaseline", "fail")
    assert "not enrolled" in found["reason"]


def test_controls_of_an_ou_are_told_with_the_ou(audit: Audit) -> None:
    units = {one["ou"] for one in run(audit) if one["resource_type"] == "AWS::ControlTower::EnabledControl"}

    assert {"Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security"} <= units


def test_a_policy_that_somebody_took_off_an_ou_is_drift(audit: Audit, cloud: Cloud) -> None:
    before = {one["status"] for one in run(audit) if one["ou"] == "Prod"}
    organizations = cloud.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    prod = next(unit["Id"] for unit in units if unit["Name"] == "Prod")
    attached = organizations.list_policies_for_target(TargetId=prod, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    for policy in attached:
        if policy["Name"].startswith("aws-guardrails"):
            organizations.detach_policy(PolicyId=policy["Id"], TargetId=prod)

    cloud.clock.advance(3600)
    after = [one for one in run(audit) if one["ou"] == "Prod" and one["status"] == "fail"]

    assert "fail" not in before
    assert after
    assert all("drifted" in one["reason"] for one in after)
