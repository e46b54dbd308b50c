"""State of IAM Identity Center: moto's instance, stores and permission sets, with changes that take time.

The state stays in moto's own `ssoadmin_backends`, so that whatever else in moto asks for it finds the same.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from moto.core.exceptions import ServiceException
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.identitystore.models import IdentityStoreBackend, IdentityStoreData, identitystore_backends
from moto.ssoadmin.models import Instance, PermissionSet, SSOAdminBackend, ssoadmin_backends
from werkzeug.exceptions import HTTPException

from infra.local.cloud import LocalCloud, current
from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.models import organization
from infra.local.service import Refusal
from infra.local.ssoadmin.change import Assignment, Change, Kind
from infra.local.ssoadmin.reserved_role import ProvisioningError, ReservedRole

CHANGE_SECONDS = (4, 40)
"""How long AWS takes for a change, drawn evenly. Not documented; AWS only says that it is asynchronous."""

HEX = "0123456789abcdef"


class LocalSSOAdminBackend(SSOAdminBackend):
    """Identity Center as one account sees it in one region: only the management account's home region has it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.aws_managed_policies = _aws_managed_policies()
        self.assignments: dict[Assignment, None] = {}
        """In the order in which they came to be."""
        self.changes: dict[str, Change] = {}
        self._suffixes: dict[tuple[str, str], str] = {}
        self._provider = ""
        if self.is_home:
            self._open()
        else:
            self.instances.clear()

    @property
    def cloud(self) -> LocalCloud:
        """The cloud this is part of."""
        return current()

    @property
    def is_home(self) -> bool:
        """Whether the organisation's instance is here."""
        return (self.account_id, self.region_name) == (self.cloud.management_account_id, self.cloud.home_region)

    @property
    def instance(self) -> Instance:
        """The organisation's instance; only at home."""
        return self.instances[0]

    @property
    def store(self) -> IdentityStoreData:
        """Users, groups and memberships of the instance."""
        backend: IdentityStoreBackend = identitystore_backends[self.account_id][self.region_name]
        return backend.identity_stores.setdefault(self.instance.identity_store_id, IdentityStoreData())

    def now(self) -> datetime:
        """AWS time."""
        return self.cloud.clock.now()

    def _open(self) -> None:
        """Give the instance ids in AWS's form, by the cloud's own chance."""
        dice = self.cloud.dice
        self.instance.instance_arn = f"arn:aws:sso:::instance/ssoins-{dice.letters(16, HEX)}"
        self.instance.identity_store_id = f"d-{dice.letters(10, HEX)}"
        self.instance.created_date = self.now().timestamp()
        self._provider = f"AWSSSO_{dice.letters(16, HEX)}_DO_NOT_DELETE"

    # --- asking for changes

    def ask_for_assignment(self, kind: Kind, instance_arn: str, assignment: Assignment) -> Change:
        """Begin to create or delete an assignment.

        Creating one that is there already succeeds, as AWS's does; deleting one that is not there is refused.
        """
        self.check_instance(instance_arn)
        self._find_permission_set(instance_arn, assignment.permission_set_arn)
        self._check_account(assignment.account_id)
        if kind is Kind.CREATION:
            self._check_principal(assignment)
        elif assignment not in self.assignments:
            raise Refusal("ResourceNotFoundException", "The account assignment does not exist.")
        self._check_free(assignment.account_id)
        return self._begin(kind, assignment.account_id, assignment.permission_set_arn, assignment)

    def ask_for_provisioning(self, instance_arn: str, permission_set_arn: str, account_id: str | None) -> Change:
        """Begin to bring the roles of a permission set in step, in one account or wherever it is provisioned."""
        self.check_instance(instance_arn)
        self._find_permission_set(instance_arn, permission_set_arn)
        for one in [account_id] if account_id else self.accounts_of(permission_set_arn):
            self._check_account(one)
            self._check_free(one)
        return self._begin(Kind.PROVISIONING, account_id, permission_set_arn, None)

    def find_change(self, kind: Kind, request_id: str) -> Change:
        """A request by its id; ResourceNotFoundException."""
        change = self.changes.get(request_id)
        if change is None or change.kind is not kind:
            raise Refusal("ResourceNotFoundException", f"There is no request {request_id}.")
        return change

    def check_instance(self, instance_arn: str) -> None:
        """Refuse an instance that is not this one."""
        if not self.instances or self.instance.instance_arn != instance_arn:
            raise Refusal("ResourceNotFoundException", f"There is no instance {instance_arn}.")

    def _check_account(self, account_id: str) -> None:
        found = organization().targets.get(account_id)
        if not isinstance(found, Account) or found.state is not AccountState.ACTIVE:
            raise Refusal("ResourceNotFoundException", f"There is no active account {account_id} in the organization.")

    def _check_principal(self, assignment: Assignment) -> None:
        known = self.store.groups if assignment.principal_type == "GROUP" else self.store.users
        if assignment.principal_id not in known:
            raise Refusal(
                "ResourceNotFoundException", f"There is no {assignment.principal_type} {assignment.principal_id}."
            )

    def _check_free(self, account_id: str) -> None:
        """One change of an account at a time: ConflictException while another is under way."""
        now = self.now()
        for change in self.changes.values():
            if change.status(now) == "IN_PROGRESS" and self._touches(change, account_id):
                raise Refusal("ConflictException", f"There is a conflicting operation in process on {account_id}.")

    def _touches(self, change: Change, account_id: str) -> bool:
        if change.account_id is not None:
            return change.account_id == account_id
        return account_id in self.accounts_of(change.permission_set_arn)

    def _begin(
        self, kind: Kind, account_id: str | None, permission_set_arn: str, assignment: Assignment | None
    ) -> Change:
        now, dice = self.now(), self.cloud.dice
        request_id = str(UUID(hex=dice.letters(32, HEX), version=4))
        call = f"sso-admin.{kind.api_name}"
        ends_at = now + dice.seconds(*CHANGE_SECONDS) + self.cloud.faults.prolongs(call)
        change = Change(request_id, kind, account_id, permission_set_arn, now, ends_at, assignment)
        self.changes[request_id] = change
        why = self.cloud.faults.failure_of(call)
        self.cloud.agenda.at(ends_at, lambda _: self._finish(change, why))
        return change

    def _finish(self, change: Change, why: str | None) -> None:
        try:
            if why:
                raise ProvisioningError(why)
            self._carry_out(change)
        except ProvisioningError as error:
            self.changes[change.request_id] = replace(change, failure=str(error))
        except (ServiceException, HTTPException) as refusal:  # the two kinds of error moto's IAM raises
            self.changes[change.request_id] = replace(change, failure=f"IAM refused: {refusal}")

    def _carry_out(self, change: Change) -> None:
        if change.assignment is None:
            one = change.account_id
            for account_id in [one] if one else self.accounts_of(change.permission_set_arn):
                self._provision(account_id, change.permission_set_arn)
        elif change.kind is Kind.CREATION:
            self._provision(change.assignment.account_id, change.permission_set_arn)
            self.assignments[change.assignment] = None
        else:
            self.assignments.pop(change.assignment, None)
            self._drop_unused_role(change.assignment)

    # --- roles

    def role(self, account_id: str, permission_set: PermissionSet) -> ReservedRole:
        """The role of a permission set in an account, which need not be there yet."""
        key = (account_id, permission_set.permission_set_arn)
        if key not in self._suffixes:
            self._suffixes[key] = self.cloud.dice.letters(16, HEX)
        name = f"AWSReservedSSO_{permission_set.name}_{self._suffixes[key]}"
        return ReservedRole(account_id, self.region_name, name)

    def _provision(self, account_id: str, permission_set_arn: str) -> None:
        permission_set = self._find_permission_set(self.instance.instance_arn, permission_set_arn)
        self.role(account_id, permission_set).provision(permission_set, self._provider)

    def _drop_unused_role(self, assignment: Assignment) -> None:
        if assignment.account_id in self.accounts_of(assignment.permission_set_arn):
            return
        permission_set = self._find_permission_set(self.instance.instance_arn, assignment.permission_set_arn)
        self.role(assignment.account_id, permission_set).remove()

    # --- reading

    def accounts_of(self, permission_set_arn: str) -> list[str]:
        """The accounts where a permission set is assigned to somebody."""
        found = {one.account_id: None for one in self.assignments if one.permission_set_arn == permission_set_arn}
        return list(found)

    def permission_sets_of(self, account_id: str) -> list[str]:
        """The ARNs of the permission sets assigned to somebody in an account."""
        return list({one.permission_set_arn: None for one in self.assignments if one.account_id == account_id})

    def held_by(self, username: str) -> Iterator[Assignment]:
        """What a user holds, directly or through groups; nothing for a user nobody knows."""
        user_id = next((user.UserId for user in self.store.users.values() if user.UserName == username), None)
        groups = {
            membership["GroupId"]
            for membership in self.store.group_memberships.values()
            if membership["MemberId"]["UserId"] == user_id
        }
        return (one for one in self.assignments if one.principal_id == user_id or one.principal_id in groups)

    def knows(self, username: str) -> bool:
        """Whether there is a user of that name."""
        return any(user.UserName == username for user in self.store.users.values())

    def permission_set(self, arn: str) -> PermissionSet:
        """A permission set by its ARN; ResourceNotFoundException."""
        found: PermissionSet = self._find_permission_set(self.instance.instance_arn, arn)
        return found

    # --- what moto is too kind about

    def create_permission_set(
        self,
        name: str,
        description: str | None,
        instance_arn: str,
        session_duration: str,
        relay_state: str | None,
        tags: list[dict[str, str]],
    ) -> dict[str, Any]:
        """A permission set with a name of its own; its ARN is written as AWS writes it."""
        self.check_instance(instance_arn)
        if any(one.name == name for one in self.permission_sets):
            raise Refusal("ConflictException", f"PermissionSet with name {name} already exists.")
        unsaid: Any = None
        super().create_permission_set(
            name, description or unsaid, instance_arn, session_duration, relay_state or unsaid, tags
        )
        made = self.permission_sets[-1]
        made.permission_set_arn = (
            f"{instance_arn.replace(':::instance/', ':::permissionSet/')}/ps-{self.cloud.dice.letters(16, HEX)}"
        )
        made.created_date = self.now().timestamp()
        described: dict[str, Any] = made.to_json(True)
        return described

    def delete_permission_set(self, instance_arn: str, permission_set_arn: str) -> dict[str, Any]:
        """Delete a permission set that nobody holds."""
        if self.accounts_of(permission_set_arn):
            raise Refusal("ConflictException", "The permission set has account assignments: delete them first.")
        gone: dict[str, Any] = super().delete_permission_set(instance_arn, permission_set_arn)
        return gone


@cache
def _aws_managed_policies() -> dict[str, Any]:
    """AWS's own policies by name, read once for all backends: there are more than a thousand."""
    published: dict[str, Any] = json.loads(aws_managed_policies_data)
    return published


def identity_center() -> LocalSSOAdminBackend:
    """The organisation's Identity Center of this process's cloud."""
    cloud = current()
    backend = ssoadmin_backends[cloud.management_account_id][cloud.home_region]
    assert isinstance(backend, LocalSSOAdminBackend)
    return backend


__all__ = ["LocalSSOAdminBackend", "identity_center", "ssoadmin_backends"]

ssoadmin_backends.backend = LocalSSOAdminBackend
