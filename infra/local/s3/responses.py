"""S3's operations: moto's, with access control lists refused where they are off or public and blocked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeAcl, FakeBucket
from moto.s3.responses import S3Response

from infra.local.s3.models import OWNER_ENFORCED
from infra.local.s3.publicness import PUBLIC_GROUPS, effective_block, ownership


class LocalS3Response(S3Response):
    """Answers a call to S3."""

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: dict[str, Any]) -> str | TYPE_RESPONSE:
        if not querystring:
            self._check_creation(request)
        elif "acl" in querystring:
            self._check_acl(self.backend.get_bucket(bucket_name), request)
        return super()._bucket_response_put(request, bucket_name, querystring)

    def _check_creation(self, request: Any) -> None:
        """A new bucket has its lists off unless its creation says otherwise, and never a public one."""
        acl = self._acl_from_headers(request.headers)
        if acl is None:
            return
        if request.headers.get("x-amz-object-ownership", OWNER_ENFORCED) == OWNER_ENFORCED:
            raise S3ClientError(
                "InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            )
        if _is_public(acl):
            raise S3ClientError(
                "InvalidBucketAclWithBlockPublicAccessError",
                "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
            )

    def _check_acl(self, bucket: FakeBucket, request: Any) -> None:
        acl = self._acl_from_headers(request.headers) or self._acl_from_body()
        if ownership(bucket) == OWNER_ENFORCED:
            raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
        if acl is not None and effective_block(bucket).public_acls and _is_public(acl):
            raise S3ClientError(
                "AccessDenied",
                f"The call to s3:PutBucketAcl on arn:{bucket.partition}:s3:::{bucket.name} is denied because public "
                "ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
            )


def _is_public(acl: FakeAcl) -> bool:
    return any(grantee.uri in PUBLIC_GROUPS for grant in acl.grants for grantee in grant.grantees)
