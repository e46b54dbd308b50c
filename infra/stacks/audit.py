"""The audit stack: the findings' ledger, the collector, and what the ledger is asked with beyond one machine.

**What stays when the stack is deleted.** The findings, their table definitions' sources, and the logs.

**What could not be checked without an account.** That Athena reads DuckDB's Parquet as it reads anybody's, and that an
organisation's aggregator fills within a day of being made.
"""

import json

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_athena as athena
from aws_cdk import aws_config as config
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.runtime.lambdas.links import LINKS
from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.listening import Listening
from infra.stacks.tables import TABLES
from infra.stacks.topics import make_topic

DAILY = events.Schedule.cron(hour="4", minute="17")
SCAN_LIMIT_BYTES = 10 * 1024**3
"""What one Athena query may read: 10 GiB is 5 cents, and more than a year of findings of 1,000 accounts."""
AGGREGATOR_ROLE = "aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
BREAKS = ("Drift Detected", "AWS Service Event via CloudTrail")
"""What Control Tower sends: drift, and accounts and OUs that came, changed or went (user guide, "Lifecycle events")."""


class AuditStack(FreeholdStack):
    """Collects findings, keeps them, and tells of each run."""

    def __init__(self, scope: Construct, ground: Ground, key: kms.IKey) -> None:
        super().__init__(scope, "Audit", ground, "collects findings and keeps them")
        self._key = key
        self.bucket = self._bucket()
        self.aggregator = self._aggregator()
        self.bus = self._bus()
        self.collector = self._collector()
        self.listening = Listening(self, self.bus, key)
        self.functions = (self.collector, self.listening.listener)
        self.reports = self._reports()
        self._catalogue()
        self._workgroup()

    def _bucket(self) -> s3.Bucket:
        """Files are immutable; what is written over or deleted (the head, finished runs) is kept for a while."""
        return s3.Bucket(
            self,
            "Findings",
            bucket_name=self.names.bucket,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old-versions",
                    noncurrent_version_expiration=Duration.days(90),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                ),
                s3.LifecycleRule(id="athena-results", prefix="athena/", expiration=Duration.days(30)),
                s3.LifecycleRule(
                    id="history",
                    prefix="transitions/",
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(90)
                        )
                    ],
                ),
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _aggregator(self) -> config.CfnConfigurationAggregator:
        """Over the whole organisation, in the governed regions: the platform account administers Config for it."""
        self.aggregator_role = role = iam.Role(
            self,
            "AggregatorRole",
            role_name=f"{self.names.prefix}-aggregator",
            assumed_by=iam.ServicePrincipal(
                "config.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self.names.account}}
            ),
            inline_policies={"reads": iam.PolicyDocument(statements=[_organization_reads()])},
        )
        source = config.CfnConfigurationAggregator.OrganizationAggregationSourceProperty(
            role_arn=role.role_arn, aws_regions=list(self.ground.company.landing_zone.regions)
        )
        return config.CfnConfigurationAggregator(
            self,
            "Aggregator",
            configuration_aggregator_name=self.names.aggregator,
            organization_aggregation_source=source,
        )

    def _bus(self) -> events.CfnEventBus:
        """Where the management account sends its events; nobody else may."""
        bus = events.CfnEventBus(self, "Bus", name=self.names.bus, description="Events of the organisation")
        sid = "FromTheManagementAccount"
        allowed = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.names.management}:root"},
            "Action": "events:PutEvents",
            "Resource": self.names.bus_arn,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": self.names.organization}},
        }
        policy = events.CfnEventBusPolicy(
            self, "BusPolicy", event_bus_name=self.names.bus, statement_id=sid, statement=allowed
        )
        policy.add_resource_dependency(bus)
        return bus

    def _collector(self) -> ProductFunction:
        """One at a time: a second run would only read the same again. It goes on where a run was cut off."""
        shape = Shape(memory_mib=3008, timeout=Duration.minutes(15), retries=1, at_once=1, storage_mib=4096)
        collector = ProductFunction(self, "collector", shape, key=self._key, encrypted=("dynamodb", "s3"))
        self._call(collector, "Daily", "A whole run", schedule=DAILY)
        soon = events.Schedule.rate(Duration.minutes(5))
        self._call(collector, "Soon", "Runs that people asked for, and those that were cut off", schedule=soon)
        if self.names.control_tower:
            bus = events.EventBus.from_event_bus_name(self, "Forwarded", self.names.bus)
            pattern = events.EventPattern(source=["aws.controltower"], detail_type=list(BREAKS))
            self._call(collector, "Breaks", "Drift, and accounts that came or went", bus=bus, pattern=pattern)
        return collector

    def _call(
        self,
        collector: ProductFunction,
        name: str,
        about: str,
        *,
        schedule: events.Schedule | None = None,
        bus: events.IEventBus | None = None,
        pattern: events.EventPattern | None = None,
    ) -> None:
        what = events.RuleTargetInput.from_object({"do": "resume" if name == "Soon" else "collect"})
        rule = events.Rule(
            self,
            name,
            description=about,
            schedule=schedule,
            event_bus=bus,
            event_pattern=pattern,
            targets=[targets.LambdaFunction(collector.function, event=what, retry_attempts=2)],
        )
        if bus is not None:  # it is known by name, which no template reads as an order
            rule.node.add_dependency(self.bus)

    def _reports(self) -> sns.Topic:
        """Every run that ended is told to security, with where to read the report."""
        topic = make_topic(self, "Reports", self.names.reports_topic.rpartition(":")[2], self._key, "events")
        topic.add_subscription(subscriptions.EmailSubscription(self.ground.company.contacts.security.email))
        told = (
            f"The audit run <run> <state>: coverage <coverage>, <failing> failing. <reason>"
            f" https://{self.ground.deployment.portal.domain}/reports/latest"
        )
        fields = {name: f"$.detail.{name}" for name in ("run", "state", "coverage", "failing", "reason")}
        transformer = events.CfnRule.InputTransformerProperty(input_paths_map=fields, input_template=json.dumps(told))
        events.CfnRule(
            self,
            "RunEnded",
            description="Delivers the report of each run",
            event_pattern={"source": ["freehold"], "detail-type": ["Audit Run Ended"]},
            targets=[events.CfnRule.TargetProperty(id="security", arn=topic.topic_arn, input_transformer=transformer)],
        )
        return topic

    def _catalogue(self) -> None:
        """The ledger's files as tables, for what outgrows one machine. A folder also holds files of earlier runs, so
        each table is a list of files, which the collector writes (Athena user guide, "Query Amazon S3 inventory": the
        same input format)."""
        database = f"{self.names.prefix}_findings"
        made = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.names.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=database, description="Freehold's findings"),
        )
        for name, columns in TABLES.items():
            table = glue.CfnTable(
                self,
                f"Table{name.title()}",
                catalog_id=self.names.account,
                database_name=database,
                table_input=_table_input(name, f"s3://{self.names.bucket}/{LINKS}/{name}/", columns),
            )
            table.add_resource_dependency(made)

    def _workgroup(self) -> None:
        encryption = athena.CfnWorkGroup.EncryptionConfigurationProperty(
            encryption_option="SSE_KMS", kms_key=self._key.key_arn
        )
        athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=self.names.prefix,
            description="Questions about findings",
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                bytes_scanned_cutoff_per_query=SCAN_LIMIT_BYTES,
                publish_cloud_watch_metrics_enabled=True,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{self.names.bucket}/athena/", encryption_configuration=encryption
                ),
            ),
        )


def _organization_reads() -> iam.PolicyStatement:
    """What Config asks Organizations with the aggregator's role (managed policy AWSConfigRoleForOrganizations)."""
    return iam.PolicyStatement(
        actions=[
            "organizations:DescribeOrganization",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:ListAccounts",
            "organizations:ListDelegatedAdministrators",
        ],
        resources=["*"],
    )


def _table_input(name: str, location: str, columns: dict[str, str]) -> glue.CfnTable.TableInputProperty:
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    listed = [glue.CfnTable.ColumnProperty(name=column, type=kind) for column, kind in columns.items()]
    serde = glue.CfnTable.SerdeInfoProperty(serialization_library=f"{parquet}.serde.ParquetHiveSerDe")
    return glue.CfnTable.TableInputProperty(
        name=name,
        table_type="EXTERNAL_TABLE",
        parameters={"classification": "parquet"},
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            columns=listed,
            location=location,
            input_format="org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serde_info=serde,
        ),
    )
