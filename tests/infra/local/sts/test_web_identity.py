"""Roles assumed with a token of an identity provider, as clients see it."""

import time
from typing import Any

import httpx2
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud import Cloud, CloudSession
from tests.infra.local.authorize.ground import allow, attach, deny, document, make_account
from tests.infra.local.behaviour import behaviour
from tests.infra.local.sts.ground import credentials, publish, token

ISSUER = "token.actions.githubusercontent.com"


@pytest.fixture
def account(cloud: Cloud) -> str:
    """An account with GitHub's issuer as a provider, whose keys STS can fetch."""
    made = make_account(cloud)
    publish(cloud, ISSUER)
    cloud.session(made).client("iam").create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    return made


def make_deploy_role(cloud: Cloud, account: str, issuer: str = ISSUER, **condition: Any) -> str:
    """A role for whoever the issuer vouches for, under a condition of its trust policy; its ARN."""
    trusted = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    iam = cloud.session(account).client("iam")
    made = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=document(trusted))["Role"]["Arn"]
    iam.put_role_policy(RoleName="deploy", PolicyName="deploy", PolicyDocument=document(allow("s3:ListAllMyBuckets")))
    return str(made)


def assume(cloud: Cloud, role: str, given: str, **more: Any) -> dict[str, Any]:
    """By a call without a signature, as a build job makes it."""
    import boto3

    sts = boto3.client("sts", "eu-west-1", endpoint_url=cloud.url, config=Config(signature_version=UNSIGNED))
    answer: dict[str, Any] = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="job", WebIdentityToken=given, **more
    )
    return answer


def sentence(cloud: Cloud, role: str, given: str) -> str:
    """What AWS says no with."""
    with pytest.raises(ClientError) as refusal:
        assume(cloud, role, given)
    return str(refusal.value)


@behaviour("sts.AssumeRoleWithWebIdentity")
def test_a_job_assumes_a_role_without_a_signature_and_does_what_the_role_may(cloud: Cloud, account: str) -> None:
    role = make_deploy_role(cloud, account, StringLike={f"{ISSUER}:sub": "repo:acme/*"})

    answer = assume(cloud, role, token(ISSUER, "repo:acme/ledger"))
    session = CloudSession(cloud, credentials(answer))

    session.client("s3").list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("iam").list_roles()
    assert answer["SubjectFromWebIdentityToken"] == "repo:acme/ledger"
    assert (answer["Audience"], answer["Provider"]) == ("sts.amazonaws.com", f"https://{ISSUER}")
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{account}:assumed-role/deploy/job"


@behaviour("sts.AssumeRoleWithWebIdentity", "IAM/latest/UserGuide/reference_policies_iam-condition-keys.html")
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {f"{ISSUER}:sub": "repo:acme/other"}},
        {"StringEquals": {f"{ISSUER}:aud": "somebody"}},
        {"StringEquals": {"sts:RoleSessionName": "another"}},
    ],
    ids=["subject", "audience", "session"],
)
def test_a_trust_policy_names_the_subjects_audiences_and_sessions_it_lets_in(
    cloud: Cloud, account: str, condition: dict[str, Any]
) -> None:
    role = make_deploy_role(cloud, account, **condition)

    said = sentence(cloud, role, token(ISSUER, "repo:acme/ledger"))

    assert "(AccessDenied)" in said
    assert said.endswith("Not authorized to perform sts:AssumeRoleWithWebIdentity")


@behaviour("sts.AssumeRoleWithWebIdentity")
def test_a_role_that_is_not_there_or_trusts_another_provider_is_not_assumed(cloud: Cloud, account: str) -> None:
    role = make_deploy_role(cloud, account, issuer="gitlab.example")
    for arn in (role, f"{role}s"):
        assert "Not authorized to perform" in sentence(cloud, arn, token(ISSUER, "repo:acme/ledger"))


