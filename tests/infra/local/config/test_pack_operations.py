"""Conformance packs, in an account and over the organisation."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import AGGREGATOR, enrol


def template(**rules: str) -> str:
    resources = {
        name: {"Type": "AWS::Config::ConfigRule", "Properties": {"Source": {"Owner": "AWS", "SourceIdentifier": rule}}}
        for name, rule in rules.items()
    }
    return json.dumps({"Resources": resources})


BODY = template(ssh="INCOMING_SSH_DISABLED", closed="VPC_DEFAULT_SECURITY_GROUP_CLOSED", rds="RDS_STORAGE_ENCRYPTED")


def deploy(cloud: Cloud) -> str:
    arn: str = cloud.client("config").put_organization_conformance_pack(
        OrganizationConformancePackName="network", TemplateBody=BODY
    )["OrganizationConformancePackArn"]
    return f"OrgConformsPack-{arn.rpartition('/')[2]}"


def aggregated(cloud: Cloud, **filters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("config").describe_aggregate_compliance_by_conformance_packs(
        **AGGREGATOR, Filters=filters
    )["AggregateComplianceByConformancePacks"]
    return found


@behaviour("config.PutOrganizationConformancePack")
def test_a_pack_of_the_organisation_is_judged_in_every_member(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    name = deploy(cloud)

    (row,) = aggregated(cloud, AccountId=account)
    assert (row["ConformancePackName"], row["AwsRegion"]) == (name, "eu-west-1")
    assert row["Compliance"] == {
        "ComplianceType": "NON_COMPLIANT",
        "CompliantRuleCount": 1,
        "NonCompliantRuleCount": 1,
        "TotalRuleCount": 3,
    }
    assert aggregated(cloud, AccountId=account, ComplianceType="COMPLIANT") == []


@behaviour("config.GetAggregateConformancePackComplianceSummary")
def test_packs_are_counted_by_account(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    deploy(cloud)

    answer = cloud.client("config").get_aggregate_conformance_pack_compliance_summary(
        **AGGREGATOR, GroupByKey="ACCOUNT_ID", Filters={"AccountId": account}
    )

    (group,) = answer["AggregateConformancePackComplianceSummaries"]
    assert group["GroupName"] == account
    assert group["ComplianceSummary"] == {"CompliantConformancePackCount": 0, "NonCompliantConformancePackCount": 1}


def test_the_rules_of_a_pack_are_named_after_it(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    name = deploy(cloud)

    (pack,) = config.describe_conformance_packs(ConformancePackNames=[name])["ConformancePackDetails"]
    rules = config.describe_conformance_pack_compliance(ConformancePackName=name)

    states = {row["ConfigRuleName"]: row["ComplianceType"] for row in rules["ConformancePackRuleComplianceList"]}
    assert states == {
        f"closed-{pack['ConformancePackId']}": "NON_COMPLIANT",
        f"rds-{pack['ConformancePackId']}": "INSUFFICIENT_DATA",
        f"ssh-{pack['ConformancePackId']}": "COMPLIANT",
    }
    (rule,) = config.describe_config_rules(ConfigRuleNames=[min(states)])["ConfigRules"]
    assert rule["CreatedBy"] == "config-conforms.amazonaws.com"


@behaviour("config.DeleteConformancePack")
def test_a_pack_goes_with_its_rules(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    deploy(cloud)

    cloud.client("config").delete_organization_conformance_pack(OrganizationConformancePackName="network")

    assert aggregated(cloud, AccountId=account) == []
    with pytest.raises(ClientError, match="NoSuchOrganizationConformancePackException"):
        cloud.client("config").describe_organization_conformance_packs(OrganizationConformancePackNames=["network"])


def test_a_changed_pack_changes_its_rules(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    deploy(cloud)
    aggregated(cloud)

    cloud.clock.advance(60)
    cloud.client("config").put_organization_conformance_pack(
        OrganizationConformancePackName="network", TemplateBody=template(closed="INCOMING_SSH_DISABLED")
    )

    (row,) = aggregated(cloud, AccountId=account)
    assert (row["Compliance"]["ComplianceType"], row["Compliance"]["TotalRuleCount"]) == ("COMPLIANT", 1)


def test_a_member_keeps_its_hands_off_the_organisations_pack(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")
    name = deploy(cloud)

    with pytest.raises(ClientError, match="AccessDeniedException"):
        config.delete_conformance_pack(ConformancePackName=name)


def test_an_account_has_packs_of_its_own(cloud: Cloud) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")

    config.put_conformance_pack(ConformancePackName="mine", TemplateBody=BODY)
    before = [pack["ConformancePackName"] for pack in config.describe_conformance_packs()["ConformancePackDetails"]]
    config.delete_conformance_pack(ConformancePackName="mine")

    assert before == ["mine"]
    with pytest.raises(ClientError, match="NoSuchConformancePackException"):
        config.describe_conformance_packs(ConformancePackNames=["mine"])


def test_a_template_can_lie_in_a_bucket(cloud: Cloud) -> None:
    session = cloud.session(enrol(cloud, "eu-west-1"))
    s3, config = session.client("s3"), session.client("config")
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="templates", Key="network.yaml", Body=BODY.encode())

    config.put_conformance_pack(ConformancePackName="mine", TemplateS3Uri="s3://templates/network.yaml")

    assert config.describe_conformance_packs()["ConformancePackDetails"][0]["ConformancePackName"] == "mine"


@behaviour("config.PutConformancePack")
@pytest.mark.parametrize("source", [{"TemplateBody": "Resources: []"}, {"TemplateS3Uri": "s3://nobody/x"}, {}])
def test_a_bad_template_is_refused(cloud: Cloud, source: dict[str, str]) -> None:
    config = cloud.session(enrol(cloud, "eu-west-1")).client("config")

    with pytest.raises(ClientError, match="ConformancePackTemplateValidationException"):
        config.put_conformance_pack(ConformancePackName="mine", **source)


@behaviour("config.PutOrganizationConformancePack")
def test_members_without_a_recorder_do_not_get_the_pack(cloud: Cloud) -> None:
    account = enrol(cloud, "us-east-1")
    deploy(cloud)

    answer = cloud.client("config").get_organization_conformance_pack_detailed_status(
        OrganizationConformancePackName="network"
    )

    status = {row["AccountId"]: row["Status"] for row in answer["OrganizationConformancePackDetailedStatuses"]}
    assert status[account] == "CREATE_FAILED"
    statuses = cloud.client("config").describe_organization_conformance_pack_statuses()
    assert statuses["OrganizationConformancePackStatuses"][0]["Status"] == "CREATE_SUCCESSFUL"
