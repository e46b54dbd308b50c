"""Builders: groups, permission sets and assignments of a seeded Identity Center."""

from dataclasses import dataclass
from typing import Any

from infra.local.organizations.member import furnish
from infra.local.organizations.models import organization
from infra.local.ssoadmin.models import identity_center
from tests.cloud import Cloud

LONGEST_CHANGE = 40


@dataclass(frozen=True)
class Wish:
    """Who is to hold what where."""

    account_id: str
    group: str = "team-payments"
    permission_set: str = "AdministratorAccess"

    def parameters(self) -> dict[str, str]:
        center = identity_center()
        group_id = next(g.GroupId for g in center.store.groups.values() if g.DisplayName == self.group)
        return {
            "InstanceArn": center.instance.instance_arn,
            "TargetId": self.account_id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": permission_set_arn(self.permission_set),
            "PrincipalType": "GROUP",
            "PrincipalId": group_id,
        }


def instance_arn() -> str:
    return str(identity_center().instance.instance_arn)


def permission_set_arn(name: str) -> str:
    return next(str(one.permission_set_arn) for one in identity_center().permission_sets if one.name == name)


def new_account(cloud: Cloud, name: str) -> str:
    account = organization().add_account(name, f"aws+{name}@acme.example")
    furnish(account, cloud.state.management_account_id)
    return account.id


def ask(cloud: Cloud, wish: Wish) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("sso-admin").create_account_assignment(**wish.parameters())
    return dict(answer["AccountAssignmentCreationStatus"])


def assign(cloud: Cloud, wish: Wish) -> None:
    ask(cloud, wish)
    cloud.clock.advance(LONGEST_CHANGE)


def creation(cloud: Cloud, request_id: str) -> dict[str, Any]:
    answer = cloud.client("sso-admin").describe_account_assignment_creation_status(
        InstanceArn=instance_arn(), AccountAssignmentCreationRequestId=request_id
    )
    return dict(answer["AccountAssignmentCreationStatus"])


def reserved_roles(cloud: Cloud, account_id: str) -> list[dict[str, Any]]:
    """The roles that Identity Center keeps in an account."""
    roles = cloud.session(account_id).client("iam").list_roles()["Roles"]
    return [role for role in roles if role["RoleName"].startswith("AWSReservedSSO_")]
