"""Who signed a call: looked up by access key in moto's IAM and STS, which hold every credential of the cloud."""

import re
from base64 import b32decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from moto.iam.models import AccessKey, Role, User, iam_backends
from moto.iam.utils import ACCOUNT_OFFSET, AWS_ROLE_ALPHABET
from moto.sts.models import sts_backends

from infra.local.authorize.denials import NotSignedIn
from infra.local.iam.root_user import is_roots, root_arn
from infra.local.sts.sessions import RootSession, Session

PARTITION = "aws"
_MADE_BY_AWS = re.compile(r"(AKIA|ASIA)[A-Z2-7]{9}[A-Z0-9]{7}")


class NotSignedInError(Exception):
    """The credentials of a call are none, or none any more."""

    def __init__(self, why: NotSignedIn):
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credentials are known."""

    account: str
    """Empty for whoever belongs to none: a service, and whom an identity provider vouches for."""

    arn: str
    """As `sts:GetCallerIdentity` and messages write it; of a service its principal, of a web identity its provider."""

    holder: Role | User | None
    """Whose policies count in moto's IAM; None for the administrator behind static credentials, and for whoever has
    no policies: a root user, a service, a web identity, nobody."""

    session: Session | None = None
    facts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Condition keys that only such a caller brings."""

    @property
    def principal_arn(self) -> str:
        """`aws:PrincipalArn`: of a session its role's ARN, path included."""
        return str(self.holder.arn) if self.holder else self.arn

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the role or user, for `aws:PrincipalTag`; those of the session take the place of its role's."""
        given = self.holder.tags if self.holder else None
        own = {tag["Key"]: tag["Value"] for tag in given or ()}
        return own | (self.session.origin.tags if self.session else {})

    @property
    def is_root(self) -> bool:
        """Whether it is an account's root user."""
        return self.arn == root_arn(self.account)

    @property
    def is_administrator(self) -> bool:
        """Whether it is whoever holds static credentials."""
        return bool(self.account) and self == administrator(self.account)


ANONYMOUS = Principal(account="anonymous", arn="*", holder=None)
"""Nobody: a call to S3 without a signature, which a bucket policy may let in."""


def administrator(account: str) -> Principal:
    """Whoever holds static credentials that no IAM user has: the administrator of the management account."""
    return Principal(account, f"arn:{PARTITION}:iam::{account}:user/administrator", None)


class Credentials:
    """Finds principals by access key, and remembers which session a temporary key belongs to."""

    def __init__(self, management_account: str):
        self._management_account = management_account
        self._sessions: dict[str, Session] = {}

    def forget(self) -> None:
        """Forget every session: a cloud put back to its seed may give the same key again."""
        self._sessions.clear()

    def principal(self, access_key: str, token: str | None) -> Principal:
        """The principal of a signed call. Raises NotSignedInError for a session that is over or was never begun."""
        account = account_in(access_key)
        if account is None and not (access_key.startswith("ASIA") and token):
            return administrator(self._management_account)
        key = iam_backends[account][PARTITION].access_keys.get(access_key) if account else None
        if account is None or key is None:
            raise NotSignedInError(NotSignedIn.UNKNOWN)
        if key.user_name is not None:
            return self._user(account, key.user_name, key.status)
        if is_roots(key) and key.role_arn is None:
            return self._root(account, key.status)
        return self._session(account, key, token)

    def _user(self, account: str, name: str, status: str) -> Principal:
        user = iam_backends[account][PARTITION].users.get(name)
        if user is None or status != "Active":
            raise NotSignedInError(NotSignedIn.UNKNOWN)
        return Principal(account, user.arn, user)

    def _root(self, account: str, status: str) -> Principal:
        if status != "Active":
            raise NotSignedInError(NotSignedIn.UNKNOWN)
        return Principal(account, root_arn(account), None)

    def _session(self, account: str, key: AccessKey, token: str | None) -> Principal:
        session = self._assumed_role(account, key)
        if session is None or token != session.session_token:
            raise NotSignedInError(NotSignedIn.UNKNOWN)
        if session.expiration.replace(tzinfo=UTC) < datetime.now(UTC):
            raise NotSignedInError(NotSignedIn.EXPIRED)
        if isinstance(session, RootSession):
            return Principal(account, session.arn, None, session)
        role = _role_named(account, session.role_arn.rpartition("/")[2])
        if role is None:
            raise NotSignedInError(NotSignedIn.UNKNOWN)
        return Principal(account, session.arn, role, session)

    def _assumed_role(self, account: str, key: AccessKey) -> Session | None:
        known = self._sessions.get(key.access_key_id)
        if known is not None and known.access_key is key:
            return known
        found = sts_backends[account][PARTITION].get_assumed_role_from_access_key(key.access_key_id)
        if not isinstance(found, Session):
            return None
        self._sessions[key.access_key_id] = found  # a cloud that was reset draws the same keys again
        return found


def account_in(access_key: str) -> str | None:
    """The account that moto, as AWS does, writes into every access key it makes; None where there is none."""
    if not _MADE_BY_AWS.fullmatch(access_key):
        return None
    half = int.from_bytes(b32decode(access_key[4:12]), "big") - ACCOUNT_OFFSET
    odd = access_key[12] in AWS_ROLE_ALPHABET[16:]
    account = f"{2 * half + odd:012d}"
    return account if half >= 0 and account in iam_backends else None


def find_role(arn: str) -> Role | None:
    """The role of that ARN, if its account has one."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[4] not in iam_backends:
        return None
    found = _role_named(parts[4], arn.rpartition("/")[2])
    return found if found is not None and found.arn == arn else None


def _role_named(account: str, name: str) -> Role | None:
    roles = iam_backends[account][PARTITION].roles.values()
    return next((role for role in roles if role.name == name), None)
