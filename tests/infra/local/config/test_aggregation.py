"""What an aggregator shows of its sources, over HTTP with plain boto3."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.config.models import LocalConfigBackend, config_backends
from infra.local.config.place import Place
from infra.local.config.source import SourceFault, SourceState
from infra.local.faults.fault import EmptyPage
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import AGGREGATOR, enrol, join

CLOSED = "vpc-default-security-group-closed"


def states(cloud: Cloud, account: str, **filters: str) -> list[dict[str, Any]]:
    config = cloud.client("config")
    pages = config.get_paginator("describe_aggregate_compliance_by_config_rules").paginate(
        **AGGREGATOR, Filters={"AccountId": account} | filters
    )
    return [row for page in pages for row in page["AggregateComplianceByConfigRules"]]


def rule_name(cloud: Cloud, account: str, wanted: str = CLOSED, region: str = "eu-west-1") -> str:
    names: list[str] = [row["ConfigRuleName"] for row in states(cloud, account, AwsRegion=region)]
    return next(name for name in names if wanted in name)


def details(cloud: Cloud, account: str, name: str, region: str = "eu-west-1", **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("config").get_aggregate_compliance_details_by_config_rule(
        **AGGREGATOR, AccountId=account, AwsRegion=region, ConfigRuleName=name, **more
    )["AggregateEvaluationResults"]
    return found


def backend(account: str, region: str = "eu-west-1") -> LocalConfigBackend:
    found = config_backends[account][region]
    assert isinstance(found, LocalConfigBackend)
    return found


@behaviour("config.DescribeAggregateComplianceByConfigRules")
def test_an_account_without_a_recorder_has_no_results(cloud: Cloud) -> None:
    account = join(cloud)

    assert states(cloud, account) == []


def test_an_account_is_judged_in_every_region_it_records(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    assert {row["AwsRegion"] for row in states(cloud, account)} == {"eu-west-1", "us-east-1"}


def test_the_management_account_gets_no_organisation_rule(cloud: Cloud) -> None:
    assert states(cloud, cloud.state.management_account_id) == []


def test_rules_about_what_an_account_has_once_run_in_the_home_region(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")

    rows = [row for row in states(cloud, account) if "iam-password-policy" in row["ConfigRuleName"]]

    assert [row["AwsRegion"] for row in rows] == ["eu-west-1"]


@behaviour("config.DescribeAggregateComplianceByConfigRules")
def test_rules_without_results_are_left_out(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    assert not [row for row in states(cloud, account) if "rds-storage-encrypted" in row["ConfigRuleName"]]


def test_a_filter_chooses_the_failing_rules(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    rows = states(cloud, account, ComplianceType="NON_COMPLIANT")

    assert {row["Compliance"]["ComplianceType"] for row in rows} == {"NON_COMPLIANT"}
    assert any(CLOSED in row["ConfigRuleName"] for row in rows)


@behaviour("config.DescribeAggregateComplianceByConfigRules")
def test_a_page_can_be_empty_and_carry_a_token(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    config = cloud.client("config")
    asked = {**AGGREGATOR, "Filters": {"AccountId": account, "ConfigRuleName": rule_name(cloud, account)}, "Limit": 1}

    first = config.describe_aggregate_compliance_by_config_rules(**asked)

    assert first["AggregateComplianceByConfigRules"] == []
    assert first["NextToken"]


def test_pages_that_a_fault_leaves_empty_lose_nothing(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    listing = cloud.client("config").get_paginator("describe_aggregate_compliance_by_config_rules")
    whole = states(cloud, account)
    cloud.state.faults.add((EmptyPage(kind="empty_page", calls="config.*", count=2),))

    asked = listing.paginate(**AGGREGATOR, Filters={"AccountId": account}, PaginationConfig={"PageSize": 4})
    pages = [page["AggregateComplianceByConfigRules"] for page in asked]

    cloud.state.faults.disarm()
    assert pages[:2] == [[], []]
    assert [row for page in pages for row in page] == whole


def test_pages_together_hold_every_rule_once(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    config = cloud.client("config")
    whole = [(row["AwsRegion"], row["ConfigRuleName"]) for row in states(cloud, account)]

    found: list[tuple[str, str]] = []
    token: dict[str, str] = {}
    while True:
        page = config.describe_aggregate_compliance_by_config_rules(
            **AGGREGATOR, Filters={"AccountId": account}, Limit=4, **token
        )
        found += [(row["AwsRegion"], row["ConfigRuleName"]) for row in page["AggregateComplianceByConfigRules"]]
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}

    assert found == whole


def test_a_token_is_good_for_its_own_question_only(cloud: Cloud) -> None:
    enrol(cloud, "eu-west-1")
    config = cloud.client("config")
    token = config.describe_aggregate_compliance_by_config_rules(**AGGREGATOR, Limit=1)["NextToken"]

    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        config.describe_aggregate_compliance_by_config_rules(
            **AGGREGATOR, Filters={"AwsRegion": "us-east-1"}, NextToken=token
        )


@behaviour("config.DescribeAggregateComplianceByConfigRules")
@pytest.mark.parametrize("token", ["nonsense", "W10=", "e30="])
def test_a_token_nobody_gave_is_refused(cloud: Cloud, token: str) -> None:
    config = cloud.client("config")

    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        config.describe_aggregate_compliance_by_config_rules(**AGGREGATOR, NextToken=token)


@behaviour("config.DescribeAggregateComplianceByConfigRules")
def test_more_than_a_page_holds_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidLimitException"):
        cloud.client("config").describe_aggregate_compliance_by_config_rules(**AGGREGATOR, Limit=1001)


@behaviour("config.DescribeAggregateComplianceByConfigRules")
def test_an_aggregator_nobody_made_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="NoSuchConfigurationAggregatorException"):
        cloud.client("config").describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName="none")


@behaviour("config.GetAggregateComplianceDetailsByConfigRule")
def test_the_details_of_a_rule_name_each_resource_and_why(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    (row,) = details(cloud, account, rule_name(cloud, account))

    qualifier = row["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    assert qualifier["ResourceType"] == "AWS::EC2::SecurityGroup"
    assert qualifier["EvaluationMode"] == "DETECTIVE"
    assert (row["AccountId"], row["AwsRegion"]) == (account, "eu-west-1")
    assert row["Annotation"]


@behaviour("config.GetAggregateComplianceDetailsByConfigRule")
def test_what_does_not_apply_is_not_aggregated(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    ec2 = cloud.session(account).client("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]

    rows = details(cloud, account, rule_name(cloud, account))

    resources = [row["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"] for row in rows]
    assert group not in resources


@behaviour("config.GetAggregateComplianceDetailsByConfigRule")
def test_details_are_asked_for_by_the_two_states_there_are(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    name = rule_name(cloud, account)

    assert details(cloud, account, name, ComplianceType="COMPLIANT") == []
    with pytest.raises(ClientError, match="ValidationException"):
        details(cloud, account, name, ComplianceType="NOT_APPLICABLE")


def test_a_rule_nobody_has_is_an_empty_answer(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    assert details(cloud, account, "no-such-rule") == []


def test_a_result_keeps_its_time_until_its_compliance_changes(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    name = rule_name(cloud, account, "ec2-ebs-encryption-by-default")
    (first,) = details(cloud, account, name)

    cloud.clock.advance(3600)
    (same,) = details(cloud, account, name)
    cloud.session(account).client("ec2").enable_ebs_encryption_by_default()
    cloud.clock.advance(60)
    (changed,) = details(cloud, account, name)

    assert same["ResultRecordedTime"] == first["ResultRecordedTime"]
    assert changed["ComplianceType"] == "COMPLIANT"
    assert changed["ResultRecordedTime"] - first["ResultRecordedTime"] == timedelta(seconds=3660)


@behaviour("config.DescribeAggregateComplianceByConfigRules", "config/latest/APIReference/API_ComplianceSummary.html")
def test_the_number_of_resources_is_capped_and_says_so(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    s3 = cloud.session(account).client("s3")
    for number in range(26):
        s3.create_bucket(Bucket=f"many-{number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    rows = states(cloud, account, ConfigRuleName=rule_name(cloud, account, "s3-bucket-ssl-requests-only"))

    count = rows[0]["Compliance"]["ComplianceContributorCount"]
    assert count == {"CappedCount": 25, "CapExceeded": True}


@behaviour("config.GetAggregateConfigRuleComplianceSummary")
def test_the_summary_counts_rules(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1", "us-east-1")
    rows = states(cloud, account)

    answer = cloud.client("config").get_aggregate_config_rule_compliance_summary(
        **AGGREGATOR, Filters={"AccountId": account}, GroupByKey="AWS_REGION"
    )

    for group in answer["AggregateComplianceCounts"]:
        here = [row["Compliance"]["ComplianceType"] for row in rows if row["AwsRegion"] == group["GroupName"]]
        summary = group["ComplianceSummary"]
        assert summary["CompliantResourceCount"]["CappedCount"] == here.count("COMPLIANT")
        assert summary["NonCompliantResourceCount"]["CappedCount"] == here.count("NON_COMPLIANT")


@behaviour("config.DescribeConfigurationAggregatorSourcesStatus")
def test_every_account_and_region_is_a_source(cloud: Cloud) -> None:
    account = join(cloud)
    config = cloud.client("config")

    pages = config.get_paginator("describe_configuration_aggregator_sources_status").paginate(**AGGREGATOR)
    rows = [row for page in pages for row in page["AggregatedSourceStatusList"]]

    mine = {row["AwsRegion"]: row["LastUpdateStatus"] for row in rows if row["SourceId"] == account}
    assert mine == dict.fromkeys(cloud.state.governed_regions, "SUCCEEDED")
    assert [row["SourceType"] for row in rows].count("ORGANIZATION") == 1


@behaviour("config.DescribeConfigurationAggregatorSourcesStatus")
def test_a_source_that_is_not_heard_of_says_so_and_shows_what_was_heard_last(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    name = rule_name(cloud, account, "ec2-ebs-encryption-by-default")
    fault = SourceFault(SourceState.OUTDATED, cloud.clock.now(), "InternalError", "The source did not answer.")
    backend(cloud.state.management_account_id).source_faults[Place(account, "eu-west-1")] = fault

    cloud.session(account).client("ec2").enable_ebs_encryption_by_default()

    answer = cloud.client("config").describe_configuration_aggregator_sources_status(
        **AGGREGATOR, UpdateStatus=["OUTDATED", "FAILED"]
    )
    (row,) = answer["AggregatedSourceStatusList"]
    assert (row["SourceId"], row["LastErrorCode"]) == (account, "InternalError")
    assert details(cloud, account, name)[0]["ComplianceType"] == "NON_COMPLIANT"


@behaviour("config.GetAggregateComplianceDetailsByConfigRule")
def test_a_deleted_resource_is_gone_unless_the_account_keeps_ghosts(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    s3 = cloud.session(account).client("s3")
    s3.create_bucket(Bucket="short-lived", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    name = rule_name(cloud, account, "s3-bucket-ssl-requests-only")
    backend(account).keeps_deleted = True

    s3.delete_bucket(Bucket="short-lived")
    ghosts = details(cloud, account, name)
    backend(account).keeps_deleted = False

    assert len(ghosts) == 1
    assert details(cloud, account, name) == []


def test_a_recorder_that_stands_still_keeps_its_last_results(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    name = rule_name(cloud, account, "ec2-ebs-encryption-by-default")
    session = cloud.session(account)
    session.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")

    session.client("ec2").enable_ebs_encryption_by_default()

    assert details(cloud, account, name)[0]["ComplianceType"] == "NON_COMPLIANT"


@behaviour("config.DeleteConfigurationRecorder")
def test_without_its_recorder_an_account_has_no_results_any_more(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    config = cloud.session(account).client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")

    config.delete_configuration_recorder(ConfigurationRecorderName="default")

    assert states(cloud, account) == []


@behaviour("config.PutAggregationAuthorization")
def test_an_aggregator_of_listed_accounts_hears_only_those_that_agree(cloud: Cloud) -> None:
    willing, silent = enrol(cloud, "eu-west-1"), enrol(cloud, "eu-west-1", name="search-dev")
    config = cloud.client("config")
    listed = [{"AccountIds": [willing, silent], "AwsRegions": ["eu-west-1"]}]
    config.put_configuration_aggregator(ConfigurationAggregatorName="some", AccountAggregationSources=listed)

    cloud.session(willing).client("config").put_aggregation_authorization(
        AuthorizedAccountId=cloud.state.management_account_id, AuthorizedAwsRegion="eu-west-1"
    )

    rows = config.describe_configuration_aggregator_sources_status(ConfigurationAggregatorName="some")
    heard = {row["SourceId"]: row["LastUpdateStatus"] for row in rows["AggregatedSourceStatusList"]}
    assert heard == {willing: "SUCCEEDED", silent: "FAILED"}
    found = config.describe_aggregate_compliance_by_config_rules(ConfigurationAggregatorName="some")
    assert {row["AccountId"] for row in found["AggregateComplianceByConfigRules"]} == {willing}


@behaviour("config.PutConfigurationAggregator")
def test_only_administrators_aggregate_an_organisation(cloud: Cloud) -> None:
    account = join(cloud)
    source = {"RoleArn": f"arn:aws:iam::{account}:role/x", "AllAwsRegions": True}

    with pytest.raises(ClientError, match="OrganizationAccessDeniedException"):
        cloud.session(account).client("config").put_configuration_aggregator(
            ConfigurationAggregatorName="mine", OrganizationAggregationSource=source
        )


def test_a_delegated_administrator_aggregates_the_organisation(cloud: Cloud) -> None:
    account = join(cloud)
    organizations = cloud.client("organizations")
    organizations.register_delegated_administrator(AccountId=account, ServicePrincipal="config.amazonaws.com")
    config = cloud.session(account).client("config")
    source = {"RoleArn": f"arn:aws:iam::{account}:role/x", "AllAwsRegions": True}

    config.put_configuration_aggregator(ConfigurationAggregatorName="mine", OrganizationAggregationSource=source)

    made = config.describe_configuration_aggregators(ConfigurationAggregatorNames=["mine"])
    assert made["ConfigurationAggregators"][0]["CreationTime"] == cloud.clock.now()
    rows = config.describe_configuration_aggregator_sources_status(ConfigurationAggregatorName="mine")
    assert len(rows["AggregatedSourceStatusList"]) > 3
