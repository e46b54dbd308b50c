"""The vending stack: the table, the workflow, its dispatcher, and the key that everything of the platform is under.

**What stays when the stack is deleted.** The table, the keys, the logs, and old versions of the workflow: an execution
goes on in the version that it began in, for up to a year.

**What has to be done by hand.** SES must have the sender of the company file's `notifications` as a verified identity,
and the account must be out of SES's sandbox; until then notices wait, and the mailbox says why.

**What could not be checked without an account.** That item calls on a table under a customer-managed key need
`kms:Decrypt` alone; that Organizations judges `aws:ResourceTag` of a policy when it is attached; that CloudWatch and
EventBridge tell KMS and SNS the account they act for. Each is as AWS's guides describe it.
"""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.names import ALIAS
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


class VendingStack(FreeholdStack):
    """Asks for accounts and makes them, for one company in one organisation."""

    def __init__(self, scope: Construct, ground: Ground) -> None:
        super().__init__(scope, "Vending", ground, "asks for accounts and makes them")
        self.key = self._key()
        self.signing_key = self._signing_key()
        self.table = self._table()
        self.dead_letters = self._dead_letters()
        self.workflow = self._workflow()
        self.alias = self._alias()
        self.dispatcher = self._dispatcher()
        self.functions = (self.workflow, self.dispatcher)

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
        of_logs = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}}
        ours = {"StringEquals": {"aws:SourceAccount": self.names.account}}
        key.add_to_resource_policy(_used_by(f"logs.{self.names.region}.amazonaws.com", of_logs, *LOGS_ON_KEY))
        reports = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": self.names.reports_topic}}
        for service, bound in (("cloudwatch", ours), ("events", reports)):  # they publish to topics under the key
            key.add_to_resource_policy(
                _used_by(f"{service}.amazonaws.com", bound, "kms:Decrypt", "kms:GenerateDataKey")
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
        """Just as a laptop makes it from the same definition; nothing in it expires by itself. The stream is for what a
        company hangs behind it: its own inventory, its chat."""
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
            stream_specification=dynamodb.CfnTable.StreamSpecificationProperty(stream_view_type="NEW_AND_OLD_IMAGES"),
            sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
                sse_enabled=True, sse_type="KMS", kms_master_key_id=self.key.key_arn
            ),
        )
        table.apply_removal_policy(RemovalPolicy.RETAIN)
        return table

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
        shape = Shape(
            memory_mib=1024,
            timeout=INVOCATION,
            durable=lambda_.DurableConfig(execution_timeout=EXECUTION_TIMEOUT, retention_period=HISTORY),
            dead_letters=self.dead_letters,
        )
        return ProductFunction(self, "workflow", shape, key=self.key, encrypted=("dynamodb",))

    def _alias(self) -> lambda_.Alias:
        """New requests begin in the newest version; every earlier version is kept for those under way."""
        return lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.workflow.function.current_version)

    def _dispatcher(self) -> ProductFunction:
        """Nothing is repeated: a round that fails is made up for by the next, a minute later."""
        shape = Shape(memory_mib=512, timeout=Duration.minutes(1), retries=0)
        dispatcher = ProductFunction(self, "dispatcher", shape, key=self.key, encrypted=("dynamodb",))
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


def _used_by(service: str, conditions: Mapping[str, Mapping[str, str]], *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal(service)], actions=list(actions), resources=["*"], conditions=conditions
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
