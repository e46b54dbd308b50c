"""The dispatcher's role."""

from infra.stacks.names import Names
from infra.stacks.rights.organization import lookout
from infra.stacks.rights.right import Right
from infra.stacks.rights.state import broken, callbacks, emails, items, lists, start


def dispatcher_rights(names: Names) -> tuple[Right, ...]:
    """The scheduled function: reads the open requests, starts and wakes executions, and delivers notices."""
    return (
        start(names),
        broken(names),
        callbacks(names, "vending.requests.dispatcher"),
        items(names, "vending.core.table, for requests, notices and the log", "dynamodb:Query"),
        lists(names, ("open", "turn"), "vending.requests.record.Records, vending.notices.book"),
        lookout(names),
        emails(names),
    )
