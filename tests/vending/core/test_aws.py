from pathlib import Path

import pytest

from infra.local.faults.fault import SubscriptionRequired
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.vending.parts import connect
from vending.core.aws import Aws
from vending.core.errors import AwsConflict, AwsDenied, AwsMissing, AwsUnanswered, AwsUnready, AwsUnsigned


def test_an_error_keeps_what_aws_said_for_the_operator(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    organizations = connect(cloud, monkeypatch).client("organizations")

    with pytest.raises(AwsMissing) as refused:
        organizations.describe_account(AccountId="999999999999")

    assert (refused.value.service, refused.value.operation) == ("organizations", "DescribeAccount")
    assert refused.value.aws_code == "AccountNotFoundException"
    assert refused.value.aws_request_id


def test_a_denied_call_is_told_apart_from_a_failed_one(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = connect(cloud, monkeypatch)
    accounts = [a for page in aws.client("organizations").pages("list_accounts") for a in page["Accounts"]]
    member = next(a["Id"] for a in accounts if a["Name"] == "Audit")

    with pytest.raises(AwsDenied):
        aws.client("organizations", account_id=member).create_organizational_unit(ParentId="r-abcd", Name="Mine")


def test_a_member_account_is_reached_through_its_role(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = connect(cloud, monkeypatch)
    member = next(
        a["Id"] for page in aws.client("organizations").pages("list_accounts") for a in page["Accounts"]
        if a["Name"] == "Audit"
    )  # fmt: skip

    identity = aws.client("sts", account_id=member).get_caller_identity()

    assert identity["Account"] == member
    assert ":assumed-role/OrganizationAccountAccessRole/" in identity["Arn"]


def test_clients_are_kept_for_the_accounts_used_last_and_credentials_for_all(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vending.core.aws.KEPT_ACCOUNTS", 2)
    aws = connect(cloud, monkeypatch)
    first, second, third = (make_account(cloud, "Dev", f"payments-{n}") for n in range(3))
    of_first, of_second = (aws.client("sts", account_id=account) for account in (first, second))

    aws.client("sts", account_id=first)
    aws.client("sts", account_id=third)

    assert aws.client("sts", account_id=first) is of_first
    assert aws.client("sts", account_id=second) is not of_second
    assert aws.client("sts", account_id=second).get_caller_identity()["Account"] == second
    assert cloud.state.calls["sts.AssumeRole"] == 3


@pytest.mark.parametrize(("service", "call"), [("ec2", "describe_vpcs"), ("config", "describe_delivery_channels")])
def test_a_service_that_a_new_account_cannot_use_yet_is_waited_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, service: str, call: str
) -> None:
    aws, account = connect(cloud, monkeypatch), make_account(cloud, "Dev", "payments-dev")
    young = SubscriptionRequired(kind="subscription_required", calls=f"{service}.*", aws_seconds=7200)
    cloud.state.faults.add([young])

    with pytest.raises(AwsUnready) as waited:
        getattr(aws.client(service, account_id=account), call)()
    cloud.clock.advance(7200)

    assert waited.value.retryable
    assert getattr(aws.client(service, account_id=account), call)()


def test_s3_control_reaches_an_endpoint_that_has_no_name_for_each_account(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = connect(cloud, monkeypatch)
    member = next(
        a["Id"] for page in aws.client("organizations").pages("list_accounts") for a in page["Accounts"]
        if a["Name"] == "Audit"
    )  # fmt: skip

    with pytest.raises(AwsMissing) as refused:
        aws.client("s3control", account_id=member).get_public_access_block(AccountId=member)

    assert refused.value.aws_code == "NoSuchPublicAccessBlockConfiguration"


def test_pages_follow_every_token(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    organizations = connect(cloud, monkeypatch).client("organizations")

    pages = list(organizations.pages("list_accounts", MaxResults=1))

    assert len(pages) >= 3
    assert len({a["Id"] for page in pages for a in page["Accounts"]}) == sum(len(p["Accounts"]) for p in pages)


def test_no_answer_is_doubt_not_failure(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    aws = connect(cloud, monkeypatch, endpoint="http://127.0.0.1:9")

    with pytest.raises(AwsUnanswered) as doubt:
        aws.client("organizations", once=True).describe_organization()

    assert doubt.value.retryable


def test_what_exists_already_is_a_conflict(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = connect(cloud, monkeypatch).client("s3")
    bucket = {"Bucket": "ours-alone", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    s3.create_bucket(**bucket)

    with pytest.raises(AwsConflict):
        s3.create_bucket(**bucket)


def test_without_credentials_nothing_is_sent_and_the_way_out_is_to_sign_in(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws = connect(cloud, monkeypatch)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    with pytest.raises(AwsUnsigned) as refused:
        aws.client("organizations").describe_organization()

    assert "organizations:describe_organization was not sent to AWS" in refused.value.sentence
    assert "aws sso login" in refused.value.remedy
    assert not refused.value.retryable


def test_a_profile_that_no_file_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody-elses")

    with pytest.raises(AwsUnsigned, match="somebody-elses"):
        Aws.connect("eu-west-1")
