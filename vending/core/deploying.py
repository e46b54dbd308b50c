"""The way from an AWS organisation to a portal that answers, step by step.

The portal shows it under `/help/guides/deploy`; `freehold doctor --aws` goes through the same steps and says at each
what is still missing.
"""

from collections.abc import Mapping
from typing import Any

STEPS: Mapping[str, str] = {
    "organization": "Write the company file",
    "landing-zone": "Make the landing zone ready",
    "ous": "Make the OUs ready",
    "accounts": "Have the two accounts, and room for more",
    "settings": "Deploy what has to be in the management account",
    "people": "Let people in",
    "door": "Give the portal its name",
    "stacks": "Deploy the rest",
    "config": "See that Config records everywhere",
    "notices": "Let messages out",
    "portal": "Sign in, and ask for the first account",
}
"""Step's id -> its title, in their order."""


def number_of(step: str) -> int:
    """The place of a step in the guide, from 1."""
    return list(STEPS).index(step) + 1


TRAIL = "freehold-organization"
"""What the guide calls the organisation's trail where no Control Tower makes one: the guardrail log.trail holds it."""


def log_policy(bucket: str, organization: str, management: str, region: str) -> dict[str, Any]:
    """The policy of the bucket that the organisation's trail and every account's Config deliver to.

    Each service is bound to this organisation, as Control Tower binds it in its own bucket (its user guide, "Amazon S3
    bucket policy in the audit account"), CloudTrail to the one trail (CloudTrail user guide, "Creating a trail for an
    organization with the AWS CLI").
    """
    arn = f"arn:aws:s3:::{bucket}"
    trail = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:{region}:{management}:trail/{TRAIL}"}}
    ours = {"StringEquals": {"aws:SourceOrgID": organization}}
    logs = [f"{arn}/AWSLogs/{owner}/*" for owner in (organization, management)]
    cloudtrail, config = ({"Service": f"{name}.amazonaws.com"} for name in ("cloudtrail", "config"))
    statements: tuple[dict[str, Any], ...] = (
        {
            "Sid": "OnlyByTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        _allow("TrailLooks", cloudtrail, ["s3:GetBucketAcl"], arn, trail),
        _allow("TrailWrites", cloudtrail, ["s3:PutObject"], logs, trail),
        _allow("ConfigLooks", config, ["s3:GetBucketAcl", "s3:ListBucket"], arn, ours),
        _allow("ConfigWrites", config, ["s3:PutObject"], f"{arn}/AWSLogs/*/Config/*", ours),
    )
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(
    sid: str, who: Mapping[str, str], actions: list[str], resource: str | list[str], condition: Mapping[str, Any]
) -> dict[str, Any]:
    said = {"Sid": sid, "Effect": "Allow", "Principal": who, "Action": actions}
    return said | {"Resource": resource, "Condition": condition}
