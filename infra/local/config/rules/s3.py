"""Managed rules about S3 buckets and the account's public access block."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.s3.models import FakeBucket

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, Compliance, ManagedRule, Setting, Trigger, Verdict, judge, judge_account
from infra.local.s3.publicness import (
    Access,
    Block,
    account_block,
    acl_opens,
    bucket_block,
    effective_block,
    is_everybody,
    ownership,
    policy_opens,
    statements,
    values,
)

BUCKET = "AWS::S3::Bucket"
ACCOUNT_SWITCHES = {
    "BlockPublicAcls": "public_acls",
    "IgnorePublicAcls": "ignore_acls",
    "BlockPublicPolicy": "public_policy",
    "RestrictPublicBuckets": "restrict_buckets",
}


def judge_bucket_blocks(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Each bucket has its own four switches on, or is among the excluded ones."""
    excluded = setting.listed("excludedPublicBuckets")
    for bucket in place.buckets:
        fine = bucket.name in excluded or bucket_block(bucket).complete
        yield judge(BUCKET, bucket.name, fine, "Bucket level public access block settings are not all enabled.")


def judge_account_blocks(place: Place, setting: Setting) -> Iterable[Verdict]:
    """The account has the four switches as the parameters want them; unset, all four on."""
    block = account_block(place.account_id, place.region)
    off = [name for name in ACCOUNT_SWITCHES if not _is_as_wanted(block, name, setting)]
    return judge_account(place, not off, f"Account level settings not as required: {', '.join(off)}.")


def judge_public_read(place: Place, _: Setting) -> Iterator[Verdict]:
    """No bucket is readable by everybody, by policy or by ACL, unless the switches take it back."""
    return (_judge_openness(bucket, Access.READ, "read") for bucket in place.buckets)


def judge_public_write(place: Place, _: Setting) -> Iterator[Verdict]:
    """No bucket is writable by everybody, by policy or by ACL, unless the switches take it back."""
    return (_judge_openness(bucket, Access.WRITE, "write") for bucket in place.buckets)


def judge_transport(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each bucket's policy denies every request that does not come over TLS."""
    for bucket in place.buckets:
        fine = any(_denies_plain_http(statement) for statement in statements(bucket.policy))
        yield judge(BUCKET, bucket.name, fine, "The bucket policy does not deny requests without SSL.")


def judge_acl(place: Place, _: Setting) -> Iterator[Verdict]:
    """Access control lists are switched off by the ownership setting, or grant nothing beyond the owner."""
    for bucket in place.buckets:
        fine = ownership(bucket) == "BucketOwnerEnforced" or not _grants_others(bucket)
        yield judge(BUCKET, bucket.name, fine, "An access control list allows user permissions.")


def judge_versioning(place: Place, _: Setting) -> Iterator[Verdict]:
    """Versioning is on."""
    for bucket in place.buckets:
        yield judge(BUCKET, bucket.name, bucket.is_versioned, "Versioning is not enabled.")


def judge_encryption(place: Place, _: Setting) -> Iterator[Verdict]:
    """Default encryption: every bucket has had SSE-S3 at least since January 2023.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    """
    return (Verdict(BUCKET, bucket.name, Compliance.COMPLIANT) for bucket in place.buckets)


def judge_logging(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Server access logs go somewhere, to the wanted bucket and prefix where they are given."""
    wanted = {"TargetBucket": "targetBucket", "TargetPrefix": "targetPrefix"}
    for bucket in place.buckets:
        fine = bool(bucket.logging) and all(
            setting.parameters.get(name, "") in ("", bucket.logging.get(key)) for key, name in wanted.items()
        )
        yield judge(BUCKET, bucket.name, fine, "Server access logging is not enabled as required.")


def _is_as_wanted(block: Block, name: str, setting: Setting) -> bool:
    wanted = setting.parameters.get(name, "True").lower() != "false"
    return getattr(block, ACCOUNT_SWITCHES[name]) is wanted


def _judge_openness(bucket: FakeBucket, access: Access, word: str) -> Verdict:
    block = effective_block(bucket)
    by_policy = not block.restrict_buckets and access in policy_opens(bucket.policy)
    by_acl = not block.ignore_acls and access in acl_opens(bucket)
    source = "bucket policy" if by_policy else "bucket ACL"
    reason = f"The S3 {source} allows public {word} access."
    return judge(BUCKET, bucket.name, not (by_policy or by_acl), reason)


def _denies_plain_http(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition") or {}
    plain = any(
        operator.lower() in ("bool", "boolifexists") and _is_false(keys) for operator, keys in condition.items()
    )
    actions = {str(action).lower() for action in values(statement.get("Action", []))}
    return statement.get("Effect") == "Deny" and is_everybody(statement) and plain and bool(actions & {"s3:*", "*"})


def _is_false(keys: Mapping[str, Any]) -> bool:
    return any(
        key.lower() == "aws:securetransport" and "false" in {str(one).lower() for one in values(value)}
        for key, value in keys.items()
    )


def _grants_others(bucket: FakeBucket) -> bool:
    grants = bucket.acl.grants if bucket.acl else []
    grantees = [grantee for grant in grants for grantee in grant.grantees]
    return len(grants) > 1 or any(grantee.uri for grantee in grantees)


RULES = (
    ManagedRule("S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", (BUCKET,), Trigger.CHANGE, judge_bucket_blocks),
    ManagedRule(
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
        (ACCOUNT,),
        Trigger.PERIODIC,
        judge_account_blocks,
    ),
    ManagedRule("S3_BUCKET_PUBLIC_READ_PROHIBITED", (BUCKET,), Trigger.BOTH, judge_public_read),
    ManagedRule("S3_BUCKET_PUBLIC_WRITE_PROHIBITED", (BUCKET,), Trigger.BOTH, judge_public_write),
    ManagedRule("S3_BUCKET_SSL_REQUESTS_ONLY", (BUCKET,), Trigger.CHANGE, judge_transport),
    ManagedRule("S3_BUCKET_ACL_PROHIBITED", (BUCKET,), Trigger.CHANGE, judge_acl),
    ManagedRule("S3_BUCKET_VERSIONING_ENABLED", (BUCKET,), Trigger.CHANGE, judge_versioning),
    ManagedRule("S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED", (BUCKET,), Trigger.CHANGE, judge_encryption),
    ManagedRule("S3_BUCKET_LOGGING_ENABLED", (BUCKET,), Trigger.CHANGE, judge_logging),
)
