"""What tests of guardrails stand on: the example company, and an organisation on the local cloud."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from guardrails.catalog import load_catalogue
from guardrails.compiler import Document, PolicyKind, compile_packs
from guardrails.guardrail import Guardrail
from tests.cloud import Cloud, CloudSession
from vending.core.company import Company, load_company
from vending.core.errors import NotFound
from vending.ports import Account, AccountState

ACME = Path("examples/acme/freehold.yaml")


@cache
def acme() -> Company:
    return load_company(ACME)


@cache
def catalogue() -> tuple[Guardrail, ...]:
    return load_catalogue(acme())


@cache
def documents() -> tuple[Document, ...]:
    return compile_packs(catalogue())


FIRST_TEN = frozenset(
    [
        "acct.quarantine",
        "ebs.enc.lock",
        "log.config",
        "log.trail",
        "org.leave",
        "plat.roles",
        "region.allow",
        "root.deny",
        "s3.bpa.lock",
        "sec.svc",
    ]
)


@cache
def first_ten() -> tuple[Guardrail, ...]:
    return tuple(guardrail for guardrail in catalogue() if guardrail.id in FIRST_TEN)


@cache
def small_pack() -> tuple[Document, ...]:
    """One document a class: the first ten guardrails alone."""
    return compile_packs(first_ten())


def policy(*statements: dict[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny(sid: str, action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": resource, **more}


def document(content: str, ou_class: str = "sandbox", kind: PolicyKind = PolicyKind.SCP) -> Document:
    """A compiled document of any content."""
    return Document(kind, ou_class, 1, content, ("test.guardrail",))


class OneTeam:
    """An account book in which every account of the organisation belongs to payments."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def all(self) -> list[Account]:
        accounts = self._cloud.client("organizations").list_accounts()["Accounts"]
        return [account(found["Id"]) for found in accounts]

    def get(self, account_id: str) -> Account:
        for found in self.all():
            if found.account_id == account_id:
                return found
        raise NotFound(f"There is no account {account_id}.")


class NoAccounts:
    """An account book without a page."""

    def all(self) -> list[Account]:
        return []

    def get(self, account_id: str) -> Account:
        raise NotFound(f"There is no account {account_id}.")


def account(account_id: str = "111122223333", ou: str = "Sandbox") -> Account:
    return Account(
        account_id=account_id,
        name="payments-lab",
        team="payments",
        ou=ou,
        ou_class=acme().class_of(ou),
        template="sandbox",
        state=AccountState.ACTIVE,
        request_id=None,
        email="aws+x@acme.example",
        baseline_version=None,
        monthly_budget_usd=None,
        regions=(),
        tags={},
        created_at=None,
        ends_at=None,
    )


def root_id(cloud: Cloud) -> str:
    return str(cloud.client("organizations").list_roots()["Roots"][0]["Id"])


def unit_id(cloud: Cloud, name: str) -> str:
    units = cloud.client("organizations").list_organizational_units_for_parent(ParentId=root_id(cloud))
    return next(str(unit["Id"]) for unit in units["OrganizationalUnits"] if unit["Name"] == name)


def make_account(cloud: Cloud, ou: str | None = "Sandbox", name: str = "payments-lab") -> str:
    """An account in an OU, or in the root where AWS makes it."""
    organizations = cloud.client("organizations")
    asked = organizations.create_account(Email=f"{name}@acme.example", AccountName=name)["CreateAccountStatus"]
    cloud.clock.advance(3600)
    status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    made = str(status["AccountId"])
    if ou:
        organizations.move_account(
            AccountId=made, SourceParentId=root_id(cloud), DestinationParentId=unit_id(cloud, ou)
        )
    return made


def attached(cloud: Cloud, target: str, kind: str = "SERVICE_CONTROL_POLICY") -> list[str]:
    """Names of what is attached to a target."""
    found = cloud.client("organizations").list_policies_for_target(TargetId=target, Filter=kind)["Policies"]
    return sorted(summary["Name"] for summary in found)


def attach(cloud: Cloud, target: str, name: str, content: str) -> str:
    """Somebody else's policy, attached."""
    organizations = cloud.client("organizations")
    made = organizations.create_policy(Name=name, Content=content, Description="", Type="SERVICE_CONTROL_POLICY")
    policy_id = str(made["Policy"]["PolicySummary"]["Id"])
    organizations.attach_policy(PolicyId=policy_id, TargetId=target)
    return policy_id


def find_policy(cloud: Cloud, name: str) -> str:
    found = cloud.client("organizations").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return next(str(summary["Id"]) for summary in found if summary["Name"] == name)


def team_admin(cloud: Cloud, account_id: str) -> CloudSession:
    """As a role of the team that may do everything that guardrails let it."""
    iam = cloud.session(account_id).client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}],
    }
    iam.create_role(RoleName="payments-admin", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="payments-admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return cloud.session(account_id, "payments-admin")
