"""Every SCP of the catalogue, as it is compiled and attached, denies on the local cloud what its cases say."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from guardrails.trial import FULL_ACCESS
from tests.cloud import Cloud, CloudSession, Credentials
from tests.guardrails.ground import acme, catalogue, make_account, team_admin
from tests.infra.local.sts.ground import as_root, centralise, publish, token, with_root_key

Act = Callable[[CloudSession, str], Any]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
CODES = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
STRANGER = "999988887777"
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


def put(session: CloudSession, account: str, **encryption: str) -> Any:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=f"ledger-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3.put_object(Bucket=f"ledger-{account}", Key="k", Body=b"x", **encryption)


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
"""Each has a test of its own below: it takes another caller, or another account."""

JUDGED_ONLY = {
    "cli.login": "CreateOAuth2Token bears no signature but a code of the console's sign-in page, which is not "
    "here, and AuthorizeOAuth2Access is that page's own: no client calls it.",
}
"""What no client can call here, and why; the cloud's authoriser is asked about it in test_cases_on_the_cloud."""


def refusal(act: Act, session: CloudSession, account: str) -> str:
    """What AWS says no with; empty where it does not."""
    try:
        act(session, account)
    except ClientError as error:
        return str(error) if error.response["Error"]["Code"] in CODES else ""
    return ""


def said(act: Callable[[], Any]) -> str:
    """What AWS says no with, in whatever words; empty where it does not."""
    try:
        act()
    except ClientError as error:
        return str(error)
    return ""


def refused(act: Act, session: CloudSession, account: str) -> bool:
    """Whether AWS says no, in whatever words."""
    try:
        act(session, account)
    except ClientError:
        return True
    return False


def stranger(cloud: Cloud) -> CloudSession:
    """An administrator of an account that is in no organisation."""
    iam = iam_backends[STRANGER]["aws"]
    iam.create_user("aws", "them", "/", None)
    iam.put_user_policy("them", "all", json.dumps(FULL_ACCESS))
    key = iam.create_access_key("them")
    return CloudSession(cloud, Credentials(key.access_key_id, key.secret_access_key))


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
    assert [(name, said) for name, act in ALLOWED if (said := refusal(act, *governed))] == []


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


def test_the_root_user_does_nothing_and_a_privileged_session_unlocks_a_bucket(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    account = make_account(easy_cloud, "Regulated")
    session, root = team_admin(easy_cloud, account), with_root_key(easy_cloud, account)
    put(session, account)
    centralise(easy_cloud)
    root.client("s3").list_buckets()
    guardrails.apply()
    unlocking = as_root(easy_cloud, account, "S3UnlockBucketPolicy")
    make_key: Act = lambda s, _: s.client("iam").create_access_key()  # noqa: E731 - an act like the others

    assert "service control policy" in refusal(lambda s, _: s.client("s3").list_buckets(), root, account)
    assert [who for who in (root, unlocking) if "service control policy" not in refusal(make_key, who, account)] == []
    unlocking.client("s3").delete_bucket_policy(Bucket=f"ledger-{account}")
    assert refusal(lambda s, _: s.client("iam").list_users(), session, account) == ""


def deploy_role(session: CloudSession, account: str, *issuers: str) -> str:
    """A role for jobs of these issuers, which the account knows; nothing in it names a subject."""
    iam = session.client("iam")
    providers = [
        iam.create_open_id_connect_provider(Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"])
        for issuer in issuers
    ]
    trusted = {"Federated": [provider["OpenIDConnectProviderArn"] for provider in providers]}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRoleWithWebIdentity"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def test_jobs_of_others_and_of_unknown_issuers_are_kept_from_a_role_that_trusts_everybody(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    account, stranger_issuer = make_account(easy_cloud, "Dev"), "gitlab.example"
    (named,) = acme().guardrails.oidc_issuers
    role_arn = deploy_role(easy_cloud.session(account), account, named, stranger_issuer)
    for issuer in (named, stranger_issuer):
        publish(easy_cloud, issuer)

    def refused_to(issuer: str, subject: str) -> bool:
        given = {"RoleArn": role_arn, "RoleSessionName": "job", "WebIdentityToken": token(issuer, subject)}
        act: Act = lambda s, _: s.client("sts").assume_role_with_web_identity(**given)  # noqa: E731
        return "(AccessDenied)" in refusal(act, easy_cloud.session(account), account)

    jobs = [(named, "repo:acme-example/x"), (named, "somebody:else"), (stranger_issuer, "repo:acme-example/x")]
    before = [refused_to(*job) for job in jobs]

    guardrails.apply()

    assert before == [False, False, False]
    assert [refused_to(*job) for job in jobs] == [False, True, True]


def record_into(session: CloudSession, account: str, bucket: str) -> None:
    """Send Config to a bucket."""
    config = session.client("config")
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{account}:role/none"}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})


def notify(session: CloudSession, bucket: str, queue: str) -> None:
    """Send S3 to a queue."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    wanted = {"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)


def open_to_services(session: CloudSession, account: str) -> tuple[str, str]:
    """A bucket and a queue that let Config and S3 in, whoever sends them; name and ARN."""
    bucket, queue = f"ledger-{account}", f"arn:aws:sqs:eu-west-1:{account}:orders"
    put(session, account)

    def letting(service: str, action: str, resource: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    let_config = letting("config.amazonaws.com", "s3:PutObject", f"arn:aws:s3:::{bucket}/*")
    session.client("s3").put_bucket_policy(Bucket=bucket, Policy=let_config)
    let_s3 = {"Policy": letting("s3.amazonaws.com", "sqs:SendMessage", queue)}
    session.client("sqs").create_queue(QueueName="orders", Attributes=let_s3)
    return bucket, queue


def test_services_that_a_stranger_sends_are_kept_out_of_what_lets_them_in(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    account = make_account(easy_cloud, "Prod")
    session, outsider = team_admin(easy_cloud, account), stranger(easy_cloud)
    bucket, queue = open_to_services(session, account)
    record_into(outsider, STRANGER, bucket)
    notify(outsider, "theirs", queue)

    guardrails.apply()

    assert "InsufficientDeliveryPolicy" in said(lambda: record_into(outsider, STRANGER, bucket))
    assert "Unable to validate" in said(lambda: notify(outsider, "theirs-too", queue))
    ours = make_account(easy_cloud, None, "search-lab")
    assert said(lambda: record_into(easy_cloud.session(ours), ours, bucket)) == ""
    assert said(lambda: notify(easy_cloud.session(ours), "ours", queue)) == ""


def test_every_policy_of_the_catalogue_is_tried_here() -> None:
    policies = {guardrail.id for guardrail in catalogue() if guardrail.statements}

    untried = policies - {name for name, _ in DENIED} - TRIED_ALONE
    assert untried == set(JUDGED_ONLY)
