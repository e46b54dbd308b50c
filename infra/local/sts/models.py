"""State of STS: moto's, whose tokens are drawn by seed and whose sessions last in the client's time."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from moto.moto_api._internal import mock_random
from moto.sts.models import AssumedRole, STSBackend, sts_backends
from moto.sts.utils import SESSION_TOKEN_PREFIX

from infra.local.authorize.principals import administrator
from infra.local.cloud import current

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
        policy: str,
        duration: int,
        external_id: str,
    ) -> AssumedRole:
        """A session that ends in real time: clients compare the end with their own clock and fetch new credentials."""
        role = super().assume_role(region_name, role_session_name, role_arn, policy, duration, external_id)
        role.session_token = SESSION_TOKEN_PREFIX + b64encode(mock_random.randbytes(TOKEN_BYTES)).decode()
        role.expiration = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=duration)
        return role

    def get_caller_identity(self, access_key_id: str, region: str) -> tuple[str, str, str]:
        """User id, ARN and account; static credentials that no user has are the administrator's."""
        user_id, arn, account = super().get_caller_identity(access_key_id, region)
        if not arn.endswith(MADE_UP):
            return user_id, arn, account
        who = administrator(current().management_account_id)
        return ADMINISTRATOR_ID, who.arn, who.account


__all__ = ["LocalStsBackend", "sts_backends"]

sts_backends.backend = LocalStsBackend
