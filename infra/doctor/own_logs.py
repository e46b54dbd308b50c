"""Without Control Tower: the organisation's own trail, and the bucket that Config delivers to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing
from infra.doctor.sight import Sight
from vending.core.errors import AwsMissing

CONFIG = "config.amazonaws.com"
WRITE = "s3:PutObject"
GUIDE = "/help/guides/without-control-tower"


def trail(sight: Sight) -> Iterator[Seen]:
    """One of the organisation, over every region, that is on: what members do is known where they cannot reach."""
    cloudtrail = sight.management("cloudtrail")
    found = [one for one in cloudtrail.describe_trails()["trailList"] if one.get("IsOrganizationTrail")]
    wide = [one for one in found if one.get("IsMultiRegionTrail")]
    if not wide:
        what = f"The trail {found[0]['Name']} is of one region alone." if found else "The organisation has no trail."
        yield missing(what, f"Make one of all accounts and regions: {GUIDE} has the command.")
        return
    running = [one for one in wide if cloudtrail.get_trail_status(Name=one["TrailARN"])["IsLogging"]]
    if running:
        yield fine(f"The trail {running[0]['Name']} logs every account in every region.")
    else:
        yield missing(f"The trail {wide[0]['Name']} is stopped.", "Start its logging again (CloudTrail, Trails).")


def log_bucket(sight: Sight) -> Iterator[Seen]:
    """It is in the log archive, takes what Config brings, and keeps nothing from being written by default."""
    name = str(sight.company.landing_zone.log_bucket)
    s3 = sight.inside(sight.deployment.log_archive_account, "s3")
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    except AwsMissing as error:
        yield _absent(name, bucket_is_there=error.aws_code == "NoSuchBucketPolicy")
        return
    if not any(_lets_config_write(statement) for statement in policy["Statement"]):
        then = f"Let {CONFIG} call {WRITE} on it: {GUIDE} has the policy."
        yield missing(f"The policy of the bucket {name} does not let Config write.", then)
    elif _locked_by_default(s3.get_object_lock_configuration, name):
        then = "Take the default retention off; Config delivers to no bucket that has one."
        yield missing(f"Object Lock keeps everything in the bucket {name} by default.", then)
    else:
        yield fine(f"The bucket {name} lets Config write.")


def _absent(name: str, *, bucket_is_there: bool) -> Seen:
    if bucket_is_there:
        return missing(f"The bucket {name} has no policy, so Config cannot write.", f"{GUIDE} has one.")
    then = f"Make it ({GUIDE} has the commands), or mend landing_zone.log_bucket in the company file."
    return missing(f"The log archive has no bucket {name}.", then)


def _lets_config_write(statement: Mapping[str, Any]) -> bool:
    """Whether a statement is one that Config could write by, if its conditions hold."""
    principal = statement.get("Principal", {})
    services = _many(principal.get("Service", ())) if isinstance(principal, Mapping) else ()
    actions = _many(statement.get("Action", ()))
    return statement["Effect"] == "Allow" and CONFIG in services and bool({WRITE, "s3:*", "*"} & set(actions))


def _many(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _locked_by_default(ask: Any, name: str) -> bool:
    """Raises AwsFailed."""
    try:
        found = ask(Bucket=name)["ObjectLockConfiguration"]
    except AwsMissing:
        return False
    return "DefaultRetention" in found.get("Rule", {})