@behaviour("sts.AssumeRoleWithWebIdentity", "IAM/latest/UserGuide/id_roles_providers_create_oidc.html")
@pytest.mark.parametrize(
    ("issuer", "claims", "code", "says"),
    [
        ("gitlab.example", {}, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https"),
        (ISSUER, {"aud": "somebody"}, "InvalidIdentityToken", "Incorrect token audience"),
        (ISSUER, {"azp": "somebody"}, "InvalidIdentityToken", "Incorrect token audience"),
        (ISSUER, {"exp": int(time.time()) - 60}, "ExpiredTokenException", "Token expired: current date/time"),
        (ISSUER, {"sub": None}, "InvalidIdentityToken", "Missing a required claim: sub"),
    ],
    ids=["provider", "audience", "party", "expired", "subject"],
)
def test_a_token_is_checked_before_the_role_is_looked_at(
    cloud: Cloud, account: str, issuer: str, claims: dict[str, Any], code: str, says: str
) -> None:
    said = sentence(cloud, make_deploy_role(cloud, account), token(issuer, "repo:acme/ledger", **claims))

    assert f"({code})" in said
    assert says in said


@behaviour("sts.AssumeRoleWithWebIdentity")
def test_a_forged_token_and_a_text_that_is_no_token_are_refused(cloud: Cloud, account: str) -> None:
    role, good = make_deploy_role(cloud, account), token(ISSUER, "repo:acme/ledger")
    head, _, signature = good.split(".")
    body = token(ISSUER, "repo:acme/other").split(".")[1]

    for given in (f"{head}.{body}.{signature}", "no.token.atall", "nothing"):
        assert "(InvalidIdentityToken)" in sentence(cloud, role, given)


@behaviour("sts.AssumeRoleWithWebIdentity", "IAM/latest/UserGuide/id_roles_providers_create_oidc.html")
def test_the_keys_of_an_issuer_that_nobody_published_cannot_be_fetched(cloud: Cloud, account: str) -> None:
    cloud.session(account).client("iam").create_open_id_connect_provider(
        Url="https://gitlab.example", ClientIDList=["sts.amazonaws.com"]
    )

    said = sentence(cloud, make_deploy_role(cloud, account), token("gitlab.example", "repo:acme/ledger"))

    assert "(InvalidIdentityToken)" in said
    assert "Couldn't retrieve verification key from your identity provider" in said


@behaviour("sts.AssumeRoleWithWebIdentity", "organizations/latest/userguide/orgs_manage_policies_rcps.html")
def test_a_resource_control_policy_binds_web_identities_and_an_scp_does_not(cloud: Cloud, account: str) -> None:
    role = make_deploy_role(cloud, account)
    attach(cloud, account, deny("sts:AssumeRoleWithWebIdentity"))
    assume(cloud, role, token(ISSUER, "repo:acme/ledger"))
    stranger = {"StringNotLike": {f"{ISSUER}:sub": "repo:acme/*"}}
    attach(
        cloud,
        account,
        deny("sts:AssumeRoleWithWebIdentity", Principal="*", Condition=stranger),
        kind="RESOURCE_CONTROL_POLICY",
    )

    assume(cloud, role, token(ISSUER, "repo:acme/ledger"))
    assert "Not authorized to perform" in sentence(cloud, role, token(ISSUER, "repo:mallory/ledger"))


@behaviour("sts.AssumeRoleWithWebIdentity", "IAM/latest/UserGuide/reference_policies_condition-keys.html")
def test_a_session_remembers_its_provider_and_is_narrowed_by_its_policies(cloud: Cloud, account: str) -> None:
    role = make_deploy_role(cloud, account)
    nothing = document(allow("sqs:*"))
    narrowed = CloudSession(cloud, credentials(assume(cloud, role, token(ISSUER, "me"), Policy=nothing)))
    session = CloudSession(cloud, credentials(assume(cloud, role, token(ISSUER, "me"))))
    provider = f"arn:aws:iam::{account}:oidc-provider/{ISSUER}"

    with pytest.raises(ClientError, match="no session policy allows"):
        narrowed.client("s3").list_buckets()
    attach(cloud, account, deny("s3:*", Condition={"StringEquals": {"aws:FederatedProvider": provider}}))

    with pytest.raises(ClientError, match="service control policy"):
        session.client("s3").list_buckets()


@behaviour("sts.AssumeRoleWithWebIdentity")
def test_a_person_of_the_local_issuer_assumes_a_role(cloud: Cloud, account: str) -> None:
    issuer = f"{cloud.url}/_oidc".removeprefix("http://")
    cloud.session(account).client("iam").create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=["freehold-cli"]
    )
    asked = {"grant_type": "urn:freehold:as", "username": "ada", "client_id": "freehold-cli", "scope": "openid"}
    given = httpx2.post(f"{cloud.url}/_oidc/oauth2/token", data=asked).json()["id_token"]

    answer = assume(cloud, make_deploy_role(cloud, account, issuer=issuer), given)

    assert answer["Provider"] == f"{cloud.url}/_oidc"
    assert answer["Audience"] == "freehold-cli"
