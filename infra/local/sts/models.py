"""State of STS: moto's, whose tokens are drawn by seed and whose sessions last in the client's time."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.sts.models import STSBackend, sts_backends
from moto.sts.utils import SESSION_TOKEN_PREFIX

from infra.local.authorize.principals import administrator
from infra.local.cloud import current
from infra.local.iam.root_user import ROOT, is_roots, root_arn
from infra.local.sts.sessions import Origin, RootSession, Session

ADMINISTRATOR_ID = "AIDAFREEHOLDLOCALADMN"
MADE_UP = ":user/moto"
TOKEN_BYTES = 258


class LocalStsBackend(STSBackend):
    """STS of one account."""

    def assume_role(
        self,
        region_name: str,
        role_session_name: str,
        role_arn: str,
        policy: str | None,
        duration: int,
        external_id: str | None,
        origin: Origin | None = None,
    ) -> Session:
        """A session that ends in real time: clients compare the end with their own clock and fetch new credentials.

        It is kept in the account of the role, or of the root user, that `role_arn` names.
        """
        account_id, access_key = self._create_access_key(role=role_arn)
        session = (RootSession if role_arn.endswith(ROOT) else Session)(
            origin or Origin(),
            account_id=account_id,
            region_name=region_name,
            access_key=access_key,
            role_session_name=role_session_name,
            role_arn=role_arn,
            policy=policy,
            duration=duration,
            external_id=external_id,
        )
        access_key.role_arn = role_arn
        session.session_token = SESSION_TOKEN_PREFIX + b64encode(mock_random.randbytes(TOKEN_BYTES)).decode()
        session.expiration = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=duration)
        sts_backends[account_id][self.partition].assumed_roles.append(session)
        return session

    def assume_root(self, account_id: str, task_policy: str, duration: int, source_identity: str | None) -> Session:
        """A session of the account's root user, narrowed to one task."""
        origin = Origin(policies=(task_policy,), source_identity=source_identity)
        return self.assume_role(self.region_name, "", root_arn(account_id), None, duration, None, origin)

    def get_caller_identity(self, access_key_id: str, region: str) -> tuple[str, str, str]:
        """User id, ARN and account; static credentials that no user has are the administrator's."""
        key = iam_backends[self.account_id][self.partition].access_keys.get(access_key_id)
        if key is not None and is_roots(key):
            return self.account_id, root_arn(self.account_id), self.account_id
        user_id, arn, account = super().get_caller_identity(access_key_id, region)
        if not arn.endswith(MADE_UP):
            return user_id, arn, account
        who = administrator(current().management_account_id)
        return ADMINISTRATOR_ID, who.arn, who.account


__all__ = ["LocalStsBackend", "sts_backends"]

sts_backends.backend = LocalStsBackend
