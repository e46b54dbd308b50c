import pytest
from botocore.exceptions import ClientError

from infra.local.ssm.models import PUBLIC_SHARING
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend


@behaviour("ssm.UpdateServiceSetting")
def test_public_sharing_of_documents_can_be_switched_off_and_reset(cloud: Cloud) -> None:
    ssm = cloud.session(vend(cloud)).client("ssm")

    before = ssm.get_service_setting(SettingId=PUBLIC_SHARING)["ServiceSetting"]
    ssm.update_service_setting(SettingId=before["ARN"], SettingValue="Disable")
    after = ssm.get_service_setting(SettingId=PUBLIC_SHARING)["ServiceSetting"]

    assert (before["SettingValue"], before["Status"]) == ("Enable", "Default")
    assert (after["SettingValue"], after["Status"]) == ("Disable", "Customized")
    reset = ssm.reset_service_setting(SettingId=PUBLIC_SHARING)["ServiceSetting"]
    assert reset["SettingValue"] == "Enable"


@behaviour("ssm.GetServiceSetting")
def test_a_setting_that_is_none_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("ssm").get_service_setting(SettingId="/ssm/nothing")

    assert refused.value.response["Error"]["Code"] == "ServiceSettingNotFound"


@behaviour("ssm.UpdateServiceSetting")
def test_a_setting_takes_its_own_values_only(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("ssm").update_service_setting(SettingId=PUBLIC_SHARING, SettingValue="Off")

    assert refused.value.response["Error"]["Code"] == "ValidationException"
