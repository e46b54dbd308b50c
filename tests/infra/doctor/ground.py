"""A set-up on AWS, as the doctor finds it on the local cloud."""

import json
from collections.abc import Iterator, Mapping

from infra.doctor.sight import Sight
from infra.doctor.stacks import TOOLKIT, Place, other_stacks, settings_stacks
from infra.local.codeconnections.models import codeconnections_backends
from infra.local.config import own_logs
from infra.local.controltower.models import control_tower
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
BOOTSTRAPPED = json.dumps(
    {
        "Parameters": {"TrustedAccounts": {"Type": "CommaDelimitedList", "Default": ""}},
        "Resources": {"Something": {"Type": "AWS::SQS::Queue"}},
    }
)
"""What counts of the CDK's own stack: whom it lets deploy."""


def sight_of(company: Company | None = None, portal: str = "http://127.0.0.1:9") -> Sight:
    """Through the environment's credentials."""
    chosen = company or acme()
    assert chosen.aws is not None, "the example says where it runs"
    return Sight(chosen, chosen.aws, Aws.connect(chosen.landing_zone.home_region), portal)


def set_up(cloud: Cloud, portal: str) -> Sight:
    """Everything as the deploy guide leaves it."""
    *_, (_, seen) = walk(cloud, portal, acme())
    return seen


def walk(cloud: Cloud, portal: str, company: Company) -> Iterator[tuple[str, Sight]]:
    """The deploy guide, each step done when the next is asked for: its id, and what there is to see then.

    The seeded organisation has its landing zone, its OUs and its people; what a test takes away beforehand it gives
    back at that step.
    """
    cloud.limits.enforced = False
    given = _of_file(company)
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    given = given.model_copy(update={"organization_root": root})
    yield "organization", sight_of(_with(company, given), portal)
    yield "landing-zone", sight_of(_with(company, given), portal)
    yield "ous", sight_of(_with(company, given), portal)
    platform = settle(cloud)
    _let_record(cloud, names().account)
    _bootstrap(company, given)
    yield "accounts", sight_of(_with(company, given), portal)
    _make_stacks(company, given, settings_stacks(given, HOME))
    Settings(Aws.connect(HOME)).make(
        {
            "Trusted": list(TRUSTED),
            "Delegated": list(DELEGATED),
            "PolicyTypes": list(POLICY_TYPES),
            "PlatformAccount": given.platform_account,
        }
    )
    yield "settings", sight_of(_with(company, given), portal)
    yield "people", sight_of(_with(company, given), portal)
    given = _with_a_door(cloud, platform, given)
    yield "door", sight_of(_with(company, given), portal)
    _make_stacks(company, given, other_stacks(given, HOME))
    yield "stacks", sight_of(_with(company, given), portal)
    seen = sight_of(_with(company, given), portal)
    platform.client("cloudformation").create_stack_set(StackSetName=seen.names.forwarding, TemplateBody=SLIGHT)
    _record(seen, cloud.state.management_account_id, platform)
    yield "config", sight_of(_with(company, given), portal)
    _tell(platform, company)
    yield "notices", sight_of(_with(company, given), portal)
    yield "portal", sight_of(_with(company, given), portal)


def _let_record(cloud: Cloud, account_id: str) -> None:
    """By Control Tower, which enrols the account, or by somebody who switched Config on in it."""
    tower = control_tower()
    if tower is None:
        own_logs.record(cloud.state, account_id)
    else:
        tower.baselines.enrol_now(account_id, organization().unit_named("Security").id, cloud.clock.now())


def _of_file(company: Company) -> Deployment:
    found = company.aws
    assert found is not None, "the example says where it runs"
    return found


def _with(company: Company, deployment: Deployment) -> Company:
    return company.model_copy(update={"aws": deployment})


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


def _bootstrap(company: Company, given: Deployment) -> None:
    """What `cdk bootstrap` makes."""
    places = {**settings_stacks(given, HOME), **other_stacks(given, HOME)}
    trusted = f"{given.management_account},{given.platform_account}"
    for place in sorted(set(places.values()), key=str):
        bootstrap(sight_of(_with(company, given)), place, trusted)


def bootstrap(seen: Sight, place: Place, trusted: str) -> None:
    """What `cdk bootstrap --trust` makes in one place."""
    there = seen.inside(place.account_id, "cloudformation", place.region)
    parameter = {"ParameterKey": "TrustedAccounts", "ParameterValue": trusted}
    there.create_stack(StackName=TOOLKIT, TemplateBody=BOOTSTRAPPED, Parameters=[parameter])


def _make_stacks(company: Company, given: Deployment, wanted: Mapping[str, Place]) -> None:
    seen = sight_of(_with(company, given))
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
    source = {"RoleArn": role, "AwsRegions": list(seen.company.landing_zone.regions)}
    platform.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=seen.names.aggregator, OrganizationAggregationSource=source
    )
    bucket = seen.company.landing_zone.log_bucket or log_bucket()
    for region in seen.company.landing_zone.regions:
        _start(seen.inside(management, "config", region), management, bucket)


def _start(config: Client, account_id: str, bucket: str) -> None:
    role = f"arn:aws:iam::{account_id}:role/config"
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
