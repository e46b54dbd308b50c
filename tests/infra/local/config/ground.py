"""What the tests of Config stand on: accounts that record."""

import json
from typing import Any

from moto.s3.models import s3_backends

from infra.local.organizations.member import furnish
from infra.local.organizations.models import organization
from tests.cloud import Cloud

AGGREGATOR = {"ConfigurationAggregatorName": "acme-organization"}


def join(cloud: Cloud, name: str = "payments-dev") -> str:
    """A new account, in the root and so under nobody's guardrails."""
    account = organization().add_account(name, f"{name}@acme.example")
    furnish(account, cloud.state.management_account_id)
    return account.id


def enrol(cloud: Cloud, *regions: str, name: str = "payments-dev") -> str:
    """A new account that records in these regions, global resource types in the first."""
    account_id = join(cloud, name)
    for region in regions:
        record(cloud.session(account_id).client("config", region), include_global=region == regions[0])
    return account_id


def log_bucket() -> str:
    """The landing zone's, which lets Config in."""
    return next(str(name) for name in s3_backends.bucket_accounts if name.startswith("aws-controltower-logs-"))


def record(config: Any, include_global: bool = True) -> None:
    """Start a recorder."""
    group = {"allSupported": True, "includeGlobalResourceTypes": include_global}
    recorder = {"name": "default", "roleARN": "arn:aws:iam::123456789012:role/config", "recordingGroup": group}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": log_bucket()})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def judge(
    cloud: Cloud, account_id: str, identifier: str, region: str = "eu-west-1", **parameters: str
) -> dict[str, str]:
    """What a rule that the account puts itself says about each resource, by the resource's id."""
    config = cloud.session(account_id).client("config", region)
    source = {"Owner": "AWS", "SourceIdentifier": identifier}
    rule: dict[str, Any] = {"ConfigRuleName": "own", "Source": source}
    config.put_config_rule(ConfigRule=rule | ({"InputParameters": json.dumps(parameters)} if parameters else {}))
    found = config.get_compliance_details_by_config_rule(ConfigRuleName="own", Limit=100)["EvaluationResults"]
    return {_resource(one)["ResourceId"]: one["ComplianceType"] for one in found}


def _resource(result: dict[str, Any]) -> dict[str, Any]:
    qualifier: dict[str, Any] = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    return qualifier
