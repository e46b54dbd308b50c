"""State of the access portal: there is none; it asks Identity Center, the issuer and STS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.core.base_backend import BackendDict
from moto.sts.models import AssumedRole, sts_backends

from infra.local.issuer.tokens import InvalidTokenError
from infra.local.organizations.entities import Account
from infra.local.organizations.models import organization
from infra.local.service import Refusal, ServiceBackend
from infra.local.ssoadmin.models import LocalSSOAdminBackend, identity_center
from infra.local.ssoadmin.reserved_role import session_length


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials of a permission set's role."""

    access_key: str
    secret_key: str
    token: str
    lasts: timedelta


class SSOBackend(ServiceBackend):
    """The portal, the same whoever asks: callers are known by their token alone."""

    @property
    def center(self) -> LocalSSOAdminBackend:
        """The organisation's Identity Center."""
        return identity_center()

    def username(self, token: str) -> str:
        """Whose access token it is; UnauthorizedException for a token that is not valid or of nobody here."""
        username = self._claims(token).get("username")
        if not isinstance(username, str) or not self.center.knows(username):
            raise _unauthorized()
        return username

    def accounts(self, username: str) -> list[Account]:
        """The accounts where a user holds something, in the order of their names."""
        ids = {one.account_id for one in self.center.held_by(username)}
        found = [account for account in organization().accounts if account.id in ids]
        return sorted(found, key=lambda account: account.name)

    def roles(self, username: str, account_id: str) -> list[str]:
        """The names of the permission sets a user holds in an account."""
        held = {one.permission_set_arn for one in self.center.held_by(username) if one.account_id == account_id}
        return sorted(self.center.permission_set(arn).name for arn in held)

    def assume(self, username: str, account_id: str, name: str) -> RoleSession | None:
        """Credentials of the role that a permission set has in an account; None without an assignment."""
        for one in self.center.held_by(username):
            permission_set = self.center.permission_set(one.permission_set_arn)
            if (one.account_id, permission_set.name) == (account_id, name):
                role = self.center.role(account_id, permission_set)
                return _session(role.arn, username, session_length(permission_set))
        return None

    def _claims(self, token: str) -> Mapping[str, Any]:
        if self.cloud.verify_token is None:
            raise _unauthorized()
        try:
            return self.cloud.verify_token(token)
        except InvalidTokenError as error:
            raise _unauthorized() from error


def _session(role_arn: str, username: str, lasts: timedelta) -> RoleSession:
    sts = sts_backends[role_arn.split(":")[4]]["aws"]
    session: AssumedRole = sts.assume_role(
        region_name="us-east-1",
        role_session_name=username,
        role_arn=role_arn,
        policy="",
        duration=int(lasts.total_seconds()),
        external_id="",
    )
    return RoleSession(session.access_key_id, session.secret_access_key, session.session_token, lasts)


def _unauthorized() -> Refusal:
    return Refusal("UnauthorizedException", "Session token not found or invalid")


sso_backends = BackendDict(SSOBackend, "sso")
