"""The example's Identity Center: the company's people and groups, and the permission sets its templates name."""

from moto.identitystore.models import IdentityStoreBackend, identitystore_backends

from infra.local.cloud import LocalCloud
from infra.local.ssoadmin.models import LocalSSOAdminBackend, identity_center

MANAGED = {
    "AdministratorAccess": "arn:aws:iam::aws:policy/AdministratorAccess",
    "PowerUserAccess": "arn:aws:iam::aws:policy/PowerUserAccess",
    "ReadOnlyAccess": "arn:aws:iam::aws:policy/ReadOnlyAccess",
}
"""Permission set -> the one AWS managed policy it has."""


def seed(cloud: LocalCloud) -> None:
    """Users and groups by the names the issuer's tokens have, permission sets by the names of the company file."""
    center = identity_center()
    group_ids = {name: _create_group(center, name) for name in _group_names(cloud)}
    for username, person in cloud.company.people.items():
        user_id = _create_user(center, username, person.name, person.email)
        for group in person.groups:
            _store(center).create_group_membership(
                center.instance.identity_store_id, group_ids[group], {"UserId": user_id}
            )
    for name, policy_arn in MANAGED.items():
        _create_permission_set(center, name, policy_arn)


def _group_names(cloud: LocalCloud) -> list[str]:
    company = cloud.company
    named = [team.group for team in company.teams.values()]
    named += [group for groups in company.roles.values() for group in groups]
    named += [group for person in company.people.values() for group in person.groups]
    return list(dict.fromkeys(named))


def _create_group(center: LocalSSOAdminBackend, name: str) -> str:
    group_id, _ = _store(center).create_group(center.instance.identity_store_id, name, "")
    return str(group_id)


def _create_user(center: LocalSSOAdminBackend, username: str, name: str, email: str) -> str:
    given, _, family = name.partition(" ")
    user_id, _ = _store(center).create_user(
        identity_store_id=center.instance.identity_store_id,
        user_name=username,
        name={"GivenName": given, "FamilyName": family},
        display_name=name,
        nick_name="",
        profile_url="",
        emails=[{"Value": email, "Type": "work", "Primary": True}],
        addresses=[],
        phone_numbers=[],
        user_type="",
        title="",
        preferred_language="",
        locale="",
        timezone="",
    )
    return str(user_id)


def _create_permission_set(center: LocalSSOAdminBackend, name: str, policy_arn: str) -> None:
    made = center.create_permission_set(
        name, f"{name}, as AWS defines it", center.instance.instance_arn, "PT4H", None, []
    )
    center.attach_managed_policy_to_permission_set(center.instance.instance_arn, made["PermissionSetArn"], policy_arn)


def _store(center: LocalSSOAdminBackend) -> IdentityStoreBackend:
    return identitystore_backends[center.account_id][center.region_name]
