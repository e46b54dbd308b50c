"""A set-up on AWS, as the doctor finds it on the local cloud."""

import json
from collections.abc import Iterator, Mapping

from infra.doctor.sight import Sight
from infra.doctor.stacks import TOOLKIT, Place, other_stacks, settings_stacks
from infra.local.codeconnections.models import codeconnections_backends
from infra.local.controltower.models import controltower_backends
from infra.local.organizations.models import organization
from infra.runtime.lambdas.settings import Settings
from tests.cloud import Cloud
from tests.infra.local.config.ground import log_bucket
from tests.infra.stacks.roles import names, settle
from tests.vending.parts import acme
from vending.core.aws import Aws, Client
from vending.core.company import Company
from vending.core.deployment import Deployment
from vending.core.trust import DELEGATED, POLICY_TYPES, TRUSTED

HOME = "eu-west-1"
SLIGHT = json.dumps({"Resources": {"Something": {"Type": "AWS::SQS::Queue"}}})


def sight_of(company: Company | None = None, portal: str = "http://127.0.0.1:9") -> Sight:
    """Through the environment's credentials."""
    chosen = company or acme()
    assert chosen.aws is not None, "the example says where it runs"
    return Sight(chosen, chosen.aws, Aws.connect(chosen.landing_zone.home_region), portal)


def set_up(cloud: Cloud, portal: str) -> Sight:
    """Everything as the deploy guide leaves it."""
    *_, (_, seen) = walk(cloud, portal)
    return seen


def walk(cloud: Cloud, portal: str) -> Iterator[tuple[str, Sight]]:
    """The deploy guide, each step done when the next is asked for: its id, and what there is to see then.

    The seeded organisation has its landing zone, its OUs and its people; what a test takes away beforehand it gives
    back at that step.
    """
    cloud.limits.enforced = False
    given = _of_file()
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    given = given.model_copy(update={"organization_root": root})
    yield "organization", sight_of(_with(given), portal)
    yield "landing-zone", sight_of(_with(given), portal)
    yield "ous", sight_of(_with(given), portal)
    platform = settle(cloud)
    tower = controltower_backends[cloud.state.management_account_id][HOME].tower
    tower.baselines.enrol_now(names().account, organization().unit_named("Security").id, cloud.clock.now())
    _bootstrap(given)
    yield "accounts", sight_of(_with(given), portal)
    _make_stacks(given, settings_stacks(given, HOME))
    Settings(Aws.connect(HOME)).make(
        {
            "Trusted": list(TRUSTED),
            "Delegated": list(DELEGATED),
            "PolicyTypes": list(POLICY_TYPES),
            "PlatformAccount": given.platform_account,
        }
    )
    yield "settings", sight_of(_with(given), portal)
    yield "people", sight_of(_with(given), portal)
    given = _with_a_door(cloud, platform, given)
    yield "door", sight_of(_with(given), portal)
    _make_stacks(given, other_stacks(given, HOME))
    yield "stacks", sight_of(_with(given), portal)
    seen = sight_of(_with(given), portal)
    platform.client("cloudformation").create_stack_set(StackSetName=seen.names.forwarding, TemplateBody=SLIGHT)
    _record(seen, cloud.state.management_account_id, platform)
    yield "config", sight_of(_with(given), portal)
    _tell(platform, acme())
    yield "notices", sight_of(_with(given), portal)
    yield "portal", sight_of(_with(given), portal)


def _of_file() -> Deployment:
    found = acme().aws
    assert found is not None, "the example says where it runs"
    return found


def _with(deployment: Deployment) -> Company:
    return acme().model_copy(update={"aws": deployment})


def _with_a_door(cloud: Cloud, platform: Aws, given: Deployment) -> Deployment:
    """The company file with a certificate and a connection that are there."""
    assert given.delivery is not None, "the example has a pipeline"
    certificate = platform.client("acm").request_certificate(DomainName=given.portal.domain)["CertificateArn"]
    cloud.clock.advance(600)
    door = given.portal.model_copy(update={"certificate": certificate})
    delivery = given.delivery.model_copy(update={"connection": connect_code(platform)})
    return given.model_copy(update={"portal": door, "delivery": delivery})


def connect_code(platform: Aws, *, agree: bool = True) -> str:
    """The ARN of a connection to the repository."""
    made = platform.client("codeconnections").create_connection(ConnectionName="code", ProviderType="GitHub")
    arn = str(made["ConnectionArn"])
    if agree:
        codeconnections_backends[names().account][HOME].agree(arn)
    return arn


def _bootstrap(given: Deployment) -> None:
    """What `cdk bootstrap` makes."""
    places = {**settings_stacks(given, HOME), **other_stacks(given, HOME)}
    for place in sorted(set(places.values()), key=str):
        _make_stacks(given, {TOOLKIT: place})


def _make_stacks(given: Deployment, wanted: Mapping[str, Place]) -> None:
    seen = sight_of(_with(given))
    for name, place in wanted.items():
        there = seen.inside(place.account_id, "cloudformation", place.region)
        there.create_stack(StackName=name, TemplateBody=SLIGHT)


def _tell(platform: Aws, company: Company) -> None:
    platform.client("sesv2").create_email_identity(EmailIdentity=str(company.notifications.sender))
    sns = platform.client("sns")
    for topic in ("freehold-alarms", "freehold-reports"):
        arn = sns.create_topic(Name=topic)["TopicArn"]
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="platform@acme.example")


def _record(seen: Sight, management: str, platform: Aws) -> None:
    """The aggregator, and recorders where Control Tower makes none."""
    role = f"arn:aws:iam::{seen.names.account}:role/aggregator"
    source = {"RoleArn": role, "AwsRegions": list(acme().landing_zone.regions)}
    platform.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=seen.names.aggregator, OrganizationAggregationSource=source
    )
    for region in acme().landing_zone.regions:
        _start(seen.inside(management, "config", region), management)


def _start(config: Client, account_id: str) -> None:
    role = f"arn:aws:iam::{account_id}:role/config"
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": log_bucket()})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
