"""The portal's role."""

from guardrails.enforcement.organizations import TAG
from infra.stacks.names import Names
from infra.stacks.rights.deployment import control_rights, pack_rights
from infra.stacks.rights.furnishing import assignment_reads, contacts, member, view_budget
from infra.stacks.rights.organization import organization_reads, outlook, policies, policy_writes
from infra.stacks.rights.right import MADE_LATER, Right
from infra.stacks.rights.state import callbacks, items, ledger, lists, signing, start
from vending.core.table import INDEXES


def portal_rights(names: Names, secret: str) -> tuple[Right, ...]:
    """The portal and the API: what people ask for, decide, read and verify; and applying the guardrails."""
    reader = "vending.lifecycle.accounts, guardrails.service"
    return (
        start(names),
        callbacks(names, "vending.requests.desk"),
        items(names, "vending.requests.desk, vending.lifecycle.accounts", "dynamodb:DeleteItem", "dynamodb:Query"),
        lists(names, INDEXES, "vending.requests.desk, vending.lifecycle.accounts"),
        *organization_reads(names, reader),
        *outlook(names),
        Right(
            ("organizations:ListAccountsForParent",),
            (names.organizations("ou"), names.organizations("root")),
            "vending.core.organization.read_organization",
            MADE_LATER,
        ),
        Right(
            ("organizations:ListTargetsForPolicy",),
            policies(names),
            "guardrails.enforcement.live.read_live",
            MADE_LATER,
        ),
        Right(
            ("organizations:EnablePolicyType",),
            (names.organizations("root"),),
            "guardrails.enforcement.application",
            MADE_LATER,
        ),
        *policy_writes(names, "guardrails.enforcement.application"),
        Right(
            ("organizations:DeletePolicy",),
            policies(names),
            "guardrails.enforcement.application",
            MADE_LATER,
            {"Null": {f"aws:ResourceTag/{TAG}": "false"}},
        ),
        *control_rights(names),
        *pack_rights(names),
        view_budget(names),
        *assignment_reads(),
        *contacts(names, write=False),
        member(names, "vending.lifecycle.accounts.Accounts.verify"),
        signing(names),
        *ledger(names),
        Right(("secretsmanager:GetSecretValue",), (secret,), "infra.runtime.lambdas.portal"),
    )
