"""Every SCP of the catalogue, as it is compiled and attached, denies on the local cloud what its cases say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from tests.cloud import Cloud, CloudSession
from tests.guardrails.acts import STRANGER, Act, passed, put, refusal, refused, stranger
from tests.guardrails.ground import catalogue, make_account, team_admin

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
TRAIL = "aws-controltower-BaselineCloudTrail"


def topic(account: str) -> str:
    return f"arn:aws:sns:eu-west-1:{account}:aws-controltower-SecurityNotifications"


SERVICE_TAG = {"ResourceType": "instance", "Tags": [{"Key": "service", "Value": "ledger"}]}


def launch(session: CloudSession, size: str, tags: Any = (SERVICE_TAG,), **metadata: str) -> Any:
    return session.client("ec2").run_instances(
        ImageId="ami-12c6146b",
        InstanceType=size,
        MinCount=1,
        MaxCount=1,
        MetadataOptions=metadata,
        TagSpecifications=list(tags),
    )


def role(name: str, path: str = "/") -> Act:
    return lambda s, _: s.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)


DENIED: list[tuple[str, Act]] = [
    ("region.optin", lambda s, account: s.client("account", "us-east-1").enable_region(RegionName="af-south-1")),
    ("acct.identity", lambda s, account: s.client("account", "us-east-1").put_account_name(AccountName="mine")),
    ("plat.cfn", lambda s, _: s.client("cloudformation").delete_stack(StackName="freehold-baseline")),
    ("plat.cfn", lambda s, account: s.client("sns").delete_topic(TopicArn=topic(account))),
    ("iam.fed", lambda s, _: s.client("iam").create_saml_provider(Name="mine", SAMLMetadataDocument="x" * 1_000)),
    ("iam.password.lock", lambda s, _: s.client("iam").update_account_password_policy(MinimumPasswordLength=6)),
    ("vpc.default.lock", lambda s, _: s.client("ec2").create_default_vpc()),
    ("iam.users", lambda s, _: s.client("iam").create_user(UserName="bob")),
    (
        "iam.svccred",
        lambda s, _: s.client("iam").create_service_specific_credential(
            UserName="bob", ServiceName="codecommit.amazonaws.com"
        ),
    ),
    ("log.flow", lambda s, _: s.client("ec2").delete_flow_logs(FlowLogIds=["fl-0123456789abcdef0"])),
    ("log.flow", lambda s, _: s.client("logs").delete_log_group(logGroupName="freehold/platform")),
    ("share.ram", lambda s, _: s.client("ram").create_resource_share(name="x", allowExternalPrincipals=True)),
    ("share.ram", lambda s, _: s.client("ram").create_resource_share(name="x")),
    (
        "share.direct",
        lambda s, _: s.client("ec2").modify_snapshot_attribute(
            SnapshotId="snap-0123456789abcdef0", Attribute="createVolumePermission", GroupNames=["all"]
        ),
    ),
    (
        "kms.del",
        lambda s, _: s.client("kms").schedule_key_deletion(
            KeyId="1234abcd-12ab-34cd-56ef-1234567890ab", PendingWindowInDays=7
        ),
    ),
    ("bkp.lock", lambda s, _: s.client("backup").delete_backup_vault(BackupVaultName="ledger")),
    ("ec2.imds", lambda s, _: launch(s, "t3.micro", HttpTokens="optional", HttpEndpoint="enabled")),
    ("tag.create", lambda s, _: launch(s, "t3.micro", tags=(), HttpTokens="required")),
    (
        "tag.create",
        lambda s, _: s.client("rds").create_db_instance(
            DBInstanceIdentifier="ledger", DBInstanceClass="db.t3.micro", Engine="postgres"
        ),
    ),
    (
        "region.bedrock",
        lambda s, _: s.client("bedrock-runtime", "us-west-2").invoke_model(modelId="amazon.nova-lite-v1:0", body="{}"),
    ),
    ("ec2.imds", lambda s, _: launch(s, "t3.micro", HttpTokens="optional")),
    ("net.igw", lambda s, _: s.client("ec2").create_internet_gateway()),
    ("rcp.ssec", lambda s, account: put(s, account, SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)),
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
DECLARED: list[tuple[str, Act]] = [
    ("decl.ec2", lambda s, _: s.client("ec2").enable_serial_console_access()),
    ("decl.ec2", lambda s, _: s.client("ec2").disable_image_block_public_access()),
    ("decl.ec2", lambda s, _: s.client("ec2").disable_snapshot_block_public_access()),
    ("decl.vpc", lambda s, _: s.client("ec2").modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")),
    (
        "decl.s3",
        lambda s, account: s.client("s3control").put_public_access_block(
            AccountId=account, PublicAccessBlockConfiguration=BLOCK
        ),
    ),
]
"""What not even a platform role can do."""
ALLOWED: list[tuple[str, Act]] = [
    ("rcp.ssec", lambda s, account: put(s, account)),
    ("share.ram", lambda s, _: s.client("ram").create_resource_share(name="x", allowExternalPrincipals=False)),
    ("ec2.imds", lambda s, _: launch(s, "t3.micro", HttpTokens="required")),
    ("iam.password.lock", lambda s, _: s.client("iam").get_account_password_policy()),
    ("acct.identity", lambda s, _: s.client("account", "us-east-1").get_contact_information()),
    ("org.leave", lambda s, _: s.client("organizations", "us-east-1").describe_organization()),
    ("region.allow", lambda s, _: s.client("ec2", "eu-central-1").describe_instances()),
    ("region.allow", lambda s, _: s.client("iam", "us-east-1").list_roles()),
    ("plat.roles", role("payments-api")),
    ("plat.roles", role("break-glass", "/team/")),
    ("ebs.enc.lock", lambda s, _: s.client("ec2").enable_ebs_encryption_by_default()),
    ("log.config", lambda s, _: s.client("config").describe_configuration_recorders()),
    (
        "bkp.lock",
        lambda s, account: s.client("backup").start_backup_job(
            BackupVaultName="ledger", ResourceArn=topic(account), IamRoleArn=f"arn:aws:iam::{account}:role/backup"
        ),
    ),
    ("iam.fed", lambda s, _: s.client("iam").list_saml_providers()),
    ("iam.svccred", lambda s, _: s.client("bedrock-runtime").invoke_model(modelId="amazon.nova-lite-v1:0", body="{}")),
    ("iam.users", lambda s, _: s.client("iam").delete_access_key(UserName="bob", AccessKeyId="AKIA0123456789ABCDEF")),
    (
        "kms.del",
        lambda s, _: s.client("kms").schedule_key_deletion(
            KeyId="1234abcd-12ab-34cd-56ef-1234567890ab", PendingWindowInDays=30
        ),
    ),
    ("log.flow", lambda s, _: s.client("logs").delete_log_group(logGroupName="payments/api")),
    ("log.trail", lambda s, _: s.client("cloudtrail").stop_logging(Name="payments-data-events")),
    ("net.igw", lambda s, _: s.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")),
    ("plat.cfn", lambda s, _: s.client("cloudformation").delete_stack(StackName="payments-api")),
    (
        "region.bedrock",
        lambda s, _: s.client("bedrock-runtime").invoke_model(modelId="amazon.nova-lite-v1:0", body="{}"),
    ),
    ("region.optin", lambda s, _: s.client("account", "us-east-1").list_regions()),
    ("s3.bpa.lock", lambda s, account: s.client("s3control").get_public_access_block(AccountId=account)),
    (
        "sec.svc",
        lambda s, _: s.client("guardduty").archive_findings(
            DetectorId="12abc34d567e8fa901bc2d34e56789f0", FindingIds=["1"]
        ),
    ),
    (
        "share.direct",
        lambda s, _: s.client("ec2").copy_snapshot(SourceRegion="eu-west-1", SourceSnapshotId="snap-0123456789abcdef0"),
    ),
    ("tag.create", lambda s, _: launch(s, "t3.micro", HttpTokens="required")),
    ("vpc.default.lock", lambda s, _: s.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")),
]

TRIED_ALONE = {
    "acct.quarantine",
    "cost.big",
    "rcp.deputy",
    "rcp.identity",
    "rcp.oidc",
    "rcp.tls",
    "root.deny",
    "root.keys",
}
"""Each has a test of its own, below or in `test_other_callers`: it takes another caller, or another account."""

JUDGED_ONLY = {
    "cli.login": "CreateOAuth2Token bears no signature but a code of the console's sign-in page, which is not "
    "here, and AuthorizeOAuth2Access is that page's own: no client calls it.",
}
"""What no client can call here, and why; the cloud's authoriser is asked about it in test_cases_on_the_cloud."""


