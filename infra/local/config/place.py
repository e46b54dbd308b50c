"""One account in one region, seen through moto's backends."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.config.models import ConfigBackend, config_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.ec2.models import EC2Backend, ec2_backends
from moto.iam.models import IAMBackend, iam_backends
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.rds.models import RDSBackend, rds_backends
from moto.s3.models import FakeBucket, S3Backend, s3_backends
from moto.utilities.utils import get_partition

from infra.local.account.models import AccountBackend, account_backends

B = TypeVar("B", bound=BaseBackend)


def existing(backends: BackendDict[B], account_id: str, region: str) -> B | None:
    """The backend of an account and region if somebody has touched it, without creating one."""
    account = dict.get(backends, account_id)
    return None if account is None else dict.get(account, region)


@dataclass(frozen=True, order=True)
class Place:
    """An account in a region. Reading it creates no backend but EC2's.

    EC2 is the exception because every account has a default VPC in every region from the first day: a region nobody
    touched still has a default security group to judge, and its id must not change once somebody looks.
    """

    account_id: str
    region: str

    @property
    def partition(self) -> str:
        """The AWS partition of the region: the key of backends that are not regional."""
        return get_partition(self.region)

    @property
    def config(self) -> ConfigBackend | None:
        """Config of this account and region."""
        return existing(config_backends, self.account_id, self.region)

    @property
    def s3(self) -> S3Backend | None:
        """S3 of the account, all regions."""
        return existing(s3_backends, self.account_id, self.partition)

    @property
    def buckets(self) -> Iterator[FakeBucket]:
        """The buckets of the account that live in this region, in order of their names."""
        held = self.s3.buckets if self.s3 else {}
        return (held[name] for name in sorted(held) if held[name].region_name == self.region)

    @property
    def ec2(self) -> EC2Backend:
        """EC2 of this region, created with its default VPC when nobody has touched it."""
        return ec2_backends[self.account_id][self.region]

    @property
    def iam(self) -> IAMBackend | None:
        """IAM of the account."""
        return existing(iam_backends, self.account_id, self.partition)

    @property
    def kms(self) -> KmsBackend | None:
        """KMS of this region."""
        return existing(kms_backends, self.account_id, self.region)

    @property
    def customer_keys(self) -> Iterator[Key]:
        """The KMS keys of this region that the customer manages."""
        keys = list(self.kms.keys.values()) if self.kms else []
        return (key for key in keys if key.key_manager == "CUSTOMER")

    @property
    def rds(self) -> RDSBackend | None:
        """RDS of this region."""
        return existing(rds_backends, self.account_id, self.region)

    @property
    def account(self) -> AccountBackend | None:
        """Account management of the account."""
        return existing(account_backends, self.account_id, self.partition)

    def called(self, service: str, backends: str) -> Any | None:
        """The backend of a service that few accounts use, None where nobody here has called it.

        moto imports a service when it is first called, so a module that is not loaded holds no resource.
        """
        module = sys.modules.get(f"moto.{service}.models")
        return existing(getattr(module, backends), self.account_id, self.region) if module else None

    @property
    def trails(self) -> Iterator[Any]:
        """The CloudTrail trails that record this region for this account, its organisation's among them.

        An organisation trail is kept in the management account and shows in every member as a shadow trail:
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
        """
        for backend in _trail_backends():
            for trail in backend.trails.values():
                here = trail.is_multi_region or trail.region_name == self.region
                if here and (trail.account_id == self.account_id or trail.is_org_trail):
                    yield trail


def _trail_backends() -> Iterator[CloudTrailBackend]:
    for account in list(dict.values(cloudtrail_backends)):
        yield from list(dict.values(account))
