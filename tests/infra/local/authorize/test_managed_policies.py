"""AWS's managed policies in the accounts of the cloud."""

import pytest
from botocore.exceptions import ClientError

from guardrails.evaluator import Kind, parse_policy
from infra.local.authorize.managed_policies import published
from tests.cloud import Cloud
from tests.infra.local.authorize.ground import ADMINISTRATOR, READ_ONLY, allow, document, make_account


def test_every_published_policy_can_be_judged() -> None:
    for arn, policy in published().items():
        current = next(version for version in policy.versions if version.is_default)
        assert parse_policy(current.document, Kind.IDENTITY, name=arn).statements


def test_account_has_aws_policies_beside_its_own(cloud: Cloud) -> None:
    iam = cloud.session(make_account(cloud)).client("iam")
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]

    listed = {policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]}

    assert listed == {own}
    assert iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]["PolicyName"] == "AdministratorAccess"


def test_policy_of_one_account_is_not_in_another(cloud: Cloud) -> None:
    first, second = (cloud.session(make_account(cloud, name)).client("iam") for name in ("payments", "ledger"))
    own = first.create_policy(PolicyName="own", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]

    with pytest.raises(ClientError) as error:
        second.get_policy(PolicyArn=own)

    assert error.value.response["Error"]["Code"] == "NoSuchEntity"
    assert second.get_policy(PolicyArn=READ_ONLY)["Policy"]["PolicyName"] == "ReadOnlyAccess"
