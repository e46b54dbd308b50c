"""log.recorder: AWS Config records in every governed region, where no Control Tower switches it on."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsFailed, AwsMissing

NAME = "default"
"""Of a recorder and a delivery channel that are made here; an account has one of each in a region."""
SERVICE = "config.amazonaws.com"
ROLE = "AWSServiceRoleForConfig"
"""Config's own role: no policy of the organisation binds it
(https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles-config.html)."""
TAKEN = "InvalidInput"
"""What IAM answers when the role was made a moment ago, for another region."""
RECORDS = {"recorder": NAME, "all_types": True, "recording": True, "last_status": "SUCCESS"}


def build(company: Company) -> Guardrail | None:
    """Everything is recorded, and delivered to the company's log bucket. Under Control Tower there is nothing to do:
    it makes the recorder, and does not enrol an account that has another."""
    bucket = company.landing_zone.log_bucket
    if bucket is None:
        return None
    regions = company.landing_zone.regions
    as_applied = {**RECORDS, "bucket": bucket}
    return Guardrail(
        id="log.recorder",
        title="AWS Config records everything",
        intent="The audit reads what Config recorded; an account that is not recorded cannot be shown to be sound.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.3", "CIS v5 3.3", "≈NIST 800-53 CM-3"),
        parameters={"bucket": bucket, "regions": list(regions)},
        seen_as="The console of AWS Config shows a recorder that is on, and the bucket of the log archive.",
        exemption="There is no exemption: without a recorder no rule of the company finds anything.",
        setting=Setting(
            regions=regions,
            expected=f"a recorder of every type that is on, and delivers to {bucket}",
            read=_read,
            apply=partial(_apply, bucket=bucket, home=company.landing_zone.home_region),
            holds=partial(_holds, bucket=bucket),
            tell=_tell,
        ),
        allows=(
            State("as applied", as_applied),
            State("just begun", {**as_applied, "last_status": "PENDING"}),
        ),
        denies=(
            State("none was made", _none()),
            State("stopped", {**as_applied, "recording": False}),
            State("some types alone", {**as_applied, "all_types": False}),
            State("delivered elsewhere", {**as_applied, "bucket": "team-bucket"}),
            State("delivered nowhere", {**as_applied, "bucket": None}),
            State("Config cannot record", {**as_applied, "last_status": "FAILURE"}),
        ),
    )


def _none() -> dict[str, Any]:
    return {"recorder": None, "all_types": False, "recording": False, "last_status": None, "bucket": None}


def _read(place: Place) -> Observed:
    config = place.aws.client("config", place.region, place.account_id)
    recorder = _first(config.describe_configuration_recorders()["ConfigurationRecorders"])
    status = _first(config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"])
    channel = _first(config.describe_delivery_channels()["DeliveryChannels"])
    return {
        "recorder": recorder.get("name"),
        "all_types": recorder.get("recordingGroup", {}).get("allSupported", False),
        "recording": status.get("recording", False),
        "last_status": str(status["lastStatus"]).upper() if "lastStatus" in status else None,
        "bucket": channel.get("s3BucketName"),
    }


def _first(found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of what an account has one of in a region, or nothing of it."""
    return next(iter(found), {})


def _holds(observed: Observed, bucket: str) -> bool:
    records = observed["recording"] and observed["all_types"] and observed["last_status"] != "FAILURE"
    return bool(records) and observed["bucket"] == bucket


def _apply(place: Place, bucket: str, home: str) -> None:
    """Config's role, then a recorder, a channel, and the start: AWS takes them in no other order. IAM's own types are
    recorded once, in the home region. What has another name keeps it."""
    config = place.aws.client("config", place.region, place.account_id)
    recorder = _first(config.describe_configuration_recorders()["ConfigurationRecorders"]).get("name", NAME)
    channel = _first(config.describe_delivery_channels()["DeliveryChannels"]).get("name", NAME)
    group = {"allSupported": True, "includeGlobalResourceTypes": place.region == home}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": recorder, "roleARN": _role(place), "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": channel, "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName=recorder)


def _role(place: Place) -> str:
    """The ARN of Config's role in the account, made where there is none."""
    iam = place.aws.client("iam", account_id=place.account_id)
    try:
        return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])
    except AwsMissing:
        pass
    try:
        return str(iam.create_service_linked_role(AWSServiceName=SERVICE)["Role"]["Arn"])
    except AwsFailed as error:
        if error.aws_code != TAKEN:
            raise
        return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])


def _tell(observed: Observed) -> str:
    if observed["recorder"] is None:
        return "no recorder"
    does = "on" if observed["recording"] else "stopped"
    what = "every type" if observed["all_types"] else "some types"
    failing = ", and fails" if observed["last_status"] == "FAILURE" else ""
    where = f"delivers to {observed['bucket']}" if observed["bucket"] else "delivers nowhere"
    return f"the recorder {observed['recorder']} of {what} is {does}{failing}; it {where}"
