"""What a landing zone has once: the bucket of the log archive, and the organisation's trail."""

from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.s3.models import S3Backend, s3_backends

from infra.local.controltower.ground import Ground, compact

TRAIL = "aws-controltower-BaselineCloudTrail"


def log_bucket(ground: Ground) -> str:
    """The name of the bucket that all accounts' logs and configuration items go to."""
    return f"aws-controltower-logs-{ground.setup.log_archive_account}-{ground.cloud.home_region}"


def deploy(ground: Ground) -> None:
    """Make the bucket, versioned and only reached by TLS, and a trail of every account in every region."""
    bucket, home = log_bucket(ground), ground.cloud.home_region
    s3: S3Backend = s3_backends[ground.setup.log_archive_account]["aws"]
    s3.create_bucket(bucket, home)
    s3.put_bucket_versioning(bucket, "Enabled")
    s3.put_bucket_policy(bucket, compact(_bucket_policy(bucket)).encode())
    cloudtrail: CloudTrailBackend = cloudtrail_backends[ground.cloud.management_account_id][home]
    cloudtrail.create_trail(
        name=TRAIL,
        bucket_name=bucket,
        s3_key_prefix=ground.organization.id,
        sns_topic_name="",
        is_global=True,
        is_multi_region=True,
        log_validation=True,
        is_org_trail=True,
        cw_log_group_arn="",
        cw_role_arn="",
        kms_key_id="",
        tags_list=[{"Key": "aws-control-tower", "Value": "managed-by-control-tower"}],
    )
    cloudtrail.start_logging(TRAIL)


def _bucket_policy(bucket: str) -> dict[str, object]:
    """The statements of AWS's own that matter here (user guide, "Shared account resources")."""
    arn = f"arn:aws:s3:::{bucket}"
    services = {"Service": ["cloudtrail.amazonaws.com", "config.amazonaws.com"]}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowSSLRequestsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "AWSBucketPermissionsCheck",
                "Effect": "Allow",
                "Principal": services,
                "Action": "s3:GetBucketAcl",
                "Resource": arn,
            },
            {
                "Sid": "AWSBucketDelivery",
                "Effect": "Allow",
                "Principal": services,
                "Action": "s3:PutObject",
                "Resource": f"{arn}/*",
            },
        ],
    }
