"""What the tests of authorisation build on: roles in a member account and the policies around them."""

import json
from typing import Any

from tests.cloud import Cloud, CloudSession, Credentials

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


def trust(principal: str | list[str], **more: Any) -> str:
    """A trust policy that lets these principals in."""
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more})


def make_account(cloud: Cloud, name: str = "payments") -> str:
    """A member account in the root, outside every OU and so under no guardrail but full access."""
    organizations = cloud.client("organizations")
    asked = organizations.create_account(Email=f"{name}@acme.example", AccountName=name)["CreateAccountStatus"]
    cloud.clock.advance(3600)
    done = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    return str(done["AccountId"])


def make_role(
    cloud: Cloud, account: str, name: str, *statements: dict[str, Any], managed: str | None = None, **more: Any
) -> str:
    """A role that the management account may assume; its ARN."""
    iam = cloud.session(account).client("iam")
    opened = trust(f"arn:aws:iam::{cloud.state.management_account_id}:root")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=opened, **more)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
    if managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    return str(role["Arn"])


def as_role(cloud: Cloud, role_arn: str, session_name: str = "ada") -> CloudSession:
    return CloudSession(cloud, cloud.assume(role_arn, session_name))


def attach(cloud: Cloud, target: str, *statements: dict[str, Any], kind: str = "SERVICE_CONTROL_POLICY") -> str:
    """A policy on a root, OU or account; its ARN."""
    organizations = cloud.client("organizations")
    policy = organizations.create_policy(
        Name=f"test-{kind[:1]}", Description="", Type=kind, Content=document(*statements)
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=target)
    return str(policy["Arn"])


def as_user(access_key: dict[str, str]) -> Credentials:
    return Credentials(access_key["AccessKeyId"], access_key["SecretAccessKey"])
