"""State of S3 Control: moto's, where an S3 policy of the organisation goes over what the account has set.

An account under such a policy reads its effective setting, and cannot change it
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html, read 2026-11-25).
"""

from typing import Any

from moto.s3.models import PublicAccessBlock
from moto.s3control.models import S3ControlBackend, s3control_backends

from infra.local.organizations.inheritance import effective_attributes
from infra.local.organizations.models import organization
from infra.local.service import Refusal

POLICY_TYPE, TOP_LEVEL_KEY, SETTING = "S3_POLICY", "s3_attributes", "public_access_block_configuration"


def declared_block(account_id: str) -> bool | None:
    """Whether the organisation's policy switches all four settings on or off; None where it says nothing."""
    value = effective_attributes(organization(), account_id, POLICY_TYPE, TOP_LEVEL_KEY).get(SETTING)
    return None if value is None else value == "all"


class LocalS3ControlBackend(S3ControlBackend):
    """S3 Control of one account."""

    def get_public_access_block(self, account_id: str) -> PublicAccessBlock:
        """What holds for the account, wherever it comes from."""
        declared = declared_block(self.account_id)
        if declared is None or account_id != self.account_id:
            return super().get_public_access_block(account_id)
        return PublicAccessBlock(*[str(declared).lower()] * 4)

    def put_public_access_block(self, account_id: str, pub_block_config: dict[str, Any]) -> None:
        """Set the account's own; AccessDenied where the organisation decides."""
        self._check_own()
        super().put_public_access_block(account_id, pub_block_config)

    def delete_public_access_block(self, account_id: str) -> None:
        """Forget the account's own; AccessDenied where the organisation decides."""
        self._check_own()
        super().delete_public_access_block(account_id)

    def _check_own(self) -> None:
        if declared_block(self.account_id) is not None:
            raise Refusal(
                "AccessDenied", "Account-level Block Public Access is managed by an organization-level S3 policy."
            )


__all__ = ["LocalS3ControlBackend", "s3control_backends"]

s3control_backends.backend = LocalS3ControlBackend
