"""The vending stack: the table, the workflow, its dispatcher, and the portal with the API.

**Where it is deployed.** In the management account, in the home region. The code calls Organizations, Control Tower,
Budgets, Account Management and Identity Center with the credentials of its own process, and takes
`OrganizationAccountAccessRole` of member accounts, which trusts the management account alone.

**What is not built yet.** The thin role in the management account with everything else in a platform account; audit
runs on AWS, which need a function of their own (one that is started in the portal does not outlive its request, so
the portal's role has no right to collect); applying guardrails from the portal is cut off by API Gateway after 29
seconds and goes on with the next call, which is enough for a change, not for the first time in a large organisation;
Cognito; a dashboard; the delivery pipeline.

**What has to be done by hand.** SES must have the sender of the company file's `notifications` as a verified identity,
and the account must be out of SES's sandbox; until then notices wait, and the mailbox says why.

**What could not be checked without an account.** That item calls on a table under a customer-managed key need
`kms:Decrypt` alone; that Organizations judges `aws:ResourceTag` of a policy when it is attached; that CloudWatch tells
KMS and SNS the account of an alarm. Each is as AWS's guides describe it.

**What stays when the stack is deleted.** The table, the findings, the keys, the logs and the secret, and old versions
of the workflow: an execution goes on in the version that it began in, for up to a year.
"""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stacks.alarms import Alarms
from infra.stacks.bundle import COMPANY_FILE, Contents
from infra.stacks.deployment import Deployment
from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.names import ALIAS, Names
from infra.stacks.rights.dispatcher import dispatcher_rights
from infra.stacks.rights.portal import portal_rights
from infra.stacks.rights.right import Right
from infra.stacks.rights.runtime import runtime_rights
from infra.stacks.rights.workflow import workflow_rights
from infra.stacks.web import Web
from vending.core.company import Company
from vending.core.table import DEFINITION

