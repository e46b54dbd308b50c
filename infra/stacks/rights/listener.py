"""The listener's role."""

from infra.stacks.names import Names
from infra.stacks.rights.organization import attachments, landing_zone_reads, tree
from infra.stacks.rights.right import MADE_LATER, NAMED_LATER, Right
from infra.stacks.rights.state import items, lists

STORE = "audit.ledger.store"


def listener_rights(names: Names) -> tuple[Right, ...]:
    """What happened between two runs: taken from the queue, looked up where need be, and written into the ledger."""
    bucket = f"arn:aws:s3:::{names.bucket}"
    return (
        Right(
            ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
            (names.events_queue,),
            "Lambda, which hands the queue's messages to the function",
        ),
        Right(("dynamodb:GetItem",), (items(names, "").resources[0],), "vending.lifecycle.accounts"),
        lists(names, ("all",), "vending.lifecycle.accounts"),
        *tree(names, "vending.lifecycle.accounts, audit.events"),
        Right(
            ("organizations:DescribeAccount",),
            (names.organizations("account"),),
            "vending.core.organization",
            MADE_LATER,
        ),
        Right(
            ("organizations:ListParents",),
            (names.organizations("account"), names.organizations("ou")),
            "vending.core.organization",
            MADE_LATER,
        ),
        Right(
            ("organizations:DescribeOrganizationalUnit",),
            (names.organizations("ou"),),
            "vending.core.organization, audit.sources.control_tower",
            MADE_LATER,
        ),
        *attachments(names, "audit.sources.policies"),
        *landing_zone_reads(names),
        Right(("s3:ListBucket",), (bucket,), STORE),
        Right(("s3:GetObject", "s3:PutObject"), (f"{bucket}/*",), STORE, NAMED_LATER),
    )
