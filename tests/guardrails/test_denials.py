"""Every SCP of the catalogue, as it is compiled and attached, denies on the local cloud what its cases say."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardrails.baseline import AccountBaseline
from guardrails.guardrail import Mechanism
from guardrails.service import Guardrails
from tests.cloud import Cloud, CloudSession
from tests.guardrails.ground import catalogue, make_account, team_admin

Act = Callable[[CloudSession, str], Any]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
CODES = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
TRAIL = "aws-controltower-BaselineCloudTrail"


def role(name: str, path: str = "/") -> Act:
    return lambda s, _: s.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)


DENIED: list[tuple[str, Act]] = [
    ("org.leave", lambda s, _: s.client("organizations", "us-east-1").leave_organization()),
    ("region.allow", lambda s, _: s.client("ec2", "ap-southeast-2").describe_instances()),
    ("region.allow", lambda s, _: s.client("kms", "us-west-2").create_key()),
    ("log.trail", lambda s, _: s.client("cloudtrail").stop_logging(Name=TRAIL)),
    ("log.trail", lambda s, _: s.client("cloudtrail").delete_trail(Name=TRAIL)),
    ("log.config", lambda s, _: s.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")),
    ("log.config", lambda s, _: s.client("config").delete_delivery_channel(DeliveryChannelName="default")),
    ("sec.svc", lambda s, _: s.client("guardduty").delete_detector(DetectorId="12abc34d567e8fa901bc2d34e56789f0")),
    ("sec.svc", lambda s, _: s.client("securityhub").disable_security_hub()),
    ("plat.roles", role("AWSControlTowerExecution")),
    ("plat.roles", role("stacksets-exec-planted")),
    ("plat.roles", role("break-glass", "/freehold/")),
    (
        "plat.roles",
        lambda s, _: s.client("iam").update_assume_role_policy(
            RoleName="OrganizationAccountAccessRole", PolicyDocument=TRUST
        ),
    ),
    ("ebs.enc.lock", lambda s, _: s.client("ec2").disable_ebs_encryption_by_default()),
    (
        "s3.bpa.lock",
        lambda s, account: s.client("s3control").put_public_access_block(
            AccountId=account, PublicAccessBlockConfiguration=BLOCK
        ),
    ),
    ("s3.bpa.lock", lambda s, account: s.client("s3control").delete_public_access_block(AccountId=account)),
]
ALLOWED: list[tuple[str, Act]] = [
    ("org.leave", lambda s, _: s.client("organizations", "us-east-1").describe_organization()),
    ("region.allow", lambda s, _: s.client("ec2", "eu-central-1").describe_instances()),
    ("region.allow", lambda s, _: s.client("iam", "us-east-1").list_roles()),
    ("plat.roles", role("payments-api")),
    ("plat.roles", role("break-glass", "/team/")),
    ("ebs.enc.lock", lambda s, _: s.client("ec2").enable_ebs_encryption_by_default()),
    ("log.config", lambda s, _: s.client("config").describe_configuration_recorders()),
]


def refusal(act: Act, session: CloudSession, account: str) -> str:
    """What AWS says no with; empty where it does not."""
    try:
        act(session, account)
    except ClientError as error:
        return str(error) if error.response["Error"]["Code"] in CODES else ""
    return ""


@pytest.fixture
def governed(easy_cloud: Cloud, guardrails: Guardrails) -> tuple[CloudSession, str]:
    """A team's administrator in a sandbox account under the applied guardrails."""
    account = make_account(easy_cloud, "Sandbox")
    session = team_admin(easy_cloud, account)
    guardrails.apply()
    return session, account


def test_the_cloud_denies_what_each_guardrail_must_deny(governed: tuple[CloudSession, str]) -> None:
    let_through = [name for name, act in DENIED if "service control policy" not in refusal(act, *governed)]

    assert let_through == []


def test_the_cloud_lets_through_what_each_guardrail_must_allow(governed: tuple[CloudSession, str]) -> None:
    assert [(n, said) for n, (_, act) in enumerate(ALLOWED) if (said := refusal(act, *governed))] == []


def test_the_platform_does_what_teams_may_not(easy_cloud: Cloud, governed: tuple[CloudSession, str]) -> None:
    _, account = governed
    platform = easy_cloud.session(account)

    platform.client("s3control").put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=BLOCK)
    platform.client("ec2").disable_ebs_encryption_by_default()
    role("break-glass", "/freehold/")(platform, account)


def test_a_quarantined_account_stands_still_for_its_team_alone(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    account = make_account(easy_cloud, "Sandbox")
    session = team_admin(easy_cloud, account)
    session.client("s3").list_buckets()

    baseline.isolate(account)

    assert "service control policy" in refusal(lambda s, _: s.client("s3").list_buckets(), session, account)
    easy_cloud.session(account).client("s3").list_buckets()


def test_every_scp_that_teams_live_under_is_tried_here() -> None:
    scps = {g.id for g in catalogue() if g.mechanism is Mechanism.SCP and "sandbox" in g.ou_classes}

    assert scps - {name for name, _ in DENIED} == {"root.deny"}, "nobody can sign in as root on the local cloud"
