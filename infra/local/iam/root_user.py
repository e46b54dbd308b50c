"""The root user of an account: its password, its access keys, and how its credentials are told from others'.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
"""

from dataclasses import dataclass, field
from datetime import datetime

from moto.iam.models import LIMIT_KEYS_PER_USER, AccessKey

from infra.local.service import Refusal

ROOT = ":root"


@dataclass(slots=True)
class RootUser:
    """What an account's root user has to sign in with. It has no MFA devices and no signing certificates: those come
    from the console, which is not modelled."""

    account_id: str
    created: datetime
    password_since: datetime | None
    """None where it has no password, and so nobody can sign in as it."""

    keys: dict[str, AccessKey] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """As `aws:PrincipalArn` has it."""
        return root_arn(self.account_id)

    def make_key(self) -> AccessKey:
        """A long-term access key; LimitExceeded beyond two."""
        if len(self.keys) >= LIMIT_KEYS_PER_USER:
            raise Refusal("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {LIMIT_KEYS_PER_USER}")
        key = AccessKey(user_name=None, prefix="AKIA", account_id=self.account_id)  # type: ignore[abstract]
        self.keys[key.access_key_id] = key
        return key

    def find_key(self, key_id: str) -> AccessKey:
        """A key by its id; NoSuchEntity."""
        if key_id not in self.keys:
            raise Refusal("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")
        return self.keys[key_id]


def root_arn(account_id: str) -> str:
    """ARN of an account's root user."""
    return f"arn:aws:iam::{account_id}{ROOT}"


def is_roots(key: AccessKey) -> bool:
    """Whether the root user signs with it: a key of its own, or the key of a session of `sts:AssumeRoot`."""
    return key.user_name is None and (key.role_arn or ROOT).endswith(ROOT)
