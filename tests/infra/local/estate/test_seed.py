from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from infra.local.estate.size import Size
from tests.cloud import Cloud

AGGREGATOR = "acme-organization"
SIZE = Size(accounts=12, rules=40, resources=900, drift=0.2, ghosts=5, outdated=4)


@pytest.fixture
def big(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud with twelve generated accounts; whoever comes next has the example's again."""
    yield resized(cloud, SIZE)
    cloud.state.size = Size()


def resized(cloud: Cloud, size: Size, seed: int = 0) -> Cloud:
    cloud.state.size, cloud.state.dice.seed = size, seed
    cloud.reset()
    cloud.limits.enforced = False
    cloud.state.dice.seed = 0
    return cloud


def accounts(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.client("organizations").get_paginator("list_accounts").paginate()
    return [account for page in pages for account in page["Accounts"]]


def generated(cloud: Cloud) -> list[str]:
    return [account["Id"] for account in accounts(cloud) if account["Name"][-5:].isdigit()]


def states(cloud: Cloud, **filters: str) -> list[dict[str, Any]]:
    asked = {"ConfigurationAggregatorName": AGGREGATOR, "Filters": filters}
    paginator = cloud.client("config").get_paginator("describe_aggregate_compliance_by_config_rules")
    rows = [row for page in paginator.paginate(**asked) for row in page["AggregateComplianceByConfigRules"]]
    of_them = set(generated(cloud))
    return [row for row in rows if row["AccountId"] in of_them]


def results(cloud: Cloud, row: dict[str, Any]) -> list[tuple[str, str]]:
    found = cloud.client("config").get_aggregate_compliance_details_by_config_rule(
        ConfigurationAggregatorName=AGGREGATOR,
        **{name: row[name] for name in ("ConfigRuleName", "AccountId", "AwsRegion")},
        Limit=100,
    )["AggregateEvaluationResults"]
    return [
        (one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"], one["ComplianceType"])
        for one in found
    ]


def test_generated_accounts_are_enrolled_in_the_classes_units(big: Cloud) -> None:
    enrolled = big.client("controltower").list_enabled_baselines(includeChildren=True, maxResults=100)
    statuses = {
        one["targetIdentifier"].rpartition("/")[2]: one["statusSummary"]["status"]
        for one in enrolled["enabledBaselines"]
    }

    assert len(generated(big)) == 12
    assert {statuses[one] for one in generated(big)} == {"SUCCEEDED"}


def test_a_generated_account_can_be_used(big: Cloud) -> None:
    account_id = generated(big)[0]

    recorders = big.session(account_id).client("config").describe_configuration_recorders()

    assert recorders["ConfigurationRecorders"]


def test_each_account_has_so_many_rules(big: Cloud) -> None:
    account_id = generated(big)[0]
    member = big.session(account_id)

    rules = [
        rule["ConfigRuleName"]
        for region in big.state.governed_regions
        for rule in member.client("config", region).describe_config_rules()["ConfigRules"]
    ]

    assert len(rules) == 40


def test_the_evaluations_are_as_many_as_asked_for_and_a_fifth_fails(big: Cloud) -> None:
    rows = states(big)

    found = [result for row in rows for result in results(big, row)]

    ghosts = 5
    assert len(found) == 900 + ghosts
    failing = Counter(compliance for _, compliance in found)["NON_COMPLIANT"]
    assert 130 < failing < 230


def test_the_state_of_a_rule_is_that_of_its_results(big: Cloud) -> None:
    for row in states(big, AccountId=generated(big)[0]):
        found = {compliance for _, compliance in results(big, row)}

        assert row["Compliance"]["ComplianceType"] == min(found, key=["NON_COMPLIANT", "COMPLIANT"].index)


def test_ghosts_have_results_but_are_not_discovered(big: Cloud) -> None:
    config = big.client("config")
    judged = {
        resource
        for row in states(big, AwsRegion="eu-west-1", ConfigRuleName=haunted(big))
        for resource, _ in results(big, row)
    }

    there = {
        one["ResourceId"]
        for page in config.get_paginator("list_aggregate_discovered_resources").paginate(
            ConfigurationAggregatorName=AGGREGATOR, ResourceType="AWS::S3::Bucket"
        )
        for one in page["ResourceIdentifiers"]
    }

    assert len(judged - there) == 5


def haunted(cloud: Cloud) -> str:
    names = (str(row["ConfigRuleName"]) for row in states(cloud, AwsRegion="eu-west-1"))
    return next(name for name in names if "s3-bucket-level-public" in name)


def faulty(cloud: Cloud) -> dict[tuple[str, str], str]:
    found = cloud.client("config").describe_configuration_aggregator_sources_status(
        ConfigurationAggregatorName=AGGREGATOR, UpdateStatus=["OUTDATED", "FAILED"]
    )["AggregatedSourceStatusList"]
    return {(one["SourceId"], one["AwsRegion"]): one["LastUpdateStatus"] for one in found}


def test_some_sources_are_not_heard_of(big: Cloud) -> None:
    assert Counter(faulty(big).values()) == {"OUTDATED": 2, "FAILED": 2}


def test_the_same_seed_makes_the_same_organisation(big: Cloud) -> None:
    first = (accounts(big), states(big), faulty(big))
    again = (accounts(resized(big, SIZE)), states(big), faulty(big))
    another = accounts(resized(big, SIZE, seed=1))

    assert again == first
    assert another != first[0]


def test_a_share_of_the_results_changes_where_sources_are_heard(big: Cloud) -> None:
    before = {(row["AccountId"], row["ConfigRuleName"], row["AwsRegion"]): results(big, row) for row in states(big)}
    big.clock.advance(60)

    answer = httpx2.post(f"{big.url}/_cloud/estate/change", json={"share": 0.1})

    after = {(row["AccountId"], row["ConfigRuleName"], row["AwsRegion"]): results(big, row) for row in states(big)}
    assert answer.status_code == 200
    changed = {key for key in before if before[key] != after[key]}
    assert 40 < len(changed) < 140
    assert not {(account, region) for account, _, region in changed} & set(faulty(big))


def test_nothing_changes_where_nothing_was_generated(cloud: Cloud) -> None:
    assert httpx2.post(f"{cloud.url}/_cloud/estate/change", json={"share": 0.1}).status_code == 409
    assert httpx2.post(f"{cloud.url}/_cloud/estate/change", json={"share": 2}).status_code == 400


def test_the_example_has_ghosts_and_outdated_sources_when_asked(cloud: Cloud) -> None:
    resized(cloud, Size(ghosts=3, outdated=2))
    cloud.state.size = Size()

    rows = cloud.client("config").describe_aggregate_compliance_by_config_rules(
        ConfigurationAggregatorName=AGGREGATOR, Filters={"ComplianceType": "NON_COMPLIANT"}
    )["AggregateComplianceByConfigRules"]
    gone = {
        resource
        for row in rows
        if "s3-bucket-public-read" in row["ConfigRuleName"]
        for resource, _ in results(cloud, row)
        if resource.startswith("acme-gone-")
    }
    assert len(gone) == 3
    assert len(faulty(cloud)) == 2


def test_the_seed_without_options_has_neither(cloud: Cloud) -> None:
    assert faulty(cloud) == {}
    assert unrecorded(cloud) == []


def unrecorded(cloud: Cloud) -> list[str]:
    """Members in which no region has a recorder, asked one by one as nothing of theirs is aggregated."""
    return [
        one
        for one in sorted(enrolled(cloud))
        if not any(
            cloud.session(one).client("config", region).describe_configuration_recorders()["ConfigurationRecorders"]
            for region in cloud.state.governed_regions
        )
    ]


def enrolled(cloud: Cloud) -> set[str]:
    pages = cloud.client("controltower").get_paginator("list_enabled_baselines").paginate(includeChildren=True)
    targets = [one["targetIdentifier"] for page in pages for one in page["enabledBaselines"]]
    members = {one.rpartition("/")[2] for one in targets if ":account/" in one}
    return members - {cloud.state.management_account_id}


@pytest.mark.parametrize("size", [Size(accounts=8, rules=16, resources=300, unrecorded=3), Size(unrecorded=2)], ids=str)
def test_accounts_without_a_recorder_are_heard_of_with_nothing_in_them(cloud: Cloud, size: Size) -> None:
    resized(cloud, size)
    cloud.state.size = Size()

    silent = unrecorded(cloud)

    assert len(silent) == size.unrecorded
    paginator = cloud.client("config").get_paginator("describe_aggregate_compliance_by_config_rules")
    pages = paginator.paginate(ConfigurationAggregatorName=AGGREGATOR)
    judged = {row["AccountId"] for page in pages for row in page["AggregateComplianceByConfigRules"]}
    assert judged - {cloud.state.management_account_id} == enrolled(cloud) - set(silent)
    paginator = cloud.client("config").get_paginator("list_aggregate_discovered_resources")
    pages = paginator.paginate(ConfigurationAggregatorName=AGGREGATOR, ResourceType="AWS::S3::Bucket")
    assert not {one["SourceAccountId"] for page in pages for one in page["ResourceIdentifiers"]} & set(silent)
    assert faulty(cloud) == {}


@pytest.mark.parametrize("wrong", [{"accounts": -1}, {"rules": 0}, {"drift": 1.5}, {"acounts": 1}])
def test_a_size_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Size.model_validate(wrong)
