"""State of IAM: moto's, with aliases that one account in the world has, and a root user."""

import re
from functools import cached_property
from typing import cast

from moto.iam.exceptions import EntityAlreadyExists
from moto.iam.models import SERVICE_NAME_CONVERSION, AccessKey, IAMBackend, Role, iam_backends
from moto.iam.policy_validation import VALID_RESOURCE_PATH_STARTING_VALUES

from infra.local.cloud import current
from infra.local.iam.root_user import RootUser
from infra.local.service import Refusal

_ALIAS = re.compile(r"(?!\d{12}$)[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""Of the API reference (CreateAccountAlias); the user guide adds that it is not twelve digits."""


class LocalIAMBackend(IAMBackend):
    """IAM of one account."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.organization_features: set[str] = set()
        """What the organisation centralises of its accounts' root users; only the management account's counts."""

    @cached_property
    def root_user(self) -> RootUser:
        """The account's root user, with a password; `member` tells when it was made and whether it has one."""
        now = current().clock.now()
        return RootUser(self.account_id, created=now, password_since=now)

    def make_root_key(self) -> AccessKey:
        """A long-term access key of the root user; LimitExceeded beyond two."""
        key = self.root_user.make_key()
        self.access_keys[key.access_key_id] = key
        return key

    def create_account_alias(self, alias: str) -> None:
        """The account's one alias, in the place of the last; EntityAlreadyExists where any account has it."""
        if not _ALIAS.fullmatch(alias):
            raise Refusal(
                "ValidationError",
                f"1 validation error detected: Value '{alias}' at 'accountAlias' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
            )
        everywhere = (cast("IAMBackend", backend) for _, _, backend in iam_backends.iter_backends())
        if any(alias in backend.account_aliases for backend in everywhere):
            raise Refusal("EntityAlreadyExists", f"The account alias {alias} already exists.")
        super().create_account_alias(alias)

    def create_service_linked_role(self, service_name: str, description: str, suffix: str) -> Role:
        """A service's own role, once; a second one is refused with InvalidInput, not as other roles are."""
        try:
            return super().create_service_linked_role(service_name, description, suffix)
        except EntityAlreadyExists as taken:
            name = str(taken.message).split()[3].rstrip(".")
            raise Refusal(
                "InvalidInput",
                f"Service role name {name} has been taken in this account, please try a different suffix.",
            ) from taken


SERVICE_NAME_CONVERSION["config"] = "Config"
"""AWSServiceRoleForConfig: moto knows few services by how they write themselves."""
VALID_RESOURCE_PATH_STARTING_VALUES["iam"]["values"].append("root")
"""moto refuses a policy that names a root user, which is how `sts:AssumeRoot` is allowed."""

__all__ = ["LocalIAMBackend", "iam_backends"]

iam_backends.backend = LocalIAMBackend
