"""The evidence stack, in the log-archive account: a bucket whose objects nobody can delete before their time.

Compliance mode: not the root user of the log archive, not AWS can shorten it. The platform may add and read, and
nothing else; it has no way to administer the bucket or its key.

The bucket to which an organisation without Control Tower has its trail and Config deliver is not made here: most have
one, with a trail that is paid for by the event. The guide has the commands, and the doctor checks trail and bucket.

**What stays when the stack is deleted.** The bucket with everything in it, and the key.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stacks.ground import FreeholdStack, Ground

WRITERS = ("collector",)
READERS = ("collector", "portal")


class EvidenceStack(FreeholdStack):
    """Holds what the audit can be held to."""

    def __init__(self, scope: Construct, ground: Ground) -> None:
        super().__init__(scope, "Evidence", ground, "evidence that stands", account=ground.names.log_archive)
        self.key = self._key()
        self.bucket = self._bucket()

    def _key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            alias=f"{self.names.prefix}-evidence",
            description="Freehold's evidence",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        through = {"kms:ViaService": f"s3.{self.names.region}.amazonaws.com"}
        roles = tuple(dict.fromkeys((*WRITERS, *READERS)))
        key.add_to_resource_policy(self._of(roles, "*", ("kms:Decrypt", "kms:GenerateDataKey"), through))
        return key

    def _bucket(self) -> s3.Bucket:
        days = Duration.days(self.ground.deployment.evidence_days)
        bucket = s3.Bucket(
            self,
            "Evidence",
            bucket_name=self.names.evidence,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(days),
            removal_policy=RemovalPolicy.RETAIN,
        )
        bucket.add_to_resource_policy(self._of(WRITERS, bucket.arn_for_objects("*"), ("s3:PutObject",)))
        bucket.add_to_resource_policy(self._of(READERS, bucket.arn_for_objects("*"), ("s3:GetObject",)))
        bucket.add_to_resource_policy(self._of(WRITERS, bucket.bucket_arn, ("s3:ListBucket",)))
        return bucket

    def _of(
        self, functions: tuple[str, ...], resource: str, actions: tuple[str, ...], more: dict[str, str] | None = None
    ) -> iam.PolicyStatement:
        """Roles of the platform, named in the condition: they need not be there yet."""
        return iam.PolicyStatement(
            principals=[iam.AccountPrincipal(self.names.account)],
            actions=list(actions),
            resources=[resource],
            conditions={
                "ArnEquals": {"aws:PrincipalArn": [self.names.role_arn(name) for name in functions]},
                "StringEquals": {"aws:PrincipalOrgID": self.names.organization, **(more or {})},
            },
        )
