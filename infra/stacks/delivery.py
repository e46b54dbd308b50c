"""The delivery stack: a pipeline that tests, shows what would change, waits for a person, and only then deploys.

Its source is a connection that somebody agreed to by hand. The build that deploys is the only thing that may take the
CDK's deployment roles of the three accounts; the one that plans guardrails may do that and nothing else.

**What stays when the stack is deleted.** The key and the logs. Artifacts are made again.

**What could not be checked without an account.** The pipeline has never run: no connection, no CodeBuild.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.stacks.functions import LOG_DAYS
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.topics import make_topic
from vending.core.aws import GLOBAL_REGION
from vending.core.deployment import Delivery

IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
CDK_VERSION = "2"
"""The CDK's command line, which Node brings; the assembly itself is made without."""
BOOTSTRAP = "hnb659fds"
"""The CDK's default qualifier, in the names of what `cdk bootstrap` makes."""
TEST = ("make test", "make synth")
DEPLOY = (
    "make install",
    "make synth",
    f"npx --yes aws-cdk@{CDK_VERSION} deploy --app cdk.out --all --require-approval never --progress events",
)


class DeliveryStack(FreeholdStack):
    """From a commit to what runs."""

    def __init__(self, scope: Construct, ground: Ground, delivery: Delivery, key: kms.IKey, guard: str) -> None:
        """`guard` is the ARN of the role that plans and applies guardrails."""
        super().__init__(scope, "Delivery", ground, "tests, waits for a person, and deploys")
        self._key = key
        self._delivery = delivery
        self.roles: dict[str, iam.CfnRole] = {}
        self._log = logs.LogGroup(
            self,
            "Log",
            log_group_name=self.names.build_logs,
            encryption_key=key,
            retention=LOG_DAYS,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.artifacts = self._bucket()
        self.approvals = make_topic(self, "Approvals", f"{self.names.prefix}-approvals", key, None)
        self.approvals.add_subscription(subscriptions.EmailSubscription(ground.company.contacts.operations.email))
        self.builds = {
            "test": self._build("test", self._role("Test", []), TEST),
            "plan": self._build("plan", guard, self._ask_guardrails("plan")),
            "deploy": self._build("deploy", self._role("Deploy", [self._deploying()]), DEPLOY),
            "apply": self._build("apply", guard, self._ask_guardrails("apply")),
        }
        self._pipeline()

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Artifacts",
            bucket_name=f"{self.names.prefix}-artifacts-{self.names.account}-{self.names.region}",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(id="artifacts", expiration=Duration.days(30))],
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _ask_guardrails(self, what: str) -> tuple[str, ...]:
        """Prints the answer, and fails where the function did: `FunctionError` stands in what the call says.

        Only one call of it runs at a time: while packs follow accounts, for a minute at most, Lambda throttles.
        """
        name = self.names.function("guardrails")
        payload = f'{{"do": "{what}"}}'
        return (
            (
                "AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=20 "
                f"aws lambda invoke --function-name {name} --cli-binary-format raw-in-base64-out --cli-read-timeout 900"
                f" --payload '{payload}' answer.json > said.json"
            ),
            "cat answer.json",
            "! grep -q FunctionError said.json",
        )

    def _deploying(self) -> dict[str, object]:
        names = self.names
        places = [(account, names.region) for account in (names.account, names.management, names.log_archive)]
        places += [(names.management, GLOBAL_REGION)] if names.region != GLOBAL_REGION else []
        roles = [
            f"arn:aws:iam::{account}:role/cdk-{BOOTSTRAP}-{kind}-role-{account}-{region}"
            for account, region in places
            for kind in ("deploy", "file-publishing", "lookup")
        ]
        return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}

    def _role(self, name: str, more: list[dict[str, object]], service: str = "codebuild") -> str:
        logs_ = f"arn:aws:logs:{self.names.region}:{self.names.account}:log-group:{self.names.build_logs}:*"
        statements: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs_},
            *self._artifact_rights(),
            *more,
        ]
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": self.names.account}},
        }
        role = self.roles[name] = iam.CfnRole(
            self,
            f"{name}Role",
            role_name=f"{self.names.prefix}-pipeline-{name.lower()}",
            assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="calls", policy_document={"Version": "2012-10-17", "Statement": statements}
                )
            ],
        )
        return role.attr_arn

    def _artifact_rights(self) -> list[dict[str, object]]:
        objects = self.artifacts.arn_for_objects("*")
        through = {"StringEquals": {"kms:ViaService": f"s3.{self.names.region}.amazonaws.com"}}
        return [
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], "Resource": objects},
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": self._key.key_arn,
                "Condition": through,
            },
        ]

    def _build(self, name: str, role: str, commands: tuple[str, ...]) -> codebuild.CfnProject:
        steps = "".join(f"      - >-\n        {command}\n" for command in commands)
        spec = f"version: 0.2\nphases:\n  build:\n    commands:\n{steps}"
        return codebuild.CfnProject(
            self,
            f"Build{name.title()}",
            name=f"{self.names.prefix}-{name}",
            service_role=role,
            encryption_key=self._key.key_arn,
            artifacts=codebuild.CfnProject.ArtifactsProperty(type="CODEPIPELINE"),
            source=codebuild.CfnProject.SourceProperty(type="CODEPIPELINE", build_spec=spec),
            environment=codebuild.CfnProject.EnvironmentProperty(
                type="ARM_CONTAINER", compute_type="BUILD_GENERAL1_LARGE", image=IMAGE
            ),
            timeout_in_minutes=60,
            logs_config=codebuild.CfnProject.LogsConfigProperty(
                cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
                    status="ENABLED", group_name=self._log.log_group_name
                )
            ),
        )

    def _pipeline(self) -> None:
        role = self._role("Pipeline", self._pipeline_rights(), "codepipeline")
        store = codepipeline.CfnPipeline.ArtifactStoreProperty(
            type="S3",
            location=self.artifacts.bucket_name,
            encryption_key=codepipeline.CfnPipeline.EncryptionKeyProperty(id=self._key.key_arn, type="KMS"),
        )
        codepipeline.CfnPipeline(
            self,
            "Pipeline",
            name=self.names.prefix,
            pipeline_type="V2",
            execution_mode="QUEUED",
            role_arn=role,
            artifact_store=store,
            stages=[
                _stage("Source", self._source()),
                _stage("Test", self._run("test")),
                _stage("PlanGuardrails", self._run("plan")),
                _stage("Approve", self._approval("What the guardrails' plan says and what the tests showed")),
                _stage("Deploy", self._run("deploy")),
                _stage("ApproveGuardrails", self._approval("Apply the guardrails as planned")),
                _stage("ApplyGuardrails", self._run("apply")),
            ],
        )

    def _pipeline_rights(self) -> list[dict[str, object]]:
        """The action's prefix has to be the connection's: it is `codestar-connections` in those made before July 2024
        (Developer Tools user guide, "Connections rename")."""
        return [
            {
                "Effect": "Allow",
                "Action": ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
                "Resource": [build.attr_arn for build in self.builds.values()],
            },
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": self.approvals.topic_arn},
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": self._key.key_arn,
                "Condition": {"StringEquals": {"kms:ViaService": f"sns.{self.names.region}.amazonaws.com"}},
            },
            {
                "Effect": "Allow",
                "Action": f"{self._delivery.connection.split(':')[2]}:UseConnection",
                "Resource": self._delivery.connection,
            },
        ]

    def _source(self) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
        configuration = {
            "ConnectionArn": self._delivery.connection,
            "FullRepositoryId": self._delivery.repository,
            "BranchName": self._delivery.branch,
        }
        return _action("Source", "Source", "AWS", "CodeStarSourceConnection", configuration, gives="source")

    def _run(self, build: str) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
        configuration = {"ProjectName": f"{self.names.prefix}-{build}"}
        return _action(build.title(), "Build", "AWS", "CodeBuild", configuration, takes="source")

    def _approval(self, about: str) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
        configuration = {"NotificationArn": self.approvals.topic_arn, "CustomData": about}
        return _action("Person", "Approval", "AWS", "Manual", configuration)


def _stage(
    name: str, action: codepipeline.CfnPipeline.ActionDeclarationProperty
) -> codepipeline.CfnPipeline.StageDeclarationProperty:
    return codepipeline.CfnPipeline.StageDeclarationProperty(name=name, actions=[action])


def _action(
    name: str,
    category: str,
    owner: str,
    provider: str,
    configuration: dict[str, str],
    *,
    takes: str = "",
    gives: str = "",
) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
    pipeline = codepipeline.CfnPipeline
    return pipeline.ActionDeclarationProperty(
        name=name,
        action_type_id=pipeline.ActionTypeIdProperty(category=category, owner=owner, provider=provider, version="1"),
        configuration=configuration,
        input_artifacts=[pipeline.InputArtifactProperty(name=takes)] if takes else None,
        output_artifacts=[pipeline.OutputArtifactProperty(name=gives)] if gives else None,
    )
