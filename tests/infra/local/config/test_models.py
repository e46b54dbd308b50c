"""Rules as an account has them: its own, and those of the organisation."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import enrol, join, record

OWN = {"ConfigRuleName": "own", "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}}


def rules(config: Any) -> dict[str, dict[str, Any]]:
    pages = config.get_paginator("describe_config_rules").paginate()
    return {rule["ConfigRuleName"]: rule for page in pages for rule in page["ConfigRules"]}


def deploy(cloud: Cloud, **more: Any) -> str:
    arn: str = cloud.client("config").put_organization_config_rule(
        OrganizationConfigRuleName="more",
        OrganizationManagedRuleMetadata={"RuleIdentifier": "VPC_FLOW_LOGS_ENABLED"},
        **more,
    )["OrganizationConfigRuleArn"]
    return arn


@behaviour("config.PutOrganizationConfigRule")
def test_an_organisation_rule_is_a_rule_of_every_member_that_records(cloud: Cloud) -> None:
    account, other = enrol(cloud, "eu-west-1"), enrol(cloud, "eu-west-1", name="search-dev")
    arn = deploy(cloud)

    here, there = (rules(cloud.session(one).client("config")) for one in (account, other))

    name = f"OrgConfigRule-{arn.rpartition('/')[2]}"
    assert here[name]["Source"] == {"Owner": "AWS", "SourceIdentifier": "VPC_FLOW_LOGS_ENABLED"}
    assert here[name]["CreatedBy"] == "config-multiaccountsetup.amazonaws.com"
    assert here[name]["ConfigRuleArn"] != there[name]["ConfigRuleArn"]


@behaviour("config.PutOrganizationConfigRule")
def test_an_organisation_rule_reaches_an_account_that_records_later(cloud: Cloud) -> None:
    account = join(cloud)
    deploy(cloud)
    config = cloud.session(account).client("config")
    before = rules(config)

    record(config)

    assert before == {}
    assert any(name.startswith("OrgConfigRule-more-") for name in rules(config))


@behaviour("config.DeleteOrganizationConfigRule")
def test_an_organisation_rule_is_taken_back_with_its_results(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    deploy(cloud)

    cloud.client("config").delete_organization_config_rule(OrganizationConfigRuleName="more")

    assert not any("more" in name for name in rules(cloud.session(account).client("config")))


def test_an_excluded_account_does_not_get_the_rule(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    deploy(cloud, ExcludedAccounts=[account])

    assert not any("more" in name for name in rules(cloud.session(account).client("config")))


@behaviour("config.GetOrganizationConfigRuleDetailedStatus")
def test_deployment_fails_in_a_member_without_a_recorder(cloud: Cloud) -> None:
    recording, silent = enrol(cloud, "eu-west-1"), join(cloud, "search-dev")
    deploy(cloud)

    answer = cloud.client("config").get_organization_config_rule_detailed_status(OrganizationConfigRuleName="more")

    status = {row["AccountId"]: row for row in answer["OrganizationConfigRuleDetailedStatus"]}
    assert status[recording]["MemberAccountRuleStatus"] == "CREATE_SUCCESSFUL"
    assert status[silent]["ErrorCode"] == "NoAvailableConfigurationRecorder"


def test_an_administrator_reads_what_it_deployed(cloud: Cloud) -> None:
    arn = deploy(cloud)
    config = cloud.client("config")

    (rule,) = config.describe_organization_config_rules(OrganizationConfigRuleNames=["more"])["OrganizationConfigRules"]
    status = config.describe_organization_config_rule_statuses(OrganizationConfigRuleNames=["more"])

    assert rule["OrganizationConfigRuleArn"] == arn
    assert rule["OrganizationManagedRuleMetadata"] == {"RuleIdentifier": "VPC_FLOW_LOGS_ENABLED"}
    assert status["OrganizationConfigRuleStatuses"][0]["OrganizationRuleStatus"] == "CREATE_SUCCESSFUL"


@behaviour("config.PutOrganizationConfigRule")
def test_a_member_neither_deploys_nor_deletes_for_the_organisation(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    name = next(iter(rules(config)))

    with pytest.raises(ClientError, match="OrganizationAccessDeniedException"):
        config.describe_organization_config_rules()
    with pytest.raises(ClientError, match="AccessDeniedException"):
        config.delete_config_rule(ConfigRuleName=name)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        config.put_config_rule(ConfigRule=OWN | {"ConfigRuleName": name})


def test_an_account_puts_and_deletes_rules_of_its_own(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    config.put_config_rule(ConfigRule=OWN)
    made = config.describe_compliance_by_config_rule(ConfigRuleNames=["own"])["ComplianceByConfigRules"]

    config.delete_config_rule(ConfigRuleName="own")

    assert made == [{"ConfigRuleName": "own", "Compliance": {"ComplianceType": "COMPLIANT"}}]
    with pytest.raises(ClientError, match="NoSuchConfigRuleException"):
        config.describe_config_rules(ConfigRuleNames=["own"])


@behaviour("config.PutConfigRule")
def test_a_rule_needs_a_recorder(cloud: Cloud) -> None:
    config = cloud.session(join(cloud)).client("config")

    with pytest.raises(ClientError, match="NoAvailableConfigurationRecorderException"):
        config.put_config_rule(ConfigRule=OWN)


def test_a_rule_that_is_not_modelled_is_refused_loudly(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    source = {"Owner": "AWS", "SourceIdentifier": "WAFV2_LOGGING_ENABLED"}

    with pytest.raises(ClientError, match="NotImplemented"):
        config.put_config_rule(ConfigRule=OWN | {"Source": source})


@behaviour("config.PutConfigRule")
def test_a_rule_that_aws_does_not_have_is_refused(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    source = {"Owner": "AWS", "SourceIdentifier": "NO_SUCH_RULE"}

    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        config.put_config_rule(ConfigRule=OWN | {"Source": source})


def test_a_rule_without_results_has_insufficient_data(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")

    config.put_config_rule(
        ConfigRule={"ConfigRuleName": "own", "Source": {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}}
    )

    (row,) = config.describe_compliance_by_config_rule(ConfigRuleNames=["own"])["ComplianceByConfigRules"]
    assert row["Compliance"] == {"ComplianceType": "INSUFFICIENT_DATA"}


def test_a_recorder_says_that_it_records(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")

    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]

    assert (status["recording"], status["lastStatus"]) == (True, "Success")
    assert status["lastStartTime"] == cloud.clock.now()


def test_rules_say_when_they_ran(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    config.put_config_rule(ConfigRule=OWN)

    config.start_config_rules_evaluation(ConfigRuleNames=["own"])

    (status,) = config.describe_config_rule_evaluation_status(ConfigRuleNames=["own"])["ConfigRulesEvaluationStatus"]
    assert status["LastSuccessfulEvaluationTime"] == cloud.clock.now()


def test_an_account_lists_the_resources_it_records(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    session = cloud.session(account)
    session.client("iam").create_user(UserName="bob")

    home, away = (
        session.client("config", region).list_discovered_resources(resourceType="AWS::IAM::User")
        for region in ("eu-west-1", "us-east-1")
    )

    assert [one["resourceName"] for one in home["resourceIdentifiers"]] == ["bob"]
    assert away["resourceIdentifiers"] == []


def test_what_moto_would_answer_with_nothing_is_refused_loudly(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")

    with pytest.raises(ClientError, match="NotImplemented"):
        config.select_resource_config(Expression="SELECT resourceId")
    with pytest.raises(ClientError, match="NotImplemented"):
        config.get_resource_config_history(resourceType="AWS::EC2::VPC", resourceId="vpc-1")
    with pytest.raises(ClientError, match="NotImplemented"):
        config.batch_get_resource_config(resourceKeys=[{"resourceType": "AWS::EC2::VPC", "resourceId": "vpc-1"}])


def test_a_changed_organisation_rule_changes_in_its_members(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    name = f"OrgConfigRule-{deploy(cloud).rpartition('/')[2]}"
    before = rules(config)[name]

    cloud.clock.advance(60)
    cloud.client("config").put_organization_config_rule(
        OrganizationConfigRuleName="more",
        OrganizationManagedRuleMetadata={
            "RuleIdentifier": "VPC_FLOW_LOGS_ENABLED",
            "InputParameters": '{"trafficType": "ALL"}',
        },
    )

    after = rules(config)[name]
    assert after["ConfigRuleArn"] == before["ConfigRuleArn"]
    assert after["InputParameters"] == '{"trafficType": "ALL"}'
