"""What the stacks make on AWS, made on a laptop: table, bucket, key, permission sets, and the guardrails attached."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.runtime.product import Product
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.errors import AwsConflict, AwsMissing
from vending.core.signing import KEY_SPEC, SIGNING_KEY
from vending.core.table import DEFINITION
from vending.notices.recipients import sender

SESSION_DURATION = "PT8H"
EVIDENCE_DAYS = 365


def make_table(aws: Aws, name: str) -> None:
    """The DynamoDB table, unless it is there."""
    try:
        aws.client("dynamodb").create_table(TableName=name, **DEFINITION)
    except AwsConflict as error:
        if error.aws_code != "ResourceInUseException":
            raise


def make_bucket(aws: Aws, name: str) -> None:
    """The findings' bucket with versions, unless it is there."""
    s3 = aws.client("s3")
    if any(bucket["Name"] == name for bucket in s3.list_buckets()["Buckets"]):
        return
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.home_region})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def make_evidence_bucket(aws: Aws, name: str) -> None:
    """The evidence's bucket under Object Lock, unless it is there: nobody deletes anything for a year."""
    s3 = aws.client("s3")
    if any(bucket["Name"] == name for bucket in s3.list_buckets()["Buckets"]):
        return
    location = {"LocationConstraint": aws.home_region}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": EVIDENCE_DAYS}}
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )


def make_signing_key(aws: Aws, alias: str = SIGNING_KEY) -> None:
    """The key that signs evidence, unless it is there."""
    kms = aws.client("kms")
    try:
        kms.describe_key(KeyId=alias)
    except AwsMissing:
        made = kms.create_key(KeySpec=KEY_SPEC, KeyUsage="SIGN_VERIFY", Description="Freehold signs evidence")
        kms.create_alias(AliasName=alias, TargetKeyId=made["KeyMetadata"]["KeyId"])


def make_sender(aws: Aws, company: Company) -> None:
    """The identity in SES that e-mails come from, unless it is there; on AWS its owner has to verify it."""
    ses = aws.client("sesv2")
    known = {found["IdentityName"] for page in ses.pages("list_email_identities") for found in page["EmailIdentities"]}
    if sender(company) not in known:
        ses.create_email_identity(EmailIdentity=sender(company))


def make_permission_sets(aws: Aws, company: Company) -> None:
    """A permission set for each kind of access that a template names, with AWS's managed policy of that name."""
    admin = aws.client("sso-admin")
    instance = admin.list_instances()["Instances"][0]["InstanceArn"]
    there = {
        _name(admin, instance, arn)
        for page in admin.pages("list_permission_sets", InstanceArn=instance)
        for arn in page["PermissionSets"]
    }
    for access in sorted({template.access for template in company.templates.values()} - there):
        made = admin.create_permission_set(Name=access, InstanceArn=instance, SessionDuration=SESSION_DURATION)
        admin.attach_managed_policy_to_permission_set(
            InstanceArn=instance,
            PermissionSetArn=made["PermissionSet"]["PermissionSetArn"],
            ManagedPolicyArn=f"arn:aws:iam::aws:policy/{access}",
        )


def _name(admin: Any, instance: str, arn: str) -> str:
    found = admin.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)
    return str(found["PermissionSet"]["Name"])


def provision(product: "Product", aws: Aws, table: str, bucket: str, evidence: str) -> None:
    """Everything, in order; what is there already stays as it is."""
    make_table(aws, table)
    make_bucket(aws, bucket)
    make_evidence_bucket(aws, evidence)
    make_signing_key(aws)
    make_sender(aws, product.company)
    make_permission_sets(aws, product.company)
    product.guardrails.apply(wait=False)
