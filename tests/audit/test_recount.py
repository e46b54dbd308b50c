"""What the audit says of a big organisation, against a count by plain boto3 that knows nothing of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit.query.filters import Filters
from audit.run import RunKind, RunState
from audit.service import Audit
from audit.sources import aggregator
from audit.sources import config as config_source
from infra.local.estate.size import Size
from infra.local.faults.fault import EmptyPage, Throttle
from tests.audit.ground import Book, FixedBook, make_audit, person
from tests.cloud import Cloud

SIZE = Size(accounts=6, rules=16, resources=300, drift=0.3, ghosts=20, outdated=4)
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
AGGREGATOR = "acme-organization"
Key = tuple[str, str, str, str, str]
"""Status, rule, account, region and resource."""


@pytest.fixture
def resized(cloud: Cloud) -> Iterator[Cloud]:
    cloud.state.size = SIZE
    yield cloud
    cloud.state.faults.disarm()
    cloud.state.size = Size()
    cloud.limits.enforced = True


def fill(cloud: Cloud, seed: int) -> None:
    """An organisation with sources that are not heard from and results for resources that are no more."""
    cloud.state.dice.seed = seed
    cloud.reset()
    cloud.limits.enforced = False
    cloud.state.dice.seed = 0


def make_trouble(cloud: Cloud, seed: int) -> None:
    """Every sixth call is refused; listings of Organizations and of the aggregator answer empty pages."""
    troubles = (
        Throttle(kind="throttle", calls="config.*", probability=0.15),
        Throttle(kind="throttle", calls="controltower.*", probability=0.15),
        Throttle(kind="throttle", calls="organizations.*", probability=0.15),
        EmptyPage(kind="empty_page", calls="organizations.List*", probability=0.2),
        EmptyPage(kind="empty_page", calls="config.DescribeAggregate*", count=3),
        EmptyPage(kind="empty_page", calls="config.GetAggregate*", probability=0.2),
    )
    cloud.state.faults.add(troubles, seed)


def end_trouble(cloud: Cloud) -> Counter[str]:
    """How often each kind of trouble struck each service."""
    struck: Counter[str] = Counter()
    for one in cloud.state.faults.armed:
        struck[f"{one.fault.kind} {one.fault.calls.partition('.')[0]}"] += one.injected
    cloud.state.faults.disarm()
    return struck


@pytest.mark.parametrize(("seed", "dense"), [(1, False), (2, True), (3, False)])
def test_findings_equal_a_recount_whatever_aws_does(
    resized: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, dense: bool
) -> None:
    fill(resized, seed)
    if dense:
        monkeypatch.setattr(config_source, "ALWAYS_IN_DETAIL", 100)
    book = FixedBook(tuple(Book(resized).all()))
    audit = make_audit(resized, tmp_path, book)
    make_trouble(resized, seed)

    run = audit.auditor.execute(audit.auditor.begin("schedule", RunKind.FULL).id)
    struck = end_trouble(resized)

    counted = recount(resized)
    assert findings(audit, "pass", "fail") == counted.judged
    assert ghosts(audit) == counted.ghosts != set()
    assert dark_places(audit) == counted.dark != set()
    assert struck["throttle config"]
    assert struck["throttle organizations"]
    assert struck["empty_page config"]
    assert run.state in (RunState.SUCCEEDED, RunState.PARTIAL)
    assert run.predicted_calls is not None
    assert run.predicted_calls <= run.calls <= run.predicted_calls * 1.5, "what is refused is asked again"


def test_an_incremental_run_finds_what_a_recount_finds_wherever_it_changed(
    resized: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(resized, 4)
    monkeypatch.setattr(config_source, "ALWAYS_IN_DETAIL", 50)
    monkeypatch.setattr(aggregator, "PAGE", 2)
    asked: list[str] = []
    resized.client("config").meta.events.register(
        "before-call.config", lambda model, params, **_: asked.append(f"{model.name} {params['body']}")
    )
    audit = make_audit(resized, tmp_path, FixedBook(tuple(Book(resized).all())))
    audit.auditor.execute(audit.auditor.begin("schedule", RunKind.FULL).id)
    resized.clock.advance(6 * 3600)
    estate = resized.state.estate
    assert estate is not None
    estate.change(resized.clock.now(), 0.05)
    make_trouble(resized, 4)

    run = audit.auditor.execute(audit.auditor.begin("schedule", RunKind.INCREMENTAL).id)
    end_trouble(resized)

    assert [one for one in asked if "resourceId, COUNT(*)" in one], "what changed itself is listed"
    counted = recount(resized)
    assert findings(audit, "pass", "fail") == counted.judged
    assert ghosts(audit) == counted.ghosts != set()
    assert dark_places(audit) == counted.dark != set()
    assert [one.name for one in run.shards if one.source == "config"] == [], "nothing was read from the beginning"


def findings(audit: Audit, *statuses: str) -> Counter[Key]:
    asked = Filters(source=("config",), status=statuses)
    keys = ("status", "control_id", "account_id", "region", "resource_id")
    found = audit.reader.all_findings(person("sam"), asked)
    return Counter((one[keys[0]], one[keys[1]], one[keys[2]], one[keys[3]], one[keys[4]]) for one in found)


def ghosts(audit: Audit) -> set[tuple[str, str, str, str]]:
    """What the audit says is reported as failing, and is no more."""
    asked = Filters(source=("config",), status=("unknown",))
    found = [one for one in audit.reader.all_findings(person("sam"), asked) if "it is gone" in one["reason"]]
    return {(one["control_id"], one["account_id"], one["region"], one["resource_id"]) for one in found}


def dark_places(audit: Audit) -> set[tuple[str, str]]:
    """Where the audit says that nothing of the generated accounts was seen."""
    asked = Filters(source=("config",), status=("pass", "fail"))
    seen = {(one["account_id"], one["region"]) for one in audit.reader.all_findings(person("sam"), asked)}
    unseen = Filters(source=("config",), status=("unknown",))
    found = [one for one in audit.reader.all_findings(person("sam"), unseen) if "aggregator's source" in one["reason"]]
    dark = {(one["account_id"], one["region"]) for one in found}
    assert not seen & dark
    return dark


@dataclass(frozen=True)
class Recount:
    judged: Counter[Key]
    ghosts: set[tuple[str, str, str, str]]
    dark: set[tuple[str, str]]


def recount(cloud: Cloud) -> Recount:
    """Rule by rule, row by row, and every failure looked for among the resources that are there."""
    config = cloud.client("config")
    dark = {
        (source["SourceId"], source["AwsRegion"])
        for page in pages(config.describe_configuration_aggregator_sources_status)
        for source in page["AggregatedSourceStatusList"]
        if source["LastUpdateStatus"] != "SUCCEEDED" and source["SourceType"] == "ACCOUNT"
    }
    judged: Counter[Key] = Counter()
    ghosts = set()
    for page in pages(config.describe_aggregate_compliance_by_config_rules):
        for rule in page["AggregateComplianceByConfigRules"]:
            account, region, name = rule["AccountId"], rule["AwsRegion"], rule["ConfigRuleName"]
            if (account, region) in dark:
                continue
            for row in results(config, rule):
                about = row["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
                key = (name, account, region, about["ResourceId"])
                if row["ComplianceType"] == "NON_COMPLIANT" and not exists(config, account, region, about):
                    ghosts.add(key)
                else:
                    judged[{"COMPLIANT": "pass", "NON_COMPLIANT": "fail"}[row["ComplianceType"]], *key] += 1
    return Recount(judged, ghosts, dark)


def results(config: Any, rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    where = {name: rule[name] for name in ("ConfigRuleName", "AccountId", "AwsRegion")}
    for page in pages(config.get_aggregate_compliance_details_by_config_rule, **where):
        yield from page["AggregateEvaluationResults"]


def exists(config: Any, account: str, region: str, about: dict[str, str]) -> bool:
    if about["ResourceType"] == "AWS::::Account":
        return True
    regions = (
        ("eu-west-1", "us-east-1", "eu-central-1") if about["ResourceType"].startswith("AWS::IAM::") else (region,)
    )
    asked = [
        {
            "SourceAccountId": account,
            "SourceRegion": one,
            "ResourceId": about["ResourceId"],
            "ResourceType": about["ResourceType"],
        }
        for one in regions
    ]
    answer = config.batch_get_aggregate_resource_config(
        ConfigurationAggregatorName=AGGREGATOR, ResourceIdentifiers=asked
    )
    return bool(answer["BaseConfigurationItems"])


def pages(operation: Any, **params: Any) -> Iterator[dict[str, Any]]:
    while True:
        page = operation(ConfigurationAggregatorName=AGGREGATOR, **params)
        yield page
        if not page.get("NextToken"):
            return
        params["NextToken"] = page["NextToken"]
