"""The role that Identity Center keeps in an account for a permission set: `AWSReservedSSO_<name>_<16 hex>`."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

from moto.iam.models import IAMBackend, Role, iam_backends
from moto.ssoadmin.models import PermissionSet

INLINE_POLICY = "AwsSSOInlinePolicy"
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class ProvisioningError(Exception):
    """A permission set cannot be provisioned into an account, with the reason AWS gives."""


@dataclass(frozen=True, slots=True)
class ReservedRole:
    """Where the role of one permission set in one account is, and how to keep it in step."""

    account_id: str
    home_region: str
    name: str

    @property
    def path(self) -> str:
        """IAM path: with the home region, as everywhere but in us-east-1."""
        return f"/aws-reserved/sso.amazonaws.com/{self.home_region}/"

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return f"arn:aws:iam::{self.account_id}:role{self.path}{self.name}"

    def provision(self, permission_set: PermissionSet, provider: str) -> None:
        """Make the role, or bring its policies in step with the permission set.

        Raises:
            ProvisioningError: a customer managed policy that it names is not in the account.
        """
        iam = self._iam()
        wanted = [policy.arn for policy in permission_set.managed_policies]
        wanted += [self._customer_policy(iam, one.path, one.name) for one in permission_set.customer_managed_policies]
        role = self._find(iam) or self._create(iam, permission_set, provider)
        for arn in set(role.managed_policies) - set(wanted):
            iam.detach_role_policy(arn, self.name)
        for arn in wanted:
            if arn not in role.managed_policies:
                iam.attach_role_policy(arn, self.name)
        role.policies.pop(INLINE_POLICY, None)
        if permission_set.inline_policy:
            iam.put_role_policy(self.name, INLINE_POLICY, permission_set.inline_policy)
        role.max_session_duration = _seconds(permission_set)

    def remove(self) -> None:
        """Delete the role."""
        iam = self._iam()
        role = self._find(iam)
        if role is not None:
            del iam.roles[role.id]

    def _find(self, iam: IAMBackend) -> Role | None:
        return next((role for role in iam.roles.values() if role.name == self.name), None)

    def _create(self, iam: IAMBackend, permission_set: PermissionSet, provider: str) -> Role:
        if provider not in iam.saml_providers:
            iam.create_saml_provider(provider, "<EntityDescriptor/>")
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{self.account_id}:saml-provider/{provider}"},
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
        role: Role = iam.create_role(
            role_name=self.name,
            assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            path=self.path,
            permissions_boundary=None,
            description=permission_set.description or "",
            tags=[],
            max_session_duration=_seconds(permission_set),
        )
        return role

    def _customer_policy(self, iam: IAMBackend, path: str, name: str) -> str:
        arn = f"arn:aws:iam::{self.account_id}:policy{path}{name}"
        if arn not in iam.managed_policies:
            raise ProvisioningError(f"The customer managed policy {path}{name} does not exist in {self.account_id}.")
        return arn

    def _iam(self) -> IAMBackend:
        return iam_backends[self.account_id]["aws"]


def session_length(permission_set: PermissionSet) -> timedelta:
    """How long a session of the permission set lasts; an hour where it does not say."""
    match = _DURATION.fullmatch(str(permission_set.session_duration or ""))
    if match is None:
        return timedelta(hours=1)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _seconds(permission_set: PermissionSet) -> str:
    return str(int(session_length(permission_set).total_seconds()))
