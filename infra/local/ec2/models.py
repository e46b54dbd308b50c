"""State of EC2: moto's, with the account's settings in each region."""

from functools import cached_property

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.vpcs import VPC

from infra.local.ec2.settings import Settings


class LocalEC2Backend(EC2Backend):
    """EC2 of one account and region."""

    @cached_property
    def settings(self) -> Settings:
        """What the account has chosen; what new accounts have until then."""
        return Settings()

    def delete_vpc(self, vpc_id: str) -> VPC:
        """A VPC goes with its default network ACL, which nobody can delete and moto leaves behind
        (https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html)."""
        gone = super().delete_vpc(vpc_id)
        acls = self.network_acls
        for acl_id in [acl.id for acl in acls.values() if acl.vpc_id == vpc_id]:
            acls.pop(acl_id)
        return gone


__all__ = ["LocalEC2Backend", "ec2_backends"]

ec2_backends.backend = LocalEC2Backend
