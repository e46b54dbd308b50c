"""S3 of one account: moto's, with buckets closed by birth and public policies refused where they are blocked.

The state stays in moto's own `s3_backends`, so that whatever else in moto asks for a bucket finds the same.
"""

from importlib import import_module
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend, s3_backends

from infra.local.s3 import deliveries
from infra.local.s3.publicness import Access, effective_block, policy_opens

OWNER_ENFORCED = "BucketOwnerEnforced"


class LocalS3Backend(S3Backend):
    """S3 of one account."""

    @property
    def _url_module(self) -> Any:
        """Our paths: moto's S3 backend names its own."""
        return import_module("infra.local.s3.urls")

    def create_bucket(self, bucket_name: str, region_name: str, bucket_namespace: str | None = None) -> FakeBucket:
        """A new bucket: access control lists off and public access blocked, as for every bucket since April 2023.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
        """
        bucket = super().create_bucket(bucket_name, region_name, bucket_namespace)
        bucket.ownership_rule = OWNER_ENFORCED  # type: ignore[assignment]
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        return bucket

    def put_bucket_notification_configuration(self, bucket_name: str, notification_config: dict[str, Any]) -> None:
        """Where events go; S3ClientError InvalidArgument, and nothing changed, where S3 is not let in."""
        bucket = self.get_bucket(bucket_name)
        before = bucket.notification_configuration
        try:
            super().put_bucket_notification_configuration(bucket_name, notification_config)
        except S3ClientError:
            bucket.notification_configuration = before
            raise

    def put_bucket_policy(self, bucket_name: str, policy: bytes) -> None:
        """Set the policy; S3ClientError AccessDenied for a public one while BlockPublicPolicy holds.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        """
        bucket = self.get_bucket(bucket_name)
        if effective_block(bucket).public_policy and policy_opens(policy) is not Access.NONE:
            raise S3ClientError(
                "AccessDenied",
                f"The call to s3:PutBucketPolicy on arn:{self.partition}:s3:::{bucket_name} is denied because public "
                "policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            )
        super().put_bucket_policy(bucket_name, policy)


__all__ = ["LocalS3Backend", "deliveries", "s3_backends"]

s3_backends.backend = LocalS3Backend