def trusting(bucket: str) -> str:
    """A policy that lets the stranger read."""
    principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}/*"}]})


@contextmanager
def in_the_clear(session: CloudSession) -> Iterator[CloudSession]:
    """The same session as over plain HTTP."""

    def say_so(request: Any, **_: Any) -> None:
        request.headers["X-Forwarded-Proto"] = "http"

    events = session.client("s3").meta.events
    events.register("before-send.s3", say_so)
    try:
        yield session
    finally:
        events.unregister("before-send.s3", say_so)


@pytest.fixture
def governed(easy_cloud: Cloud, guardrails: Guardrails) -> tuple[CloudSession, str]:
    """A team's administrator in a regulated account under the applied guardrails: nearly all of them hold there."""
    account = make_account(easy_cloud, "Regulated")
    session = team_admin(easy_cloud, account)
    guardrails.apply()
    return session, account


def test_the_cloud_denies_what_each_guardrail_must_deny(governed: tuple[CloudSession, str]) -> None:
    let_through = [name for name, act in DENIED if "control policy" not in refusal(act, *governed)]

    assert let_through == []


def test_the_cloud_lets_through_what_each_guardrail_must_allow(governed: tuple[CloudSession, str]) -> None:
    assert [name for name, act in ALLOWED if not passed(act, *governed)] == []


def test_what_the_organisation_declares_nobody_in_the_account_changes(
    easy_cloud: Cloud, governed: tuple[CloudSession, str]
) -> None:
    _, account = governed

    done = [name for name, act in DECLARED if not refused(act, easy_cloud.session(account), account)]

    assert done == []


def test_a_stranger_whom_a_bucket_trusts_and_a_call_in_the_clear_are_kept_out_all_the_same(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    account = make_account(easy_cloud, "Prod")
    session = team_admin(easy_cloud, account)
    bucket, outsider = f"ledger-{account}", stranger(easy_cloud)
    put(session, account)
    session.client("s3").put_bucket_policy(Bucket=bucket, Policy=trusting(bucket))
    read: Act = lambda s, _: s.client("s3").get_object(Bucket=bucket, Key="k")  # noqa: E731 - an act like the others
    read(outsider, account)
    with in_the_clear(session):
        read(session, account)

    guardrails.apply()

    assert "resource control policy" in refusal(read, outsider, account)
    with in_the_clear(session):
        assert "resource control policy" in refusal(read, session, account)
    assert refusal(read, session, account) == ""


def test_a_sandbox_is_kept_from_what_costs_too_much(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    account = make_account(easy_cloud, "Sandbox")
    session = team_admin(easy_cloud, account)
    guardrails.apply()

    assert "service control policy" in refusal(lambda s, _: launch(s, "p5.48xlarge"), session, account)
    assert refusal(lambda s, _: launch(s, "t3.micro"), session, account) == ""


def test_the_platform_does_what_teams_may_not(easy_cloud: Cloud, governed: tuple[CloudSession, str]) -> None:
    _, account = governed
    platform = easy_cloud.session(account)

    platform.client("ec2").disable_ebs_encryption_by_default()
    role("break-glass", "/freehold/")(platform, account)


def test_a_quarantined_account_stands_still_for_its_team_alone(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    account = make_account(easy_cloud, "Sandbox")
    session = team_admin(easy_cloud, account)
    session.client("s3").list_buckets()

    baseline.isolate(account)

    assert "service control policy" in refusal(lambda s, _: s.client("s3").list_buckets(), session, account)
    easy_cloud.session(account).client("s3").list_buckets()


def test_every_policy_of_the_catalogue_is_tried_here() -> None:
    policies = {guardrail.id for guardrail in catalogue() if guardrail.statements}

    for calls in (DENIED, ALLOWED):
        assert policies - {name for name, _ in calls} - TRIED_ALONE == set(JUDGED_ONLY)
