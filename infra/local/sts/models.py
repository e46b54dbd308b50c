"""State of STS: moto's, with the same name for the administrator that calls are authorised under."""

from moto.sts.models import STSBackend, sts_backends

from infra.local.authorize.principals import administrator

ADMINISTRATOR_ID = "AIDAFREEHOLDLOCALADMN"
MADE_UP = ":user/moto"


class LocalStsBackend(STSBackend):
    """STS of one account."""

    def get_caller_identity(self, access_key_id: str, region: str) -> tuple[str, str, str]:
        """Unique id, ARN and account of the caller."""
        user_id, arn, account = super().get_caller_identity(access_key_id, region)
        if not arn.endswith(MADE_UP):
            return user_id, arn, account
        return ADMINISTRATOR_ID, administrator(account).arn, account


__all__ = ["LocalStsBackend", "sts_backends"]

sts_backends.backend = LocalStsBackend
