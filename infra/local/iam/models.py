"""State of IAM: moto's, with roles that know when they were made on the cloud's clock."""

from datetime import UTC
from typing import Any

from moto.iam.models import IAMBackend, Role, iam_backends

from infra.local.cloud import current


class LocalIAMBackend(IAMBackend):
    """IAM of one account."""

    def create_role(self, *args: Any, **kwargs: Any) -> Role:
        """A role made now in AWS time; moto's times are UTC without saying so."""
        role: Role = super().create_role(*args, **kwargs)
        role.create_date = current().clock.now().astimezone(UTC).replace(tzinfo=None)
        return role


__all__ = ["LocalIAMBackend", "iam_backends"]

iam_backends.backend = LocalIAMBackend
