"""What the tests of STS build on: root sessions, and tokens that an issuer signs."""

import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from infra.local.iam.models import LocalIAMBackend, iam_backends
from tests.cloud import Cloud, CloudSession, Credentials

TASKS = "arn:aws:iam::aws:policy/root-task/"
KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def centralise(cloud: Cloud) -> None:
    """Enable everything about root access."""
    cloud.client("organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    cloud.client("iam").enable_organizations_root_credentials_management()
    cloud.client("iam").enable_organizations_root_sessions()


def delegate(cloud: Cloud, account: str) -> None:
    cloud.client("organizations").register_delegated_administrator(
        AccountId=account, ServicePrincipal="iam.amazonaws.com"
    )


def credentials(answer: dict[str, Any]) -> Credentials:
    given = answer["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def as_root(cloud: Cloud, account: str, task: str, sts: Any = None) -> CloudSession:
    """A privileged session in the account, begun by the management account or by whose client that is."""
    answer = (sts or cloud.client("sts")).assume_root(TargetPrincipal=account, TaskPolicyArn={"arn": TASKS + task})
    return CloudSession(cloud, credentials(answer))


def with_root_key(cloud: Cloud, account: str) -> CloudSession:
    """As the root user by an access key of its own, which its owner made in the console."""
    iam = iam_backends[account]["aws"]
    assert isinstance(iam, LocalIAMBackend)
    key = iam.make_root_key()
    return CloudSession(cloud, Credentials(key.access_key_id, key.secret_access_key))


def publish(cloud: Cloud, issuer: str) -> None:
    """Let STS fetch the keys of another issuer than the local one."""
    cloud.state.issuer_keys[issuer] = dict(KeySet([KEY]).as_dict(private=False))


def token(issuer: str, subject: str, audience: str = "sts.amazonaws.com", **claims: Any) -> str:
    """Signed by the issuer that `publish` made known."""
    now = int(time.time())
    all_claims = {"iss": f"https://{issuer}", "sub": subject, "aud": audience, "iat": now, "exp": now + 300, **claims}
    return jwt.encode({"alg": "RS256", "kid": KEY.kid}, all_claims, KEY, ["RS256"])
