"""Every template created as a stack, as far as moto knows the types; the rest stands in one table."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.stacks.conftest import Synthesised, Template
from tests.infra.stacks.in_moto import UNKNOWN, taken, trimmed
from tests.infra.stacks.roles import names, settle
from tests.vending.parts import connect

VERSION = "/cdk-bootstrap/hnb659fds/version"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


class Deployed:
    """The stacks, deployed one after the other as the guide says."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def client(self, service: str, account: str = "", region: str = "eu-west-1") -> Any:
        """In the platform account unless another is asked for."""
        owner = account or names().account
        here = owner == names().management
        return self._cloud.client(service, region) if here else self._cloud.session(owner).client(service, region)

    def deploy(self, name: str, template: Template) -> None:
        """What `cdk bootstrap` leaves, the bundles, and the stack."""
        place = (template.stack.account, template.stack.region)
        body = trimmed(template.body)
        self.client("ssm", *place).put_parameter(Name=VERSION, Value="30", Type="String", Overwrite=True)
        s3, bucket = self.client("s3", *place), f"cdk-hnb659fds-assets-{place[0]}-{place[1]}"
        if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            where = {} if place[1] == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": place[1]}}
            s3.create_bucket(Bucket=bucket, **where)
        for one in body["Resources"].values():
            if one["Type"] == "AWS::Lambda::Function":
                s3.put_object(Bucket=bucket, Key=one["Properties"]["Code"]["S3Key"], Body=EMPTY_ZIP)
        self.client("cloudformation", *place).create_stack(
            StackName=name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"]
        )


@pytest.fixture(scope="module")
def deployed(running_cloud: Cloud, synthesised: Synthesised) -> Iterator[Deployed]:
    running_cloud.reset()
    running_cloud.limits.enforced = False
    with pytest.MonkeyPatch.context() as environment:
        connect(running_cloud, environment)
        settle(running_cloud)
    everything = Deployed(running_cloud)
    for part, template in synthesised.templates.items():
        everything.deploy(f"Freehold{part}", template)
    yield everything
    running_cloud.limits.enforced = True
    running_cloud.reset()


def test_every_template_becomes_a_stack_of_all_that_moto_makes(deployed: Deployed, synthesised: Synthesised) -> None:
    for part, template in synthesised.templates.items():
        there = deployed.client("cloudformation", template.stack.account, template.stack.region)
        [stack] = there.describe_stacks(StackName=f"Freehold{part}")["Stacks"]
        made = there.describe_stack_resources(StackName=f"Freehold{part}")["StackResources"]

        assert stack["StackStatus"] == "CREATE_COMPLETE"
        wanted = {name for name, one in template.body["Resources"].items() if taken(one["Type"])}
        assert {one["LogicalResourceId"] for one in made} == wanted


def test_what_moto_does_not_make_stands_in_one_table(synthesised: Synthesised) -> None:
    kinds = {resource["Type"] for _, _, resource in synthesised.resources()}

    assert tuple(sorted(kind for kind in kinds if not taken(kind))) == UNKNOWN


def test_what_was_made_is_what_the_product_asks_for(deployed: Deployed) -> None:
    table = deployed.client("dynamodb").describe_table(TableName=names().table)["Table"]
    workflow = deployed.client("lambda").get_function(FunctionName=names().function("workflow"))["Configuration"]
    queue = deployed.client("sqs").get_queue_url(QueueName=names().events_queue_name)["QueueUrl"]

    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} >= {"by-all", "by-team", "by-open"}
    assert table["StreamSpecification"]["StreamEnabled"] is True
    assert workflow["Handler"] == "infra.runtime.lambdas.workflow.handler"
    assert workflow["Role"] == names().role_arn("workflow")
    assert queue.endswith("freehold-events")
    assert deployed.client("iam", names().management).get_role(RoleName=names().role("workflow"))


def test_stacks_share_the_key_that_one_of_them_makes(deployed: Deployed) -> None:
    aliases = deployed.client("kms").list_aliases()["Aliases"]
    [key] = [one["TargetKeyId"] for one in aliases if one["AliasName"] == "alias/freehold"]
    exports = deployed.client("cloudformation").list_exports()["Exports"]

    assert any(one["Value"].endswith(f":key/{key}") for one in exports)