EXECUTION_TIMEOUT = Duration.seconds(31_622_400)
"""366 days, Lambda's longest: a request may wait that long for an approval or, parked, for an edit."""
HISTORY = Duration.days(90)
"""Lambda's longest; what happened is in the table anyway."""
INVOCATION = Duration.minutes(15)
"""Lambda's longest: the steps of the baseline follow one another without a wait between them."""
LOGS_ON_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What CloudWatch Logs does with a key (its user guide, "Encrypt log data using AWS KMS"), without wildcards."""
LINT_IGNORED = ("W3005",)
"""CDK lets a function depend on its role by name too, where it refers to it anyway."""
GATEWAY_SECONDS = 29
"""API Gateway waits no longer for an answer."""


class VendingStack(Stack):
    """Asks, makes and shows accounts, for one company in one organisation."""

    def __init__(
        self, scope: Construct, *, company: Company, deployment: Deployment, bundles: Mapping[str, Contents]
    ) -> None:
        names = Names(deployment.management_account, company.landing_zone.home_region, deployment.organization)
        super().__init__(
            scope,
            "FreeholdVending",
            description="Freehold: asks, makes and shows accounts",
            env=Environment(account=names.account, region=names.region),
            termination_protection=True,
        )
        self.names = names
        self._company = company
        self._deployment = deployment
        self._bundles = bundles
        self.key = self._key()
        self.signing_key = self._signing_key()
        self.table = self._table()
        self.bucket = self._bucket()
        self.secret = self._secret()
        self.dead_letters = self._dead_letters()
        self.workflow = self._workflow()
        self.alias = self._alias()
        self.dispatcher = self._dispatcher()
        self.portal = self._portal()
        self.web = Web(self, deployment=deployment, prefix=names.prefix, key=self.key, portal=self.portal.function)
        Alarms(self)
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": list(LINT_IGNORED)}}}
        self._tag()
        self._tell()

    @property
    def contact(self) -> str:
        """Who is written to when something needs a person."""
        return self._company.contacts.operations.email

    @property
    def functions(self) -> tuple[ProductFunction, ...]:
        """Every function."""
        return (self.workflow, self.dispatcher, self.portal)

    def _key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            alias=self.names.prefix,
            description="Freehold's table, findings, secret, logs and notifications",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        logs = f"arn:aws:logs:{self.names.region}:{self.names.account}:log-group:*"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{self.names.region}.amazonaws.com")],
                actions=list(LOGS_ON_KEY),
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            )
        )
        return key

    def _signing_key(self) -> kms.Key:
        """Signs evidence; what it signed must stay provable, so it outlives the stack. KMS does not rotate its kind."""
        return kms.Key(
            self,
            "SigningKey",
            alias=self.names.signing_key.removeprefix("alias/"),
            description="Freehold signs evidence with it",
            key_spec=kms.KeySpec.ECC_NIST_EDWARDS25519,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _table(self) -> dynamodb.CfnTable:
        """Just as a laptop makes it from the same definition; nothing in it expires by itself."""
        recovery = dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
            point_in_time_recovery_enabled=True, recovery_period_in_days=35
        )
        table = dynamodb.CfnTable(
            self,
            "Table",
            table_name=self.names.table,
            key_schema=[_key_part(part) for part in DEFINITION["KeySchema"]],
            attribute_definitions=[_attribute(each) for each in DEFINITION["AttributeDefinitions"]],
            global_secondary_indexes=[_index(each) for each in DEFINITION["GlobalSecondaryIndexes"]],
            billing_mode=DEFINITION["BillingMode"],
            point_in_time_recovery_specification=recovery,
            deletion_protection_enabled=True,
            sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
                sse_enabled=True, sse_type="KMS", kms_master_key_id=self.key.key_arn
            ),
        )
        table.apply_removal_policy(RemovalPolicy.RETAIN)
        return table

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Findings",
            bucket_name=self.names.bucket,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _secret(self) -> secretsmanager.Secret:
        drawn = secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True)
        secret = secretsmanager.Secret(
            self,
            "SessionKey",
            description="Signs the portal's session cookies",
            generate_secret_string=drawn,
            removal_policy=RemovalPolicy.RETAIN,
        )
        made = secret.node.default_child
        assert isinstance(made, secretsmanager.CfnSecret), "a secret is made of one resource"
        made.kms_key_id = self.key.key_arn  # given to the construct, it would open the key to the whole account
        return secret

    def _dead_letters(self) -> sqs.Queue:
        """Executions that failed for good or never began: the request's id is in each, and nothing else."""
        return sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{self.names.prefix}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )

    def _workflow(self) -> ProductFunction:
        dead_letters = Right(("sqs:SendMessage",), (self.dead_letters.queue_arn,), "Lambda, for what failed for good")
        shape = Shape(
            memory_mib=1024,
            timeout=INVOCATION,
            durable=lambda_.DurableConfig(execution_timeout=EXECUTION_TIMEOUT, retention_period=HISTORY),
            dead_letters=self.dead_letters,
        )
        return self._function("workflow", shape, (*workflow_rights(self.names), dead_letters), "dynamodb")

    def _alias(self) -> lambda_.Alias:
        """New requests begin in the newest version; every earlier version is kept for those under way."""
        return lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.workflow.function.current_version)

    def _dispatcher(self) -> ProductFunction:
        """Nothing is repeated: a round that fails is made up for by the next, a minute later."""
        shape = Shape(memory_mib=512, timeout=Duration.minutes(1), retries=0)
        dispatcher = self._function("dispatcher", shape, dispatcher_rights(self.names), "dynamodb")
        target = targets.LambdaFunction(
            dispatcher.function, retry_attempts=0, max_event_age=Duration.minutes(1), dead_letter_queue=None
        )
        events.Rule(
            self,
            "EveryMinute",
            description="Lets waiting requests pass their gates and repeats lost wake-ups",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target],
        )
        return dispatcher

    def _portal(self) -> ProductFunction:
        shape = Shape(memory_mib=2048, timeout=Duration.seconds(GATEWAY_SECONDS))
        more = {"FREEHOLD_ISSUER": self._deployment.issuer, "FREEHOLD_SESSION_SECRET": self.secret.secret_arn}
        rights = portal_rights(self.names, self.secret.secret_arn)
        return self._function("portal", shape, rights, "dynamodb", "s3", "secretsmanager", environment=more)

    def _function(
        self,
        name: str,
        shape: Shape,
        rights: tuple[Right, ...],
        *encrypted: str,
        environment: Mapping[str, str] | None = None,
    ) -> ProductFunction:
        """One of the product's functions; `encrypted` are the services in which it meets the key."""
        said = {
            "FREEHOLD_CONFIG": COMPANY_FILE,
            "FREEHOLD_TABLE": self.names.table,
            "FREEHOLD_BUCKET": self.names.bucket,
            "FREEHOLD_FUNCTION": self.names.workflow_alias,
            "FREEHOLD_SIGNING_KEY": self.names.signing_key,
            "FREEHOLD_PORTAL": f"https://{self._deployment.portal_domain}",
        }
        return ProductFunction(
            self,
            name,
            names=self.names,
            key=self.key,
            contents=self._bundles[name],
            shape=shape,
            environment=said | dict(environment or {}),
            rights=(*rights, *runtime_rights(self.names, name, self.key.key_arn, *encrypted)),
        )

    def _tag(self) -> None:
        Tags.of(self).add("freehold:stack", "vending")
        Tags.of(self).add("freehold:company", self._company.name)

    def _tell(self) -> None:
        domain = self.web.api.domain_name
        assert domain is not None, "the portal has its own host name"
        CfnOutput(
            self,
            "PortalTarget",
            description=f"Where {self._deployment.portal_domain} has to point",
            value=domain.domain_name_alias_domain_name,
        )


def _key_part(part: Mapping[str, str]) -> dynamodb.CfnTable.KeySchemaProperty:
    return dynamodb.CfnTable.KeySchemaProperty(attribute_name=part["AttributeName"], key_type=part["KeyType"])


def _attribute(each: Mapping[str, str]) -> dynamodb.CfnTable.AttributeDefinitionProperty:
    return dynamodb.CfnTable.AttributeDefinitionProperty(
        attribute_name=each["AttributeName"], attribute_type=each["AttributeType"]
    )


def _index(each: Mapping[str, object]) -> dynamodb.CfnTable.GlobalSecondaryIndexProperty:
    key_schema, projection = each["KeySchema"], each["Projection"]
    assert isinstance(key_schema, list), "DEFINITION has the form of DynamoDB's CreateTable"
    assert isinstance(projection, dict), "DEFINITION has the form of DynamoDB's CreateTable"
    return dynamodb.CfnTable.GlobalSecondaryIndexProperty(
        index_name=str(each["IndexName"]),
        key_schema=[_key_part(part) for part in key_schema],
        projection=dynamodb.CfnTable.ProjectionProperty(projection_type=projection["ProjectionType"]),
    )
