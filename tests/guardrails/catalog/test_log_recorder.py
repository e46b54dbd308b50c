"""log.recorder on the local cloud: Config switched on as AWS lets it be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from guardrails.catalog import find_guardrail, load_catalogue
from guardrails.catalog.log_recorder import ROLE
from guardrails.guardrail import Place, Setting
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.vending.parts import connect, without_tower
from vending.core.aws import Aws
from vending.core.errors import AwsFailed

REGIONS = ("eu-west-1", "us-east-1")
BUCKET = "acme-config-logs"


@dataclass(frozen=True)
class New:
    """An account that nobody has switched Config on in."""

    cloud: Cloud
    aws: Aws
    account_id: str

    def place(self, region: str) -> Place:
        return Place(self.aws, self.account_id, region)

    def config(self, region: str) -> Any:
        return self.cloud.session(self.account_id).client("config", region)


@pytest.fixture
def new(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[New]:
    aws = connect(cloud, monkeypatch)
    with cloud.of(without_tower()):
        cloud.limits.enforced = False
        yield New(cloud, aws, make_account(cloud, "Dev", "payments-dev"))


def setting() -> Setting:
    found = find_guardrail(load_catalogue(without_tower()), "log.recorder").setting
    assert found is not None, "it is a setting"
    return found


def test_config_is_switched_on_in_each_region_with_its_own_role_made_once(new: New) -> None:
    before = [setting().holds(setting().read(new.place(region))) for region in REGIONS]

    for region in REGIONS:
        setting().apply(new.place(region))

    observed = [setting().read(new.place(region)) for region in REGIONS]
    assert (before, [setting().holds(one) for one in observed]) == ([False, False], [True, True])
    told = f"the recorder default of every type is on; it delivers to {BUCKET}"
    assert [setting().tell(one) for one in observed] == [told, told]
    roles = new.cloud.session(new.account_id).client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert [role["RoleName"] for role in roles] == [ROLE]


def test_what_is_everybodys_is_recorded_in_the_home_region_alone(new: New) -> None:
    for region in REGIONS:
        setting().apply(new.place(region))

    groups = [
        new.config(region).describe_configuration_recorders()["ConfigurationRecorders"][0]["recordingGroup"]
        for region in REGIONS
    ]
    assert [group["includeGlobalResourceTypes"] for group in groups] == [True, False]


def test_a_recorder_of_another_name_keeps_it_and_is_mended(new: New) -> None:
    setting().apply(new.place("eu-west-1"))
    config, role = new.config("eu-west-1"), f"arn:aws:iam::{new.account_id}:role/{ROLE}"
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    config.delete_delivery_channel(DeliveryChannelName="default")
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    some = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
    config.put_configuration_recorder(ConfigurationRecorder={"name": "old", "roleARN": role, "recordingGroup": some})
    broken = setting().read(new.place("eu-west-1"))

    setting().apply(new.place("eu-west-1"))

    mended = setting().read(new.place("eu-west-1"))
    assert not setting().holds(broken)
    assert setting().tell(broken) == "the recorder old of some types is stopped; it delivers nowhere"
    assert setting().holds(mended)
    assert mended["recorder"] == "old"


def test_a_bucket_that_does_not_let_config_in_is_told_by_its_name(new: New) -> None:
    given = without_tower().aws
    assert given is not None, "the example says where it runs"
    new.cloud.session(given.log_archive_account).client("s3").delete_bucket_policy(Bucket=BUCKET)

    with pytest.raises(AwsFailed, match=BUCKET) as refused:
        setting().apply(new.place("eu-west-1"))

    assert refused.value.aws_code == "InsufficientDeliveryPolicyException"
    assert not setting().holds(setting().read(new.place("eu-west-1")))
