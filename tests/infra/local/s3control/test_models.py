import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend
from tests.infra.local.organizations.test_policy_book import attach, create

ALL = {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}
OFF = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)


@behaviour("s3control.GetPublicAccessBlock", "organizations/latest/userguide/orgs_manage_policies_s3_syntax.html")
def test_an_s3_policy_of_the_organisation_blocks_all_public_access(cloud: Cloud) -> None:
    account_id = vend(cloud)
    s3control = cloud.session(account_id).client("s3control")

    attach(cloud, create(cloud, "s3", "S3_POLICY", ALL), account_id)

    block = s3control.get_public_access_block(AccountId=account_id)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(OFF, True)


@behaviour("s3control.PutPublicAccessBlock")
def test_an_account_under_an_s3_policy_cannot_change_its_own_block(cloud: Cloud) -> None:
    account_id = vend(cloud)
    s3control = cloud.session(account_id).client("s3control")
    attach(cloud, create(cloud, "s3", "S3_POLICY", ALL), account_id)

    with pytest.raises(ClientError) as refused:
        s3control.put_public_access_block(AccountId=account_id, PublicAccessBlockConfiguration=OFF)
    with pytest.raises(ClientError) as deleted:
        s3control.delete_public_access_block(AccountId=account_id)

    codes = {one.value.response["Error"]["Code"] for one in (refused, deleted)}
    assert codes == {"AccessDenied"}


@behaviour("s3.PutBucketPolicy", "organizations/latest/userguide/orgs_manage_policies_s3_syntax.html")
def test_a_bucket_opened_by_its_owner_stays_closed_under_an_s3_policy(cloud: Cloud) -> None:
    account_id = vend(cloud)
    s3 = cloud.session(account_id).client("s3")
    s3.create_bucket(Bucket="ours-and-public", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_public_access_block(Bucket="ours-and-public")
    attach(cloud, create(cloud, "s3", "S3_POLICY", ALL), account_id)
    public = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",'
        '"Resource":"arn:aws:s3:::ours-and-public/*"}]}'
    )

    with pytest.raises(ClientError) as refused:
        s3.put_bucket_policy(Bucket="ours-and-public", Policy=public)

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
