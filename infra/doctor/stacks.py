"""The stacks, and what the CDK needs to deploy them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing, unanswered, unknown
from infra.doctor.sight import Sight
from vending.core.aws import GLOBAL_REGION
from vending.core.deployment import Deployment
from vending.core.errors import AwsFailed

TOOLKIT = "CDKToolkit"
"""What `cdk bootstrap` makes."""
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
"""What CloudFormation deploys with, as it does where `cdk bootstrap` trusts nobody else."""
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
        try:
            toolkit = _read(sight, TOOLKIT, place)
        except AwsFailed as error:
            yield replace(unanswered(error), where=str(place))
        else:
            yield _toolkit(given, toolkit, place)


def _toolkit(given: Deployment, toolkit: Mapping[str, Any] | None, place: Place) -> Seen:
    """What it says of whom it lets deploy is a parameter of the CDK's own stack."""
    then = f"npx --yes aws-cdk@2 bootstrap aws://{place.account_id}/{place.region}{_options(given, place)}"
    if toolkit is None:
        return missing("The CDK was never set up there.", then, str(place))
    said = {one["ParameterKey"]: one.get("ParameterValue", "") for one in toolkit.get("Parameters", ())}
    trusted = set(re.findall(r"\d{12}", said.get("TrustedAccounts", "")))
    strangers = sorted(_deployers(given) - trusted - {place.account_id})
    if strangers and place.account_id != given.management_account:
        what = f"The CDK there lets nobody of account {', '.join(strangers)} deploy."
        return missing(what, then, str(place))
    return fine("The CDK can deploy there.", str(place))


def _deployers(given: Deployment) -> set[str]:
    """Whoever follows the guide does so from the management account, a pipeline from the platform account."""
    return {given.management_account} | ({given.platform_account} if given.delivery else set())


def _options(given: Deployment, place: Place) -> str:
    """In the management account whoever follows the guide is at home."""
    if place.account_id == given.management_account:
        return ""
    profile = "platform" if place.account_id == given.platform_account else "log-archive"
    trust = ",".join((given.management_account, given.platform_account))
    return f" --profile {profile} --trust {trust} --cloudformation-execution-policies {ADMINISTRATOR}"


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
