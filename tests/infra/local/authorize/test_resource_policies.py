"""What resources say themselves about who may use them, as callers from inside and outside find out."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, CloudSession
from tests.infra.local.authorize.ground import ADMINISTRATOR, allow, as_role, deny, document, make_account, make_role
from tests.infra.local.behaviour import behaviour


@pytest.fixture
def owner(cloud: Cloud) -> str:
    return make_account(cloud)


@pytest.fixture
def guest(cloud: Cloud) -> str:
    return make_account(cloud, "search")


def sharing(account: str, *actions: str, resource: str = "*") -> str:
    """A policy on a resource that lets another account in."""
    return document(allow(*actions, resource=resource, Principal={"AWS": f"arn:aws:iam::{account}:root"}))


def admin(cloud: Cloud, account: str) -> CloudSession:
    return as_role(cloud, make_role(cloud, account, "admin", managed=ADMINISTRATOR))


def weak(cloud: Cloud, account: str) -> CloudSession:
    return as_role(cloud, make_role(cloud, account, "weak", allow("ec2:DescribeVpcs")))


def make_queue(cloud: Cloud, owner: str) -> str:
    return str(cloud.session(owner).client("sqs").create_queue(QueueName="orders")["QueueUrl"])


def make_topic(cloud: Cloud, owner: str) -> str:
    return str(cloud.session(owner).client("sns").create_topic(Name="orders")["TopicArn"])


def make_secret(cloud: Cloud, owner: str) -> str:
    made = cloud.session(owner).client("secretsmanager").create_secret(Name="orders", SecretString="x")
    return str(made["ARN"])


def share_queue(session: CloudSession, url: str, policy: str) -> None:
    session.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def share_topic(session: CloudSession, arn: str, policy: str) -> None:
    session.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def share_secret(session: CloudSession, arn: str, policy: str) -> None:
    session.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=policy)


SHARED: list[tuple[Any, Any, Any]] = [
    (make_queue, share_queue, lambda s, url: s.client("sqs").send_message(QueueUrl=url, MessageBody="hello")),
    (make_topic, share_topic, lambda s, arn: s.client("sns").publish(TopicArn=arn, Message="hello")),
    (make_secret, share_secret, lambda s, arn: s.client("secretsmanager").get_secret_value(SecretId=arn)),
]


@behaviour("sqs.SendMessage", "IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html")
@pytest.mark.parametrize(("make", "share", "use"), SHARED, ids=["queue", "topic", "secret"])
def test_another_accounts_resource_takes_the_consent_of_both_sides(
    cloud: Cloud, owner: str, guest: str, make: Any, share: Any, use: Any
) -> None:
    thing = make(cloud, owner)
    strong = admin(cloud, guest)
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        use(strong, thing)

    arn = f"arn:aws:sns:eu-west-1:{owner}:orders" if make is make_topic else "*"
    action = {make_queue: "sqs:SendMessage", make_topic: "sns:Publish", make_secret: "secretsmanager:GetSecretValue"}
    share(cloud.session(owner), thing, sharing(guest, action[make], resource=arn))

    use(strong, thing)
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        use(weak(cloud, guest), thing)


@behaviour("sqs.ReceiveMessage", "AWSSimpleQueueService/latest/APIReference/API_SendMessage.html")
def test_a_message_from_elsewhere_is_in_the_owners_queue(cloud: Cloud, owner: str, guest: str) -> None:
    url = make_queue(cloud, owner)
    share_queue(cloud.session(owner), url, sharing(guest, "sqs:SendMessage"))

    admin(cloud, guest).client("sqs").send_message(QueueUrl=url, MessageBody="hello")

    (message,) = cloud.session(owner).client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "hello"


@behaviour("sqs.SetQueueAttributes", "IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html")
def test_within_an_account_the_queues_policy_alone_lets_a_role_in_and_keeps_one_out(cloud: Cloud, owner: str) -> None:
    url, role = make_queue(cloud, owner), make_role(cloud, owner, "weak", allow("ec2:DescribeVpcs"))
    named: dict[str, Any] = {"Principal": {"AWS": role}}
    sqs = as_role(cloud, role).client("sqs")

    share_queue(cloud.session(owner), url, document(allow("sqs:SendMessage", **named)))
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    share_queue(cloud.session(owner), url, document(allow("sqs:*", **named), deny("sqs:SendMessage", Principal="*")))

    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        sqs.send_message(QueueUrl=url, MessageBody="hello")


@behaviour("sqs.SendMessage", "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-using-identity-based-policies.html")
def test_a_policy_that_names_a_queue_is_about_the_queue_at_the_address(cloud: Cloud, owner: str) -> None:
    url = make_queue(cloud, owner)
    other = cloud.session(owner).client("sqs").create_queue(QueueName="other")["QueueUrl"]
    only = allow("sqs:SendMessage", resource=f"arn:aws:sqs:eu-west-1:{owner}:orders")
    sqs = as_role(cloud, make_role(cloud, owner, "sender", only)).client("sqs")

    sqs.send_message(QueueUrl=url, MessageBody="hello")
    with pytest.raises(ClientError, match=f"on resource: arn:aws:sqs:eu-west-1:{owner}:other"):
        sqs.send_message(QueueUrl=other, MessageBody="hello")


def key_policy(*principals: str) -> str:
    return document(allow("kms:*", Principal={"AWS": list(principals)}))


@behaviour("kms.CreateKey", "kms/latest/developerguide/key-policies.html")
def test_a_key_whose_policy_leaves_nothing_to_the_account_shuts_its_administrators_out(
    cloud: Cloud, owner: str
) -> None:
    platform = f"arn:aws:iam::{owner}:role/OrganizationAccountAccessRole"
    kms = cloud.session(owner).client("kms")
    key = kms.create_key(Policy=key_policy(platform))["KeyMetadata"]["KeyId"]

    kms.describe_key(KeyId=key)
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        admin(cloud, owner).client("kms").describe_key(KeyId=key)


@behaviour("kms.CreateGrant", "kms/latest/developerguide/grants.html")
def test_a_grant_lets_a_role_do_what_it_says_for_the_data_it_says(cloud: Cloud, owner: str) -> None:
    kms = cloud.session(owner).client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    role = make_role(cloud, owner, "weak", allow("ec2:DescribeVpcs"))
    grantee = as_role(cloud, role).client("kms")
    with pytest.raises(ClientError, match="AccessDenied"):
        grantee.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"app": "ledger"})

    kms.create_grant(
        KeyId=key,
        GranteePrincipal=role,
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"app": "ledger"}},
    )

    grantee.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"app": "ledger"})
    with pytest.raises(ClientError, match="AccessDenied"):
        grantee.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"app": "other"})
    with pytest.raises(ClientError, match="AccessDenied"):
        grantee.describe_key(KeyId=key)


@behaviour("kms.Encrypt", "kms/latest/developerguide/alias-authorization.html")
def test_an_alias_stands_for_its_key(cloud: Cloud, owner: str) -> None:
    kms = cloud.session(owner).client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/ledger", TargetKeyId=key["KeyId"])
    by_alias = {"StringEquals": {"kms:RequestAlias": "alias/ledger"}}
    statement = allow("kms:Encrypt", resource=key["Arn"], Condition=by_alias)
    user = as_role(cloud, make_role(cloud, owner, "user", statement)).client("kms")

    user.encrypt(KeyId="alias/ledger", Plaintext=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        user.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


@behaviour("kms.Encrypt", "kms/latest/developerguide/key-policy-modifying-external-accounts.html")
def test_a_key_of_another_account_is_used_by_its_arn(cloud: Cloud, owner: str, guest: str) -> None:
    own = f"arn:aws:iam::{owner}:root"
    made = cloud.session(owner).client("kms").create_key(Policy=key_policy(own, f"arn:aws:iam::{guest}:root"))
    key = made["KeyMetadata"]["Arn"]

    admin(cloud, guest).client("kms").encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        weak(cloud, guest).client("kms").encrypt(KeyId=key, Plaintext=b"x")


@behaviour("ecr.SetRepositoryPolicy", "AmazonECR/latest/userguide/repository-policies.html")
def test_a_repository_and_a_table_are_shared_by_their_policies(cloud: Cloud, owner: str, guest: str) -> None:
    ecr, dynamodb = cloud.session(owner).client("ecr"), cloud.session(owner).client("dynamodb")
    ecr.create_repository(repositoryName="images")
    key = {"AttributeName": "id"}
    table = dynamodb.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        KeySchema=[{**key, "KeyType": "HASH"}],
    )["TableDescription"]["TableArn"]
    strong = admin(cloud, guest)

    def use() -> None:
        strong.client("ecr").list_images(repositoryName="images", registryId=owner)
        strong.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "1"}})

    with pytest.raises(ClientError, match="AccessDenied"):
        use()
    statement = {"Effect": "Allow", "Principal": {"AWS": guest}, "Action": "ecr:ListImages"}
    shared = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName="images", policyText=shared)
    dynamodb.put_resource_policy(ResourceArn=table, Policy=sharing(guest, "dynamodb:GetItem", resource=table))

    use()


@behaviour("kms.Decrypt", "kms/latest/APIReference/API_Decrypt.html")
def test_what_a_key_sealed_is_opened_under_that_keys_policy_though_nobody_names_it(cloud: Cloud, owner: str) -> None:
    platform = f"arn:aws:iam::{owner}:role/OrganizationAccountAccessRole"
    kms = cloud.session(owner).client("kms")
    closed = kms.create_key(Policy=key_policy(platform))["KeyMetadata"]["KeyId"]
    open_key = kms.create_key()["KeyMetadata"]["KeyId"]
    strong = admin(cloud, owner).client("kms")
    sealed = kms.encrypt(KeyId=closed, Plaintext=b"x")["CiphertextBlob"]

    assert strong.decrypt(CiphertextBlob=kms.encrypt(KeyId=open_key, Plaintext=b"x")["CiphertextBlob"])["Plaintext"]
    with pytest.raises(ClientError, match=rf"kms:Decrypt on resource: .*key/{closed}"):
        strong.decrypt(CiphertextBlob=sealed)


@behaviour("kms.ReEncrypt", "kms/latest/APIReference/API_ReEncrypt.html")
def test_sealing_anew_takes_a_right_on_each_key(cloud: Cloud, owner: str) -> None:
    kms = cloud.session(owner).client("kms")
    first, second = (kms.create_key()["KeyMetadata"] for _ in range(2))
    sealed = kms.encrypt(KeyId=first["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    away = allow("kms:ReEncryptFrom", resource=first["Arn"])
    into = allow("kms:ReEncryptTo", resource=second["Arn"])
    half = as_role(cloud, make_role(cloud, owner, "half", away)).client("kms")
    whole = as_role(cloud, make_role(cloud, owner, "whole", away, into)).client("kms")

    whole.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=second["KeyId"])
    with pytest.raises(ClientError, match="kms:ReEncryptTo"):
        half.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=second["KeyId"])
