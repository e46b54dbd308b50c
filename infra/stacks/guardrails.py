"""The guardrails stack: the function that plans and applies them, and the only role that may call it.

Policy types are switched on by the organisation stack, because only the management account can. Policies, controls and
conformance packs are attached by the function and not by CloudFormation: it attaches the new before it detaches the
old, and proves for every state in between that nobody is locked out, which no stack update does. Every ten minutes it
lets the packs follow accounts that came or moved.
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from guardrails.enforcement.conformance_packs import FOLLOWED_EVERY
from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack, Ground


class GuardrailsStack(FreeholdStack):
    """Plans and applies what accounts may not do."""

    def __init__(self, scope: Construct, ground: Ground, key: kms.IKey) -> None:
        super().__init__(scope, "Guardrails", ground, "plans and applies what accounts may not do")
        shape = Shape(memory_mib=1769, timeout=Duration.minutes(15), retries=0, at_once=1)
        self.applier = ProductFunction(self, "guardrails", shape, key=key, encrypted=("dynamodb",))
        self.functions = (self.applier,)
        self._follow()
        self.pipeline_role = self._pipeline_role()

    def _follow(self) -> None:
        """Packs follow accounts. While a plan is applied this waits: only one call of the function runs at a time."""
        minutes = Duration.minutes(int(FOLLOWED_EVERY.total_seconds() // 60))
        events.Rule(
            self,
            "Follow",
            description="Lets conformance packs leave out the accounts of the OUs that accounts are in now",
            schedule=events.Schedule.rate(minutes),
            targets=[
                targets.LambdaFunction(
                    self.applier.function,
                    event=events.RuleTargetInput.from_object({"do": "follow"}),
                    retry_attempts=0,
                    max_event_age=minutes,
                )
            ],
        )

    def _pipeline_role(self) -> iam.CfnRole:
        """For the pipeline's builds, and for nobody else: it can plan and apply, and not change what is applied."""
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "codebuild.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": self.names.account}},
        }
        calls = {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": self.names.function_arn("guardrails"),
        }
        logs = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{self.names.region}:{self.names.account}:log-group:{self.names.build_logs}:*",
        }
        return iam.CfnRole(
            self,
            "PipelineRole",
            role_name=f"{self.names.prefix}-guardrails-pipeline",
            description="Plans and applies guardrails from the pipeline",
            assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="calls", policy_document={"Version": "2012-10-17", "Statement": [calls, logs]}
                )
            ],
        )
