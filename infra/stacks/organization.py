"""The organisation stacks, in the management account: as little as AWS lets be there.

One role a function, for the calls that only this account may make, trusted by that function's own role alone; the
settings of the organisation that CloudFormation has no resource for, made by a function of ours; and rules that send
what Organizations and Control Tower report to the platform. Organizations reports in us-east-1, Control Tower in the
home region, so there are two stacks where the home region is another.

**What stays when the stack is deleted.** Trusted access, delegations and policy types: taking them away would detach
policies and lose the delegated administrators' data. The stack says so and does nothing.
"""

from aws_cdk import CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.stacks.functions import ProductFunction, Shape
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.names import Names
from infra.stacks.rights.roles import RIGHTS, rights_of, trust_of
from infra.stacks.vending import LOGS_ON_KEY
from vending.core.aws import GLOBAL_REGION
from vending.core.trust import DELEGATED, POLICY_TYPES, TRUSTED

SETTINGS = "settings"
REPORTED: dict[str, dict[str, object]] = {
    GLOBAL_REGION: {
        "source": ["aws.organizations"],
        "detail-type": ["AWS Service Event via CloudTrail", "AWS API Call via CloudTrail"],
        "detail": {
            "eventName": [
                "CreateAccountResult",
                "CloseAccountResult",
                "MoveAccount",
                "AccountJoinedOrganization",
                "AccountDepartedOrganization",
                "AttachPolicy",
                "DeletePolicy",
                "DetachPolicy",
                "UpdatePolicy",
            ]
        },
    },
}
CONTROL_TOWER: dict[str, object] = {"source": ["aws.controltower"]}


class OrganizationStack(FreeholdStack):
    """Roles and settings, and Control Tower's events where there is one."""

    def __init__(self, scope: Construct, ground: Ground) -> None:
        super().__init__(
            scope, "Organization", ground, "roles and settings of the organisation", account=ground.names.management
        )
        self.roles = {name: self._role(name) for name in RIGHTS if rights_of(name, self.names).management}
        self.settings = self._settings()
        forward(self, self.names.region, _reported(self.names))

    @property
    def functions(self) -> tuple[ProductFunction, ...]:
        """The one that makes the settings."""
        return (self.settings,)

    def _role(self, name: str) -> iam.CfnRole:
        rights = rights_of(name, self.names).management
        document = {"Version": "2012-10-17", "Statement": [right.statement() for right in rights]}
        return iam.CfnRole(
            self,
            f"Role{name.title()}",
            role_name=self.names.role(name),
            description=f"What Freehold's {name} does that only the management account may",
            assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust_of(name, self.names)]},
            policies=[iam.CfnRole.PolicyProperty(policy_name="calls", policy_document=document)],
            max_session_duration=3600,
        )

    def _settings(self) -> ProductFunction:
        """Made again whenever a setting or the code changes; a setting that is there already is left alone."""
        key = kms.Key(
            self,
            "Key",
            alias=f"{self.names.prefix}-{SETTINGS}",
            description="The log of the function that makes the organisation's settings",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        logs = f"arn:aws:logs:{self.names.region}:{self.names.management}:log-group:*"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{self.names.region}.amazonaws.com")],
                actions=list(LOGS_ON_KEY),
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            )
        )
        shape = Shape(memory_mib=512, timeout=Duration.minutes(5), retries=0)
        made = ProductFunction(self, SETTINGS, shape, key=key, encrypted=())
        CustomResource(
            self,
            "Made",
            service_token=made.function.function_arn,
            resource_type="Custom::FreeholdSettings",
            removal_policy=RemovalPolicy.RETAIN,
            properties={
                "Trusted": list(TRUSTED),
                "Delegated": list(DELEGATED),
                "PolicyTypes": list(POLICY_TYPES),
                "PlatformAccount": self.names.account,
            },
        )
        return made


class ForwardingStack(FreeholdStack):
    """Organizations' events, from where they are reported."""

    def __init__(self, scope: Construct, ground: Ground) -> None:
        names = ground.names
        super().__init__(
            scope, "Forwarding", ground, "events of Organizations", account=names.management, region=GLOBAL_REGION
        )
        forward(self, GLOBAL_REGION, REPORTED)


def _reported(names: Names) -> dict[str, dict[str, object]]:
    """What is reported in the home region: by Control Tower, and where it is Organizations' own, by Organizations."""
    by_tower = {"controltower": CONTROL_TOWER} if names.control_tower else {}
    return by_tower | {region: pattern for region, pattern in REPORTED.items() if region == names.region}


def forward(stack: FreeholdStack, region: str, patterns: dict[str, dict[str, object]]) -> None:
    """A rule of each pattern that sends to the platform's bus, with a role that can do just that; nothing for none."""
    names = stack.names
    put = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": names.bus_arn}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": names.management}},
    }
    if not patterns:
        return
    role = iam.CfnRole(
        stack,
        "ForwardingRole",
        role_name=f"{names.forwarding}-{region}",
        assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="puts", policy_document={"Version": "2012-10-17", "Statement": [put]}
            )
        ],
    )
    for number, pattern in enumerate(patterns.values()):
        events.CfnRule(
            stack,
            f"Forward{number}",
            description="Sends to the platform account what the organisation reports",
            event_pattern=pattern,
            targets=[
                events.CfnRule.TargetProperty(id="platform", arn=names.bus_arn, role_arn=role.attr_arn),
            ],
        )
