"""The portal's role."""

from infra.stacks.names import Names
from infra.stacks.rights.deployment import control_rights, pack_rights, pack_states
from infra.stacks.rights.furnishing import assignment_reads, contacts, member, view_budget
from infra.stacks.rights.organization import enforcement, isolation_reads, one_account, outlook, tree
from infra.stacks.rights.right import Right
from infra.stacks.rights.state import callbacks, evidence, items, ledger, lists, signing, start


def portal_rights(names: Names) -> tuple[Right, ...]:
    """The portal and the API: what people ask for, decide, read and verify; and applying the guardrails."""
    return (
        start(names),
        callbacks(names, "vending.requests.desk"),
        items(names, "vending.requests.desk, vending.lifecycle.accounts", "dynamodb:DeleteItem", "dynamodb:Query"),
        lists(names, ("all", "team", "open", "state"), "vending.requests.desk, vending.lifecycle.accounts"),
        *tree(names, "vending.core.organization"),
        *outlook(names),
        *one_account(names, "vending.lifecycle.accounts"),
        *isolation_reads(names, "guardrails.service.why, guardrails.baseline"),
        *enforcement(names),
        *control_rights(names),
        *pack_rights(names),
        *pack_states(names),
        view_budget(names),
        *assignment_reads(),
        *contacts(names, write=False),
        member(names, "vending.lifecycle.accounts.Accounts.verify"),
        signing(names),
        *ledger(names),
        *evidence(names, "s3:GetObject"),
        Right(
            ("secretsmanager:GetSecretValue",),
            (f"arn:aws:secretsmanager:{names.region}:{names.account}:secret:{names.session_key}-??????",),
            "infra.runtime.lambdas.portal",
            "Secrets Manager ends an ARN with six characters that it draws",
        ),
    )
