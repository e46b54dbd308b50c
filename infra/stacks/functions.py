"""A Lambda function of the product: its bundle, its role, its log, and nothing that it does not need."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Annotations, Duration, RemovalPolicy, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stacks.bundle import COMPANY_FILE, ENTRIES, Contents
from infra.stacks.ground import FreeholdStack
from infra.stacks.names import Names
from infra.stacks.rights.right import Right
from infra.stacks.rights.roles import rights_of
from infra.stacks.rights.runtime import runtime_rights

UNVERSIONED = "@aws-cdk/aws-lambda:codeFromBucketObjectVersionNotSpecified"
"""CDK's name of its warning that code under the same key would not be deployed again."""
LOG_DAYS = logs.RetentionDays.ONE_YEAR
PUBLISHER = (".venv/bin/python", "-m", "infra.stacks.bundle")
"""Builds a bundle when the assembly is published; run where `cdk deploy` runs, in the repository."""


@dataclass(frozen=True)
class Shape:
    """How much a function gets."""

    memory_mib: int
    timeout: Duration
    durable: lambda_.DurableConfig | None = None
    dead_letters: sqs.IQueue | None = None
    retries: int | None = None
    """How often Lambda itself repeats an asynchronous call."""
    at_once: int | None = None
    """How many may run at the same time."""
    storage_mib: int = 512
    """What `/tmp` holds."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beyond what every function is told."""


class ProductFunction(Construct):
    """One of `ENTRIES` as a function with the role, the log group and the bundle made for it."""

    def __init__(self, stack: FreeholdStack, name: str, shape: Shape, *, key: kms.IKey, encrypted: tuple[str, ...]):
        """`encrypted` are the services in which the function meets the key."""
        super().__init__(stack, name.title())
        names = stack.names
        self.rights = _rights(name, names, key, encrypted, shape)
        self.role = self._role(names.role(name))
        self.log = logs.LogGroup(
            self,
            "Log",
            log_group_name=names.log_group(name),
            encryption_key=key,
            retention=LOG_DAYS,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=names.function(name),
            description=f"Freehold's {name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"{ENTRIES[name]}.handler",
            code=_code(self, name, stack.ground.bundles[name]),
            role=self.role.without_policy_updates(),
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            environment=_told(name, names, stack.ground.deployment.portal.domain) | dict(shape.environment),
            memory_size=shape.memory_mib,
            timeout=shape.timeout,
            durable_config=shape.durable,
            dead_letter_queue=shape.dead_letters,
            retry_attempts=shape.retries,
            reserved_concurrent_executions=shape.at_once,
            ephemeral_storage_size=Size.mebibytes(shape.storage_mib) if shape.storage_mib > 512 else None,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )

    def _role(self, name: str) -> iam.Role:
        statements = [iam.PolicyStatement.from_json(right.statement()) for right in self.rights]
        return iam.Role(
            self,
            "Role",
            role_name=name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"calls": iam.PolicyDocument(statements=statements, minimize=False)},
        )


def _rights(name: str, names: Names, key: kms.IKey, encrypted: tuple[str, ...], shape: Shape) -> tuple[Right, ...]:
    letters = shape.dead_letters
    failed = "Lambda, for what failed for good"
    return (
        *rights_of(name, names).own,
        *((Right(("sqs:SendMessage",), (letters.queue_arn,), failed),) if letters else ()),
        *runtime_rights(names, name, key.key_arn, *encrypted),
    )


def _told(name: str, names: Names, portal: str) -> dict[str, str]:
    """The environment of every function; `portal` is the portal's host name."""
    told = {
        "FREEHOLD_CONFIG": COMPANY_FILE,
        "FREEHOLD_TABLE": names.table,
        "FREEHOLD_BUCKET": names.bucket,
        "FREEHOLD_EVIDENCE": names.evidence,
        "FREEHOLD_FUNCTION": names.workflow_alias,
        "FREEHOLD_SIGNING_KEY": names.signing_key,
        "FREEHOLD_PORTAL": f"https://{portal}",
        "POWERTOOLS_SERVICE_NAME": names.function(name),
    }
    there = {"FREEHOLD_MANAGEMENT_ROLE": names.management_role(name)} if rights_of(name, names).management else {}
    return told | there


def _code(scope: Construct, name: str, contents: Contents) -> lambda_.Code:
    """The bundle by name: publishing builds it, so that synthesis needs neither network nor wheels."""
    synthesizer = Stack.of(scope).synthesizer
    place = synthesizer.add_file_asset(executable=[*PUBLISHER, name], source_hash=contents.digest)
    bucket = s3.Bucket.from_bucket_name(scope, "Assets", place.bucket_name)
    Annotations.of(bucket).acknowledge_warning(UNVERSIONED, "A bundle's key is a hash of what it is made of.")
    return lambda_.Code.from_bucket_v2(bucket, place.object_key)
