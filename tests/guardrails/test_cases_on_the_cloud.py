"""Every case of every SCP and RCP, put to the local cloud's own authorisation under what is really attached there."""

from dataclasses import replace

import pytest

from guardrails.evaluator import Denied, Grants, Kind, Policy, authorize, parse_policy
from guardrails.guardrail import QUARANTINE, Call, Guardrail, Mechanism
from guardrails.principals import ACCOUNT
from guardrails.service import Guardrails
from guardrails.trial import evaluated
from infra.local.authorize.covenants import RCP, SCP, Covenants
from infra.local.authorize.documents import Document
from tests.cloud import Cloud
from tests.guardrails.ground import acme, catalogue, make_account

EVERYTHING = parse_policy(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', Kind.IDENTITY
)
OPEN = parse_policy(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    Kind.RESOURCE,
)


@pytest.fixture
def accounts(easy_cloud: Cloud, guardrails: Guardrails) -> dict[str, str]:
    """An account of each class, under the applied guardrails."""
    made = {c: make_account(easy_cloud, ou, f"{c}-lab") for c, ou in acme().ou_classes.items()}
    guardrails.apply()
    return made


Held = dict[Kind, tuple[tuple[Policy, ...], ...]]


def held_by(account: str) -> Held:
    """The policies that really hang on the account's path, Control Tower's own left out."""
    held = Covenants.current()
    return {
        kind: tuple(
            tuple(parse_policy(d.content, kind) for d in level if not of_control_tower(d))
            for level in held.levels(account, policy_type)
        )
        for kind, policy_type in ((Kind.SCP, SCP), (Kind.RCP, RCP))
    }


def outcome(guardrail: Guardrail, case: Call, account: str, held: Held) -> str:
    """What the cloud makes of the case, moved to an account of its own; the caller's and the resource's policies
    allow everything."""
    question = evaluated(moved(case, account))
    stranger = guardrail.mechanism is Mechanism.RCP
    decision = authorize(
        replace(question, resource_account=account),
        Grants(identity=(EVERYTHING,), resource=OPEN if stranger else None, resource_decides=stranger),
        () if stranger and account not in question.principal else held[Kind.SCP],
        held[Kind.RCP],
        management_account=Covenants.current().organization.management_account_id,
    )
    return "deny" if isinstance(decision, Denied) else "allow"


def of_control_tower(document: Document) -> bool:
    """Whether Control Tower attached it: its mandatory controls bind the platform's own access role too."""
    policies = Covenants.current().organization.policies.values()
    return any(policy.arn == document.name and policy.name.startswith("aws-guardrails-") for policy in policies)


def moved(case: Call, account: str) -> Call:
    """The case in that account of the cloud."""
    return replace(
        case, principal=case.principal.replace(ACCOUNT, account), resource=case.resource.replace(ACCOUNT, account)
    )


def test_the_cloud_does_what_every_case_says(accounts: dict[str, str]) -> None:
    policies = [guardrail for guardrail in catalogue() if guardrail.statements]
    asked = [
        (guardrail, ou_class, expected, case)
        for guardrail in policies
        for ou_class in guardrail.ou_classes
        for expected, cases in (("allow", guardrail.allows), ("deny", guardrail.denies))
        for case in cases
        if isinstance(case, Call)
    ]

    held = {ou_class: held_by(account) for ou_class, account in accounts.items()}
    wrong = [
        (guardrail.id, ou_class, expected, case.name)
        for guardrail, ou_class, expected, case in asked
        if outcome(guardrail, case, accounts[ou_class], held[ou_class]) != expected
    ]

    assert wrong == []
    assert {guardrail.id for guardrail, *_ in asked} == {guardrail.id for guardrail in policies}
    assert QUARANTINE in accounts
