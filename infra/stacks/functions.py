"""A Lambda function of the product: its bundle, its role, its log, and nothing that it does not need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stacks.bundle import ENTRIES, Contents
from infra.stacks.names import Names
from infra.stacks.rights.right import Right

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


class ProductFunction(Construct):
    """One of `ENTRIES` as a function with the role, the log group and the bundle made for it."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        names: Names,
        key: kms.IKey,
        contents: Contents,
        shape: Shape,
        environment: Mapping[str, str],
        rights: Sequence[Right],
    ) -> None:
        super().__init__(scope, name.title())
        self.rights = tuple(rights)
        self.role = self._role(rights)
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
            code=_code(self, name, contents),
            role=self.role.without_policy_updates(),
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            environment={**environment, "POWERTOOLS_SERVICE_NAME": names.function(name)},
            memory_size=shape.memory_mib,
            timeout=shape.timeout,
            durable_config=shape.durable,
            dead_letter_queue=shape.dead_letters,
            retry_attempts=shape.retries,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )

    def _role(self, rights: Sequence[Right]) -> iam.Role:
        statements = [iam.PolicyStatement.from_json(right.statement()) for right in rights]
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"calls": iam.PolicyDocument(statements=statements, minimize=False)},
        )


def _code(scope: Construct, name: str, contents: Contents) -> lambda_.Code:
    """The bundle by name: publishing builds it, so that synthesis needs neither network nor wheels."""
    synthesizer = Stack.of(scope).synthesizer
    place = synthesizer.add_file_asset(executable=[*PUBLISHER, name], source_hash=contents.digest)
    bucket = s3.Bucket.from_bucket_name(scope, "Assets", place.bucket_name)
    return lambda_.Code.from_bucket_v2(bucket, place.object_key)
