"""Config's way into the bucket of a delivery channel, tried when the channel is put.

It writes an empty file as the recorder's role, and where that role may not, as itself:
https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
"""

from collections.abc import Mapping
from typing import Any

from moto.s3.models import s3_backends

from infra.local.authorize.services import Errand, refusal_of_role
from infra.local.config.place import Place
from infra.local.service import Refusal

CONFIG = "config.amazonaws.com"
SESSION = "AWSConfig-BucketConfigCheck"


def check_delivery(place: Place, channel: Mapping[str, Any], role_arn: str) -> None:
    """Leave the file that proves it.

    Raises:
        Refusal: NoSuchBucketException, or InsufficientDeliveryPolicyException where neither the role nor Config itself
            may write.
    """
    bucket, prefix = str(channel["s3BucketName"]), channel.get("s3KeyPrefix")
    _, owner = s3_backends.bucket_accounts.get(bucket, ("aws", None))
    if owner is None:
        raise Refusal("NoSuchBucketException", f"Cannot find S3 bucket {bucket}.")
    key = f"{f'{prefix}/' if prefix else ''}AWSLogs/{place.account_id}/Config/ConfigWritabilityCheckFile"
    if not _may_write(place, role_arn, f"arn:aws:s3:::{bucket}/{key}"):
        kms = channel.get("s3KmsKeyArn")
        raise Refusal(
            "InsufficientDeliveryPolicyException",
            f"Insufficient delivery policy to s3 bucket: {bucket}, unable to write to bucket, provided s3 key prefix "
            f"is '{prefix or 'null'}', provided kms key is '{kms or 'null'}'.",
        )
    s3_backends[owner]["aws"].put_object(bucket, key, b"")


def _may_write(place: Place, role_arn: str, resource: str) -> bool:
    if refusal_of_role(role_arn, SESSION, "s3:PutObject", resource, place.region) is None:
        return True
    recorder = f"arn:aws:config:{place.region}:{place.account_id}:*"
    errand = Errand(CONFIG, place.account_id, recorder, place.region)
    return errand.refusal("s3:PutObject", resource) is None
