"""What the aggregator knows of resources, and the queries over it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import AGGREGATOR, enrol


def ask(cloud: Cloud, expression: str) -> list[dict[str, Any]]:
    config = cloud.client("config")
    pages = config.get_paginator("select_aggregate_resource_config").paginate(Expression=expression, **AGGREGATOR)
    return [json.loads(row) for page in pages for row in page["Results"]]


def test_one_row_for_each_resource_with_all_its_rules(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    rows = ask(
        cloud,
        "SELECT accountId, awsRegion, configuration.targetResourceId, configuration.complianceType, "
        "configuration.configRuleList.configRuleName, configuration.configRuleList.complianceType "
        f"WHERE resourceType = 'AWS::Config::ResourceCompliance' AND accountId = '{account}' "
        "AND configuration.targetResourceType = 'AWS::EC2::SecurityGroup'",
    )

    (row,) = rows
    assert (row["accountId"], row["awsRegion"]) == (account, "eu-west-1")
    judged = {
        one["configRuleName"].split("-")[1]: one["complianceType"] for one in row["configuration"]["configRuleList"]
    }
    assert judged == {"vpc": "NON_COMPLIANT", "restricted": "COMPLIANT"}
    assert row["configuration"]["complianceType"] == "NON_COMPLIANT"


@behaviour("config.SelectAggregateResourceConfig")
def test_rows_are_counted_by_group(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    where = f"resourceType = 'AWS::EC2::VPC' AND accountId = '{account}'"
    rows = ask(cloud, f"SELECT awsRegion, COUNT(*) WHERE {where} GROUP BY awsRegion")

    assert rows == [{"awsRegion": "eu-west-1", "COUNT(*)": 1}, {"awsRegion": "us-east-1", "COUNT(*)": 1}]


@behaviour("config.SelectAggregateResourceConfig")
def test_a_page_has_25_rows_and_the_next_goes_on(cloud: Cloud) -> None:
    enrol(cloud, "eu-west-1", "us-east-1")
    config = cloud.client("config")

    asked = {"Expression": "SELECT resourceId WHERE resourceType LIKE 'AWS::EC2::%'", **AGGREGATOR}

    first = config.select_aggregate_resource_config(**asked)
    second = config.select_aggregate_resource_config(**asked, NextToken=first["NextToken"])

    assert len(first["Results"]) == 25
    assert not set(first["Results"]) & set(second["Results"])
    assert first["QueryInfo"] == {"SelectFields": [{"Name": "resourceId"}]}


@behaviour("config.SelectAggregateResourceConfig", "config/latest/developerguide/querying-AWS-resources.html")
@pytest.mark.parametrize(
    "expression",
    [
        "SELECT resourceId FROM resources",
        "SELECT resourceId WHERE resourceType LIKE '%::Instance'",
        "SELECT resourceId WHERE resourceType LIKE 'AW%'",
        "SELECT accountId AS id",
        "SELECT accountId, COUNT(*)",
    ],
)
def test_a_query_beyond_the_limits_of_the_language_is_refused(cloud: Cloud, expression: str) -> None:
    with pytest.raises(ClientError, match="InvalidExpressionException"):
        ask(cloud, expression)


@behaviour("config.SelectAggregateResourceConfig", "config/latest/developerguide/querying-AWS-resources.html")
def test_groups_in_the_order_of_a_function_have_no_next_page(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    answer = cloud.client("config").select_aggregate_resource_config(
        Expression=f"SELECT resourceType, COUNT(*) WHERE accountId = '{account}' GROUP BY resourceType"
        " ORDER BY COUNT(*) DESC",
        Limit=1,
        **AGGREGATOR,
    )

    assert len(answer["Results"]) == 1
    assert "NextToken" not in answer
    assert {"Name": "COUNT(*)"} in answer["QueryInfo"]["SelectFields"]


def test_a_type_that_is_not_modelled_is_refused_loudly(cloud: Cloud) -> None:
    enrol(cloud, "eu-west-1")

    with pytest.raises(ClientError, match="NotImplemented"):
        ask(cloud, "SELECT resourceId WHERE resourceType = 'AWS::Redshift::Cluster'")


@behaviour("config.ListAggregateDiscoveredResources")
def test_a_resource_is_listed_fetched_and_gone(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    s3, config = cloud.session(account).client("s3"), cloud.client("config")
    s3.create_bucket(Bucket="ledger", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_tagging(Bucket="ledger", Tagging={"TagSet": [{"Key": "team", "Value": "ledger"}]})
    filters = {"AccountId": account}
    found = config.list_aggregate_discovered_resources(ResourceType="AWS::S3::Bucket", Filters=filters, **AGGREGATOR)
    (identifier,) = found["ResourceIdentifiers"]
    single = config.get_aggregate_resource_config(ResourceIdentifier=identifier, **AGGREGATOR)["ConfigurationItem"]

    s3.delete_bucket(Bucket="ledger")
    many = config.batch_get_aggregate_resource_config(ResourceIdentifiers=[identifier], **AGGREGATOR)

    assert (single["resourceName"], single["tags"]) == ("ledger", {"team": "ledger"})
    assert many["UnprocessedResourceIdentifiers"] == [identifier]
    with pytest.raises(ClientError, match="ResourceNotDiscoveredException"):
        config.get_aggregate_resource_config(ResourceIdentifier=identifier, **AGGREGATOR)


@behaviour("config.BatchGetAggregateResourceConfig")
def test_a_batch_has_no_tags(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    config = cloud.client("config")
    filters = {"AccountId": account}
    found = config.list_aggregate_discovered_resources(ResourceType="AWS::EC2::VPC", Filters=filters, **AGGREGATOR)

    answer = config.batch_get_aggregate_resource_config(ResourceIdentifiers=found["ResourceIdentifiers"], **AGGREGATOR)

    (item,) = answer["BaseConfigurationItems"]
    assert "tags" not in item
    assert json.loads(item["configuration"])["isDefault"] is True


@behaviour("config.GetAggregateDiscoveredResourceCounts")
def test_resources_are_counted_by_type(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    answer = cloud.client("config").get_aggregate_discovered_resource_counts(
        Filters={"AccountId": account}, GroupByKey="RESOURCE_TYPE", **AGGREGATOR
    )

    counts = {row["GroupName"]: row["ResourceCount"] for row in answer["GroupedResourceCounts"]}
    assert counts["AWS::EC2::VPC"] == 2
    assert answer["TotalDiscoveredResources"] == sum(counts.values())
