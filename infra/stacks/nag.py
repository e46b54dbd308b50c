"""Every finding of cdk-nag's AwsSolutions pack that stays, on the smallest part it is about, with its reason."""

from collections.abc import Iterable, Iterator

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from infra.stacks.audit import AuditStack
from infra.stacks.delivery import DeliveryStack
from infra.stacks.evidence import EvidenceStack
from infra.stacks.functions import ProductFunction
from infra.stacks.ground import FreeholdStack
from infra.stacks.guardrails import GuardrailsStack
from infra.stacks.organization import OrganizationStack
from infra.stacks.portal import PortalStack
from infra.stacks.rights.right import Right
from infra.stacks.rights.roles import rights_of
from infra.stacks.vending import VendingStack

Reason = tuple[IConstruct, str, str]
WILDCARD = "AwsSolutions-IAM5[Resource::{resource}]"
PUSH_TO_LOGS = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
)
TRAILED = "Who reads and writes objects stands in the organisation's trail."


def judge(app: App, stacks: Iterable[FreeholdStack]) -> None:
    """Have the pack look at every stack when it is synthesised: what it finds and has no reason here stops that."""
    for stack in stacks:
        for part, finding, reason in _reasons(stack):
            Validations.of(part).acknowledge(Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def _reasons(stack: FreeholdStack) -> Iterator[Reason]:
    match stack:
        case VendingStack():
            yield from _of_functions(stack.functions)
            yield stack.dead_letters, "AwsSolutions-SQS3", "It is the dead-letter queue; an alarm says what is in it."
        case PortalStack():
            yield from _of_functions(stack.functions)
            yield from _of_portal(stack)
        case AuditStack():
            yield from _of_functions(stack.functions)
            yield stack.bucket, "AwsSolutions-S1", TRAILED
            unheard = "It is the dead-letter queue; an alarm says what is in it."
            yield stack.listening.unheard, "AwsSolutions-SQS3", unheard
            yield stack.aggregator_role, WILDCARD.format(resource="*"), "Organizations has no resource for these reads."
        case GuardrailsStack():
            yield from _of_functions(stack.functions)
            yield stack.pipeline_role, WILDCARD.format(resource=_builds(stack)), "CodeBuild draws the streams' names."
        case OrganizationStack():
            yield from _of_functions(stack.functions)
            for name, role in stack.roles.items():
                yield from _of_rights(role, rights_of(name, stack.names).management)
        case EvidenceStack():
            yield stack.bucket, "AwsSolutions-S1", TRAILED
        case DeliveryStack():
            yield from _of_delivery(stack)


def _of_functions(functions: tuple[ProductFunction, ...]) -> Iterator[Reason]:
    for function in functions:
        yield from _of_rights(function.role, function.rights)
        reason = "Durable functions ask for Python 3.13 or later, and every locked library has wheels for 3.13."
        yield function.function, "AwsSolutions-L1", reason


def _of_rights(role: IConstruct, rights: tuple[Right, ...]) -> Iterator[Reason]:
    """The wildcards of resources: each right says why it has one."""
    reasons: dict[str, dict[str, None]] = {}
    for right in rights:
        for resource in right.resources:
            if right.wide and "*" in resource:
                reasons.setdefault(resource, {})[right.wide] = None
    for resource, wide in reasons.items():
        yield role, WILDCARD.format(resource=resource), "; ".join(wide)


def _of_portal(stack: PortalStack) -> Iterator[Reason]:
    api, checked = stack.web.api, "The application checks the token or the session of every request itself."
    yield api, "AwsSolutions-APIG4", checked
    yield api, "AwsSolutions-COG4", f"{checked} People may come from any OIDC issuer."
    yield api, "AwsSolutions-APIG2", "The application checks every body and parameter, and says what to mend."
    yield api, PUSH_TO_LOGS, "API Gateway's documented role for writing logs; one for all APIs of the account."
    if stack.pool is not None:
        federated = "People come from Identity Center, which asks for the second factor; nobody has a password here."
        yield stack.pool, "AwsSolutions-COG2", federated
        yield stack.pool, "AwsSolutions-COG8", f"{federated} Threat protection judges passwords."
    yield stack.secret, "AwsSolutions-SMG4", "A new key signs everybody out: it is changed by hand, when it leaked."


def _of_delivery(stack: DeliveryStack) -> Iterator[Reason]:
    drawn = "CodeBuild and CodePipeline draw the names of streams and artifacts."
    for role in stack.roles.values():
        yield role, WILDCARD.format(resource=_builds(stack)), drawn
        yield role, WILDCARD.format(resource=f"<{_logical(stack.artifacts)}.Arn>/*"), drawn
    yield stack.artifacts, "AwsSolutions-S1", TRAILED


def _logical(bucket: s3.Bucket) -> str:
    made = bucket.node.default_child
    assert isinstance(made, s3.CfnBucket), "a bucket is made of one resource"
    return str(Stack.of(bucket).resolve(made.logical_id))


def _builds(stack: FreeholdStack) -> str:
    names = stack.names
    return f"arn:aws:logs:{names.region}:{names.account}:log-group:{names.build_logs}:*"
