"""Between runs: what Config, Control Tower and Organizations tell goes through a queue to the listener.

Organizations and Control Tower report in the management account, which forwards. Config reports a change of compliance
in the account and region it happened in: a stack set puts a rule into each, those that are still to come included. With
service-managed permissions it leaves the management account out (CloudFormation user guide, "StackSets concepts"); what
is there, and what a lost event told, the next run sees.
"""

import json
from collections.abc import Mapping

from aws_cdk import CfnStackSet, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from audit.news import COMPLIANCE
from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack
from infra.stacks.names import Names

PATIENCE = Duration.minutes(5)
TRIES = 5
BATCH, BATCH_SECONDS = 100, 60
"""How many events, or how long, are gathered to be written into the ledger at once."""
AT_ONCE = 2
"""How many listeners there are: they write to one ledger, and a loser begins again."""
CHANGES: Mapping[str, Mapping[str, list[str]]] = {
    "Compliance": {"source": ["aws.config"], "detail-type": [COMPLIANCE]},
    "Drift": {"source": ["aws.controltower"]},
    "Policies": {
        "source": ["aws.organizations"],
        "detail-type": ["AWS API Call via CloudTrail"],
    },
}
"""What the audit takes in, by rule."""


def changes(names: Names) -> Mapping[str, Mapping[str, list[str]]]:
    """The same for one organisation: no rule listens to a Control Tower that is not there."""
    return {rule: pattern for rule, pattern in CHANGES.items() if rule != "Drift" or names.control_tower}


class Listening(Construct):
    """The queue, the rules that fill it, the listener, and what the accounts send with."""

    def __init__(self, stack: FreeholdStack, bus: events.CfnEventBus, key: kms.IKey) -> None:
        super().__init__(stack, "Listening")
        self._names = stack.names
        self.unheard = self._queue("Unheard", self._names.unheard, None)
        self.queue = self._queue("Events", self._names.events_queue_name, self.unheard)
        self._rules(bus)
        shape = Shape(memory_mib=2048, timeout=PATIENCE, storage_mib=2048)
        self.listener = ProductFunction(stack, "listener", shape, key=key, encrypted=("dynamodb", "s3"))
        self._feed()
        root = stack.ground.deployment.organization_root
        if root is not None:
            self._let_accounts_send(bus)
            self._forward(root, stack.ground.company.landing_zone.regions)

    def _queue(self, name: str, queue_name: str, letters: sqs.Queue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            queue_name=queue_name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.minutes(6 * int(PATIENCE.to_minutes())),
            retention_period=Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=TRIES) if letters else None,
        )

    def _rules(self, bus: events.CfnEventBus) -> None:
        for name, pattern in changes(self._names).items():
            rule = events.CfnRule(
                self,
                name,
                description="Lets the audit know between runs",
                event_bus_name=self._names.bus,
                event_pattern=dict(pattern),
                targets=[events.CfnRule.TargetProperty(id="queue", arn=self.queue.queue_arn)],
            )
            rule.add_resource_dependency(bus)
        sends = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.queue.queue_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": self._names.account}},
        }
        self.queue.add_to_resource_policy(iam.PolicyStatement.from_json(sends))

    def _feed(self) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            "Feed",
            function_name=self.listener.function.function_name,
            event_source_arn=self.queue.queue_arn,
            batch_size=BATCH,
            maximum_batching_window_in_seconds=BATCH_SECONDS,
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=AT_ONCE),
        )

    def _let_accounts_send(self, bus: events.CfnEventBus) -> None:
        """Every account of the organisation, with the role that the stack set makes, and with no other."""
        sid = "FromTheAccounts"
        allowed = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "events:PutEvents",
            "Resource": self._names.bus_arn,
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": self._names.organization},
                "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{self._names.forwarding}-*"},
            },
        }
        policy = events.CfnEventBusPolicy(
            self, "AccountsPolicy", event_bus_name=self._names.bus, statement_id=sid, statement=allowed
        )
        policy.add_resource_dependency(bus)

    def _forward(self, root: str, regions: tuple[str, ...]) -> None:
        targets = CfnStackSet.DeploymentTargetsProperty(organizational_unit_ids=[root])
        CfnStackSet(
            self,
            "Accounts",
            stack_set_name=self._names.forwarding,
            description="Freehold: sends what Config says of an account to the audit",
            permission_model="SERVICE_MANAGED",
            call_as="DELEGATED_ADMIN",
            capabilities=["CAPABILITY_NAMED_IAM"],
            auto_deployment=CfnStackSet.AutoDeploymentProperty(enabled=True, retain_stacks_on_account_removal=False),
            managed_execution={"Active": True},
            operation_preferences=CfnStackSet.OperationPreferencesProperty(
                failure_tolerance_percentage=100, max_concurrent_percentage=25, region_concurrency_type="PARALLEL"
            ),
            stack_instances_group=[
                CfnStackSet.StackInstancesProperty(deployment_targets=targets, regions=list(regions))
            ],
            template_body=json.dumps(forwarding_template(self._names), indent=1),
        )


def forwarding_template(names: Names) -> dict[str, object]:
    """What each account and region gets: a rule, and a role that can put events on the platform's bus alone."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    put = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": names.bus_arn}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Fn::Sub": f"{names.forwarding}-${{AWS::Region}}"},
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "puts", "PolicyDocument": {"Version": "2012-10-17", "Statement": [put]}}],
        },
    }
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": "Sends to Freehold what Config says of this account",
            "EventPattern": dict(CHANGES["Compliance"]),
            "Targets": [{"Id": "platform", "Arn": names.bus_arn, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}],
        },
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Role": role, "Rule": rule}}
