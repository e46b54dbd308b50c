"""The stacks, and what the CDK needs to deploy them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing, unknown
from infra.doctor.sight import Sight
from vending.core.aws import GLOBAL_REGION
from vending.core.deployment import Deployment
from vending.core.errors import AwsFailed

TOOLKIT = "CDKToolkit"
"""What `cdk bootstrap` makes."""
WELL = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


@dataclass(frozen=True)
class Place:
    """An account of the company file, and a region."""

    account_id: str
    region: str

    def __str__(self) -> str:
        return f"{self.account_id}, {self.region}"


def settings_stacks(deployment: Deployment, home: str) -> Mapping[str, Place]:
    """What is deployed to the management account."""
    management = deployment.management_account
    forwarding = {} if home == GLOBAL_REGION else {"FreeholdForwarding": Place(management, GLOBAL_REGION)}
    return {"FreeholdOrganization": Place(management, home), **forwarding}


def other_stacks(deployment: Deployment, home: str) -> Mapping[str, Place]:
    """What is deployed elsewhere, in its order."""
    platform = Place(deployment.platform_account, home)
    names = [
        "Vending",
        "Guardrails",
        "Audit",
        "Portal",
        "Observability",
        *(["Delivery"] if deployment.delivery else []),
    ]
    evidence = {"FreeholdEvidence": Place(deployment.log_archive_account, home)}
    return {**evidence, **{f"Freehold{name}": platform for name in names}}


def settings(sight: Sight) -> Iterator[Seen]:
    """The stacks of the management account."""
    yield from _stacks(sight, settings_stacks(sight.deployment, sight.home))


def others(sight: Sight) -> Iterator[Seen]:
    """All other stacks."""
    yield from _stacks(sight, other_stacks(sight.deployment, sight.home))


def bootstrap(sight: Sight) -> Iterator[Seen]:
    """The CDK can deploy to each account and region."""
    given, home = sight.deployment, sight.home
    wanted = {*settings_stacks(given, home).values(), *other_stacks(given, home).values()}
    for place in sorted(wanted, key=str):
        if _read(sight, TOOLKIT, place) is None:
            then = f"npx --yes aws-cdk@2 bootstrap aws://{place.account_id}/{place.region}"
            yield missing("The CDK was never set up there.", then, str(place))
        else:
            yield fine("The CDK can deploy there.", str(place))


def _stacks(sight: Sight, wanted: Mapping[str, Place]) -> Iterator[Seen]:
    for name, place in wanted.items():
        yield _judge(name, _read(sight, name, place), f"{name}, {place}")


def _judge(name: str, stack: Mapping[str, Any] | None, here: str) -> Seen:
    deploy = f"npx --yes aws-cdk@2 deploy --app cdk.out {name}"
    if stack is None:
        return missing(f"{name} is not deployed.", f"make synth, then {deploy}", here)
    status = stack["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        return unknown(f"{name} is being changed ({status}).", "Wait, then ask again.", here)
    if status not in WELL:
        reason = stack.get("StackStatusReason") or "its events in CloudFormation say why"
        return missing(f"{name} ended as {status}: {reason}.", f"Mend that, then {deploy}", here)
    if stack.get("DriftInformation", {}).get("StackDriftStatus") == "DRIFTED":
        then = "CloudFormation, the stack, Drift results, shows what: take it back, or change the code."
        return missing(f"{name} was changed by hand.", then, here)
    return fine(f"{name} is deployed ({status}).", here)


def _read(sight: Sight, name: str, place: Place) -> Mapping[str, Any] | None:
    """A stack; None where there is none. CloudFormation has no error of its own for that."""
    try:
        client = sight.inside(place.account_id, "cloudformation", place.region)
        [found] = client.describe_stacks(StackName=name)["Stacks"]
    except AwsFailed as error:
        if error.aws_code == "ValidationError" and "does not exist" in error.sentence:
            return None
        raise
    stack: Mapping[str, Any] = found
    return stack
