from collections.abc import Callable
from typing import Any

import pytest

from guardrails.enforcement.drift import DriftKind
from guardrails.enforcement.organizations import Organizations
from guardrails.guardrail import Guardrail
from guardrails.service import GateClosed, Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import (
    OneTeam,
    account,
    acme,
    attach,
    attached,
    deny,
    documents,
    find_policy,
    first_ten,
    make_account,
    policy,
    small_pack,
    unit_id,
)
from vending.core.aws import Aws
from vending.core.errors import AwsUnanswered, NotFound

WRITES = ("create", "attach", "detach", "delete")


def test_applying_attaches_every_document_and_then_nothing_is_left_to_do(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    done = guardrails.apply()

    assert len(done.plan.steps) == 2 * len(documents())
    for document in documents():
        unit = unit_id(easy_cloud, acme().ou_classes[document.ou_class])
        assert document.name in attached(easy_cloud, unit, document.kind.aws_type)
    assert guardrails.plan().plan.steps == ()
    assert guardrails.drift() == ()


def test_a_plan_tells_whose_calls_change(guardrails: Guardrails) -> None:
    flips = guardrails.plan().flips

    leaving = [f for f in flips if f.ou == "Sandbox" and f.action == "organizations:LeaveOrganization"]
    assert {(f.before, f.after) for f in leaving} == {("allow", "deny")}
    assert not any(f.ou == "Security" for f in flips)


def test_a_tampered_policy_is_found_and_repaired(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    sandbox = next(document for document in documents() if document.ou_class == "sandbox")
    easy_cloud.client("organizations").update_policy(
        PolicyId=find_policy(easy_cloud, sandbox.name), Content=policy(deny("Weak", "polly:*"))
    )

    kinds = {drift.kind for drift in guardrails.drift()}
    guardrails.apply()

    assert kinds == {DriftKind.TAMPERED, DriftKind.MISSING}
    assert guardrails.drift() == ()
    assert f"{sandbox.name}.2" in attached(easy_cloud, unit_id(easy_cloud, "Sandbox"))


def test_a_foreign_policy_is_told_and_left_alone(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    attach(easy_cloud, unit_id(easy_cloud, "Dev"), "their-scp", policy(deny("Theirs", "polly:*")))

    [foreign] = guardrails.drift()
    guardrails.apply()

    assert (foreign.kind, foreign.policy, foreign.target_name) == (DriftKind.FOREIGN, "their-scp", "Dev")
    assert "their-scp" in attached(easy_cloud, unit_id(easy_cloud, "Dev"))


def test_a_lockout_stops_applying_before_the_first_write(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    attach(easy_cloud, unit_id(easy_cloud, "Dev"), "their-scp", policy(deny("Theirs", "iam:*")))

    with pytest.raises(GateClosed, match=r"role/freehold/break-glass .* denied by statement Theirs of their-scp"):
        guardrails.apply()

    assert not any(name.startswith("freehold") for name in attached(easy_cloud, unit_id(easy_cloud, "Sandbox")))


class FirstTen(Guardrails):
    """One document a class, so that there are fewer writes to be interrupted after."""

    @property
    def catalogue(self) -> tuple[Guardrail, ...]:
        return first_ten()


class Interrupted(Organizations):
    """Dies after so many writes, each of which took place."""

    left = 0

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name not in WRITES:
            return method

        def write(*arguments: Any) -> Any:
            answer = method(*arguments)
            if self.left == 0:
                raise AwsUnanswered("The line went dead.")
            self.left -= 1
            return answer

        return write


def test_interrupted_after_every_single_write_it_comes_to_the_same_end(
    easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]
) -> None:
    for tampered in (False, True):
        if tampered:
            name = next(n for n in attached(easy_cloud, unit_id(easy_cloud, "Prod")) if n.startswith("freehold"))
            easy_cloud.client("organizations").update_policy(
                PolicyId=find_policy(easy_cloud, name), Content=policy(deny("Weak", "polly:*"))
            )
        for _ in range(4 * len(small_pack())):
            dying = FirstTen(aws, acme(), easy_cloud.clock, OneTeam(easy_cloud), pause)
            dying._organizations = Interrupted(aws, pause)
            if not dying.plan().plan.steps:
                break
            with pytest.raises(AwsUnanswered):
                dying.apply()

        assert dying.plan().plan.steps == ()
        assert dying.drift() == ()


def test_why_reads_what_really_hangs_on_the_accounts_path(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    made = make_account(easy_cloud, "Sandbox")
    role = f"arn:aws:sts::{made}:assumed-role/payments-admin/ada"

    denied = guardrails.why(made, role, "organizations:LeaveOrganization", "*", {})
    allowed = guardrails.why(made, role, "s3:ListAllMyBuckets", "*", {"aws:RequestedRegion": "eu-west-1"})

    assert (denied.decision, denied.place, denied.guardrail) == ("deny", "Sandbox", "org.leave")
    assert allowed.decision == "allow"


def test_why_takes_a_call_to_be_in_the_region_of_its_resource_or_at_home(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    guardrails.apply()
    made = make_account(easy_cloud, "Sandbox")
    role = f"arn:aws:iam::{made}:role/payments-admin"

    def decision(action: str, resource: str, **context: str) -> str:
        return guardrails.why(made, role, action, resource, context).decision

    assert decision("s3:GetObject", "arn:aws:s3:::ledger/k") == "allow"
    assert decision("sqs:SendMessage", f"arn:aws:sqs:eu-central-1:{made}:q") == "allow"
    assert decision("sqs:SendMessage", f"arn:aws:sqs:eu-west-3:{made}:q") == "deny"
    assert decision("s3:GetObject", "arn:aws:s3:::ledger/k", **{"aws:SecureTransport": "false"}) == "deny"


def test_why_of_an_unknown_account_is_not_found(guardrails: Guardrails) -> None:
    with pytest.raises(NotFound):
        guardrails.why("999999999999", "arn:aws:iam::999999999999:root", "s3:ListAllMyBuckets", "*", {})


def test_an_account_is_held_by_the_guardrails_of_its_ou(guardrails: Guardrails) -> None:
    assert [g.id for g in guardrails.holding(account(ou="Quarantine"))] == ["acct.quarantine"]
    assert "org.leave" in [g.id for g in guardrails.holding(account(ou="Sandbox"))]
    assert guardrails.holding(account(ou="Security")) == ()
