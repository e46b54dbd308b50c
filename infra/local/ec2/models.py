"""State of EC2: moto's, with the account's settings in each region."""

from functools import cached_property

from moto.ec2.models import EC2Backend, ec2_backends

from infra.local.ec2.settings import Settings


class LocalEC2Backend(EC2Backend):
    """EC2 of one account and region."""

    @cached_property
    def settings(self) -> Settings:
        """What the account has chosen; what new accounts have until then."""
        return Settings()


__all__ = ["LocalEC2Backend", "ec2_backends"]

ec2_backends.backend = LocalEC2Backend
