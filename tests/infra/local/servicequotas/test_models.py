import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud

ACCOUNTS = {"ServiceCode": "organizations", "QuotaCode": "L-E619E033"}


def test_the_account_quota_is_the_one_that_is_enforced(cloud: Cloud) -> None:
    quotas = cloud.client("service-quotas", "us-east-1")
    before = quotas.get_service_quota(**ACCOUNTS)["Quota"]

    cloud.limits.change("organizations.accounts", 12)

    assert (before["QuotaName"], before["Value"]) == ("Default maximum number of accounts", 1000)
    assert quotas.get_service_quota(**ACCOUNTS)["Quota"]["Value"] == 12


@pytest.mark.parametrize(
    ("region", "asked"),
    [("eu-west-1", ACCOUNTS), ("us-east-1", {**ACCOUNTS, "QuotaCode": "L-00000000"})],
    ids=["another region", "another code"],
)
def test_what_is_not_there_is_not_found(cloud: Cloud, region: str, asked: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        cloud.client("service-quotas", region).get_service_quota(**asked)
