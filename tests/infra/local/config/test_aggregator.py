"""The aggregator's answers, over HTTP with plain boto3."""

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol

AGGREGATOR = "acme-organization"


def test_a_member_without_a_recorder_has_no_results(cloud: Cloud) -> None:
    config = cloud.client("config")

    answer = config.describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName=AGGREGATOR)

    assert answer["AggregateComplianceByConfigRules"] == []


def test_an_enrolled_member_is_judged_in_every_region_it_records(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    config = cloud.client("config")

    answer = config.describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName=AGGREGATOR)

    places = {(row["AccountId"], row["AwsRegion"]) for row in answer["AggregateComplianceByConfigRules"]}
    assert places == {(account, "eu-west-1"), (account, "us-east-1")}
