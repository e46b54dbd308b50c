"""Managed rules about CloudTrail."""

from collections.abc import Iterable, Iterator
from typing import Any

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict, judge, judge_account

TRAIL = "AWS::CloudTrail::Trail"
WANTED = {
    "s3BucketName": "bucket_name",
    "snsTopicArn": "topic_arn",
    "cloudWatchLogsLogGroupArn": "cw_log_group_arn",
}


def judge_multi_region(place: Place, setting: Setting) -> Iterable[Verdict]:
    """At least one multi-region trail records the account, with what the parameters want of it."""
    found = any(trail.is_multi_region and _matches(trail, setting) for trail in place.trails)
    return judge_account(place, found, "No multi-Region trail matches the required configuration.")


def judge_enabled(place: Place, setting: Setting) -> Iterable[Verdict]:
    """At least one trail that logs records the region, with what the parameters want of it."""
    found = any(trail.status.is_logging and _matches(trail, setting) for trail in place.trails)
    return judge_account(place, found, "No enabled trail matches the required configuration.")


def judge_validation(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each trail writes a signed digest of its files."""
    for trail in place.trails:
        yield judge(TRAIL, trail.trail_name, bool(trail.log_validation), "Log file validation is not enabled.")


def judge_encryption(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each trail encrypts its files with a KMS key."""
    for trail in place.trails:
        yield judge(TRAIL, trail.trail_name, bool(trail.kms_key_id), "The trail uses no KMS key.")


def judge_log_group(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each trail sends its events to CloudWatch Logs."""
    for trail in place.trails:
        yield judge(TRAIL, trail.trail_name, bool(trail.cw_log_group_arn), "The trail sends no CloudWatch logs.")


def _matches(trail: Any, setting: Setting) -> bool:
    return all(
        setting.parameters.get(name, "") in ("", getattr(trail, attribute)) for name, attribute in WANTED.items()
    )


RULES = (
    ManagedRule(
        "MULTI_REGION_CLOUD_TRAIL_ENABLED",
        (ACCOUNT,),
        Trigger.PERIODIC,
        judge_multi_region,
        page="multi-region-cloudtrail-enabled",
    ),
    ManagedRule("CLOUD_TRAIL_ENABLED", (ACCOUNT,), Trigger.PERIODIC, judge_enabled, page="cloudtrail-enabled"),
    ManagedRule("CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", (TRAIL,), Trigger.PERIODIC, judge_validation),
    ManagedRule("CLOUD_TRAIL_ENCRYPTION_ENABLED", (TRAIL,), Trigger.PERIODIC, judge_encryption),
    ManagedRule("CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", (TRAIL,), Trigger.PERIODIC, judge_log_group),
)
