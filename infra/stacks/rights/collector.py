"""The collector's role."""

from infra.stacks.names import Names
from infra.stacks.rights.furnishing import contacts, member
from infra.stacks.rights.organization import attachments, catalogue_reads, landing_zone_reads, tree
from infra.stacks.rights.right import MADE_LATER, NAMED_LATER, NO_RESOURCE, Right
from infra.stacks.rights.state import evidence, items, lists, signing

STORE = "audit.ledger.store"


def collector_rights(names: Names) -> tuple[Right, ...]:
    """The audit: reads the organisation and its accounts, Config and Control Tower, and writes ledger and evidence."""
    return (
        items(names, "audit.watch, audit.waivers.book, vending.notices.book", "dynamodb:Query"),
        lists(names, ("all",), "vending.lifecycle.accounts, audit.waivers.book"),
        *tree(names, "vending.lifecycle.accounts, audit.collector"),
        *attachments(names, "audit.sources.policies"),
        *_control_tower(names),
        catalogue_reads(),
        *_config(names),
        member(names, "audit.sources.baseline, audit.sources.packs, audit.sources.rule_intent"),
        *contacts(names, write=False),
        *_files(names),
        *evidence(names, "s3:GetObject", "s3:PutObject"),
        signing(names),
        *_telling(names),
    )


def _control_tower(names: Names) -> tuple[Right, ...]:
    """What is enabled where, and what its OU is called."""
    unit, caller = "organizations:DescribeOrganizationalUnit", "audit.sources.control_tower"
    called = (Right((unit,), (names.organizations("ou"),), caller, MADE_LATER),) if names.control_tower else ()
    return (*called, *landing_zone_reads(names))


def _config(names: Names) -> tuple[Right, ...]:
    """The organisation's aggregator, rules and packs."""
    caller = "audit.sources.aggregator, audit.sources.packs"
    return (
        Right(
            (
                "config:DescribeConfigurationAggregators",
                "config:DescribeOrganizationConfigRules",
                "config:DescribeOrganizationConformancePacks",
            ),
            ("*",),
            caller,
            NO_RESOURCE,
        ),
        Right(
            (
                "config:BatchGetAggregateResourceConfig",
                "config:DescribeAggregateComplianceByConfigRules",
                "config:DescribeAggregateComplianceByConformancePacks",
                "config:DescribeConfigurationAggregatorSourcesStatus",
                "config:GetAggregateComplianceDetailsByConfigRule",
                "config:GetAggregateDiscoveredResourceCounts",
                "config:SelectAggregateResourceConfig",
            ),
            (f"arn:aws:config:{names.region}:{names.account}:config-aggregator/*",),
            caller,
            "AWS Config draws an aggregator's id",
        ),
    )


def _files(names: Names) -> tuple[Right, ...]:
    """The ledger: files that are put and read, and what is under way, which goes away when it is over."""
    bucket = f"arn:aws:s3:::{names.bucket}"
    passing = (f"{bucket}/runs-open/*", f"{bucket}/work/*")
    return (
        Right(("s3:ListBucket",), (bucket,), STORE),
        Right(("s3:DeleteObject",), passing, f"{STORE}, for what belongs to a run that has ended", NAMED_LATER),
        Right(("s3:GetObject", "s3:PutObject"), (f"{bucket}/*",), STORE, NAMED_LATER),
    )


def _telling(names: Names) -> tuple[Right, ...]:
    """What people and alarms are told of a run."""
    ours = {"StringEquals": {"cloudwatch:namespace": "Freehold"}}
    return (
        Right(("cloudwatch:PutMetricData",), ("*",), "audit.watch", NO_RESOURCE, ours),
        Right(
            ("events:PutEvents",),
            (f"arn:aws:events:{names.region}:{names.account}:event-bus/default",),
            "infra.runtime.lambdas.collector",
        ),
    )
