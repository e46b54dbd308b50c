"""The rule about tags."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


def test_a_bucket_carries_the_tags_it_must_with_the_values_it_may(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    s3 = cloud.session(account).client("s3")
    for name, value in (("ledger-a", "gold"), ("ledger-b", "lead"), ("ledger-c", None)):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        if value:
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "tier", "Value": value}]})

    found = judge(cloud, account, "REQUIRED_TAGS", tag1Key="tier", tag1Value="gold,silver")

    buckets = {name: state for name, state in found.items() if name.startswith("ledger-")}
    assert buckets == {"ledger-a": "COMPLIANT", "ledger-b": "NON_COMPLIANT", "ledger-c": "NON_COMPLIANT"}


def test_the_scope_narrows_what_is_judged(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    config = cloud.session(account).client("config")

    rule = {
        "ConfigRuleName": "tags",
        "Source": {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"},
        "InputParameters": json.dumps({"tag1Key": "tier"}),
        "Scope": {"ComplianceResourceTypes": ["AWS::EC2::VPC"]},
    }
    config.put_config_rule(ConfigRule=rule)

    found = config.get_compliance_details_by_config_rule(ConfigRuleName="tags")["EvaluationResults"]
    qualifiers = [one["EvaluationResultIdentifier"]["EvaluationResultQualifier"] for one in found]
    assert {one["ResourceType"] for one in qualifiers} == {"AWS::EC2::VPC"}


def test_a_scope_that_is_not_modelled_is_refused_loudly(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    config = cloud.session(account).client("config")
    rule = {
        "ConfigRuleName": "tags",
        "Source": {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"},
        "InputParameters": json.dumps({"tag1Key": "tier"}),
        "Scope": {"ComplianceResourceTypes": ["AWS::Redshift::Cluster"]},
    }

    with pytest.raises(ClientError, match="NotImplemented"):
        config.put_config_rule(ConfigRule=rule)
