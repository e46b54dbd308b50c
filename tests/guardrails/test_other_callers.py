"""Guardrails about callers that are no roles of the account: root users, build jobs, services sent by strangers."""

import json

from guardrails.service import Guardrails
from tests.cloud import Cloud, CloudSession
from tests.guardrails.acts import STRANGER, Act, put, refusal, said, stranger
from tests.guardrails.ground import acme, make_account, team_admin
from tests.infra.local.sts.ground import as_root, centralise, publish, token, with_root_key


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
