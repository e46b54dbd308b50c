"""The workflow's role."""

from infra.stacks.names import Names
from infra.stacks.rights.deployment import watch_rights
from infra.stacks.rights.furnishing import assignment, budget, contacts, member
from infra.stacks.rights.organization import creation, enrolment, move, one_account, quarantine, units
from infra.stacks.rights.right import Right
from infra.stacks.rights.state import callbacks, checkpoints, items, signing


def workflow_rights(names: Names) -> tuple[Right, ...]:
    """The durable function: makes accounts, furnishes them, reads them back."""
    return (
        checkpoints(names),
        callbacks(names, "vending.workflow.vend, when a request moved on before it slept"),
        items(names, "vending.core.table, for requests, accounts and the log"),
        *creation(),
        *units(names, "vending.core.organization"),
        *one_account(names, "vending.workflow.steps"),
        move(names),
        *quarantine(names, "guardrails.baseline, to isolate and release an account"),
        *enrolment(names),
        *watch_rights(names),
        *budget(names),
        *assignment(),
        *contacts(names, write=True),
        member(names, "vending.workflow.steps.reach_account, guardrails.baseline"),
        signing(names),
    )
