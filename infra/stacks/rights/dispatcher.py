"""The dispatcher's role."""

from infra.stacks.names import Names
from infra.stacks.rights.right import Right
from infra.stacks.rights.state import callbacks, emails, items, lists, start


def dispatcher_rights(names: Names) -> tuple[Right, ...]:
    """The scheduled function: reads the open requests, starts and wakes executions, and delivers notices."""
    return (
        start(names),
        callbacks(names, "vending.requests.dispatcher"),
        items(names, "vending.core.table, for requests, notices and the log", "dynamodb:Query"),
        lists(names, ("open",), "vending.requests.record.Records.open, vending.notices.book"),
        emails(names),
    )
