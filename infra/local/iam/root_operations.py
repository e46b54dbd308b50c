"""IAM's operations that speak of the caller where they name no user, when the caller is the root user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import AccessKey
from moto.iam.responses import IamResponse

from infra.local.cloud import current
from infra.local.iam.models import LocalIAMBackend
from infra.local.iam.root_user import RootUser, is_roots
from infra.local.service import Refusal

NAME = "root"
"""What stands where a user's name is required; the documentation does not say what AWS writes there."""


class RootUserOperations(IamResponse):
    """Credentials of the root user; everybody else's are moto's."""

    def get_user(self) -> ActionResult:
        """Who the root user is: it has no name and no path."""
        root = self._root()
        if root is None:
            return super().get_user()
        return ActionResult({"User": {"UserId": root.account_id, "Arn": root.arn, "CreateDate": root.created}})

    def create_access_key(self) -> ActionResult:
        """A key of the root user's own."""
        root = self._root()
        if root is None:
            return super().create_access_key()
        key = self._iam.make_root_key()
        shown = {"UserName": NAME, "SecretAccessKey": key.secret_access_key, **_shown(key)}
        return ActionResult({"AccessKey": shown})

    def list_access_keys(self) -> ActionResult:
        """The root user's keys."""
        root = self._root()
        if root is None:
            return super().list_access_keys()
        keys = [_shown(key) for key in root.keys.values()]
        return ActionResult({"AccessKeyMetadata": keys, "IsTruncated": False})

    def update_access_key(self) -> ActionResult:
        """Active or Inactive."""
        root = self._root()
        if root is None:
            return super().update_access_key()
        root.find_key(self._get_param("AccessKeyId")).status = self._get_param("Status")
        return EmptyResult()

    def delete_access_key(self) -> ActionResult:
        """Nobody signs with it any more."""
        root = self._root()
        if root is None:
            return super().delete_access_key()
        key = root.find_key(self._get_param("AccessKeyId"))
        del root.keys[key.access_key_id], self._iam.access_keys[key.access_key_id]
        return EmptyResult()

    def get_access_key_last_used(self) -> ActionResult:
        """Of the root user's keys nothing is recorded, and that is said as for a key never used."""
        key_id = self._get_param("AccessKeyId")
        if key_id not in self._iam.root_user.keys:
            return super().get_access_key_last_used()
        return ActionResult({"UserName": NAME, "AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}})

    def get_login_profile(self) -> ActionResult:
        """Since when the root user has a password; NoSuchEntity where it has none."""
        root = self._root_in_session()
        if root is None:
            return super().get_login_profile()
        return ActionResult({"LoginProfile": {"UserName": NAME, "CreateDate": _password(root)}})

    def create_login_profile(self) -> ActionResult:
        """Let the owner of the account's e-mail address set a password again; EntityAlreadyExists where it has one."""
        root = self._root_in_session()
        if root is None:
            return super().create_login_profile()
        if self._get_param("Password"):
            raise Refusal("ValidationError", "The password must be omitted in a session of sts:AssumeRoot.")
        if root.password_since:
            raise Refusal("EntityAlreadyExists", f"Login Profile for User {NAME} already exists.")
        root.password_since = current().clock.now()
        return ActionResult({"LoginProfile": {"UserName": NAME, "CreateDate": root.password_since}})

    def delete_login_profile(self) -> ActionResult:
        """Nobody signs in with the e-mail address and a password any more; NoSuchEntity where nobody could."""
        root = self._root_in_session()
        if root is None:
            return super().delete_login_profile()
        _password(root)
        root.password_since = None
        return EmptyResult()

    def list_mfa_devices(self) -> ActionResult:
        """None."""
        if self._root() is None:
            return super().list_mfa_devices()
        return ActionResult({"MFADevices": [], "IsTruncated": False})

    def deactivate_mfa_device(self) -> ActionResult:
        """NoSuchEntity: there is none."""
        if self._root() is None:
            return super().deactivate_mfa_device()
        serial = self._get_param("SerialNumber")
        raise Refusal("NoSuchEntity", f"MFA Device with serial number {serial} does not exist.")

    def list_signing_certificates(self) -> ActionResult:
        """None."""
        if self._root() is None:
            return super().list_signing_certificates()
        return ActionResult({"Certificates": [], "IsTruncated": False})

    @property
    def _iam(self) -> LocalIAMBackend:
        found: Any = self.backend
        assert isinstance(found, LocalIAMBackend)
        return found

    def _root(self) -> RootUser | None:
        """The root user, where it calls and names no other user."""
        key = self._iam.access_keys.get(self.get_access_key())
        own = key is not None and is_roots(key) and not self._get_param("UserName")
        return self._iam.root_user if own else None

    def _root_in_session(self) -> RootUser | None:
        """The same; with its own access keys it has to name a user for a login profile."""
        root = self._root()
        if root is not None and self.get_access_key() in root.keys:
            raise Refusal("ValidationError", "Must specify userName when calling with root credentials.")
        return root


def _password(root: RootUser) -> Any:
    if root.password_since is None:
        raise Refusal("NoSuchEntity", f"Login Profile for User {NAME} cannot be found.")
    return root.password_since


def _shown(key: AccessKey) -> dict[str, Any]:
    return {"AccessKeyId": key.access_key_id, "Status": key.status, "CreateDate": key.create_date}
