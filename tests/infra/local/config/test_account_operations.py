"""What an account keeps for itself in Config, from the first call to the last."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import enrol


def member(cloud: Cloud) -> Any:
    return cloud.session(enrol(cloud, "eu-west-1")).client("config")


@behaviour("config.PutRetentionConfiguration")
def test_a_retention_period_is_kept_until_it_is_deleted(cloud: Cloud) -> None:
    config = member(cloud)

    config.put_retention_configuration(RetentionPeriodInDays=400)

    (kept,) = config.describe_retention_configurations()["RetentionConfigurations"]
    assert kept["RetentionPeriodInDays"] == 400
    config.delete_retention_configuration(RetentionConfigurationName=kept["Name"])
    assert config.describe_retention_configurations()["RetentionConfigurations"] == []


@behaviour("config.PutAggregationAuthorization")
def test_an_authorisation_to_aggregate_can_be_taken_back(cloud: Cloud) -> None:
    config = member(cloud)
    whom = {"AuthorizedAccountId": cloud.state.management_account_id, "AuthorizedAwsRegion": "eu-west-1"}

    config.put_aggregation_authorization(**whom)

    (given,) = config.describe_aggregation_authorizations()["AggregationAuthorizations"]
    assert given["AuthorizedAccountId"] == cloud.state.management_account_id
    config.delete_aggregation_authorization(**whom)
    assert config.describe_aggregation_authorizations()["AggregationAuthorizations"] == []


@behaviour("config.DeleteConfigurationAggregator")
def test_a_deleted_aggregator_is_asked_in_vain(cloud: Cloud) -> None:
    config = cloud.client("config")
    name = config.describe_configuration_aggregators()["ConfigurationAggregators"][0]["ConfigurationAggregatorName"]

    config.delete_configuration_aggregator(ConfigurationAggregatorName=name)

    with pytest.raises(ClientError) as refused:
        config.describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName=name)
    assert refused.value.response["Error"]["Code"] == "NoSuchConfigurationAggregatorException"


@behaviour("config.DeleteDeliveryChannel")
def test_a_delivery_channel_goes_only_when_nothing_is_recorded(cloud: Cloud) -> None:
    config = member(cloud)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]

    with pytest.raises(ClientError) as refused:
        config.delete_delivery_channel(DeliveryChannelName=channel["name"])
    assert refused.value.response["Error"]["Code"] == "LastDeliveryChannelDeleteFailedException"

    config.stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])
    config.delete_delivery_channel(DeliveryChannelName=channel["name"])
    assert config.describe_delivery_channels()["DeliveryChannels"] == []


@behaviour("config.UntagResource")
def test_a_rules_tags_come_and_go(cloud: Cloud) -> None:
    config = member(cloud)
    rule = {"ConfigRuleName": "own", "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}}
    config.put_config_rule(ConfigRule=rule, Tags=[{"Key": "by", "Value": "us"}, {"Key": "for", "Value": "all"}])
    found = {one["ConfigRuleName"]: one for one in config.describe_config_rules()["ConfigRules"]}
    arn = found["own"]["ConfigRuleArn"]

    config.untag_resource(ResourceArn=arn, TagKeys=["by"])

    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "for", "Value": "all"}]


@pytest.mark.parametrize("tag", [{"Key": "team"}, {"Value": "payments"}])
def test_a_tag_without_a_key_or_a_value_is_refused(cloud: Cloud, tag: dict[str, str]) -> None:
    config = cloud.client("config")
    asked = {"AuthorizedAccountId": "123456789012", "AuthorizedAwsRegion": "eu-west-1", "Tags": [tag]}

    with pytest.raises(ClientError) as refused:
        config.put_aggregation_authorization(**asked)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert config.describe_aggregation_authorizations()["AggregationAuthorizations"] == []


@behaviour("config.PutConfigurationRecorder")
def test_a_recorder_without_a_role_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("config", "ap-south-1").put_configuration_recorder(ConfigurationRecorder={"name": "mine"})

    assert refused.value.response["Error"]["Code"] == "InvalidRoleException"
