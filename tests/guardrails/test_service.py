import pytest

from guardrails.baseline import AccountBaseline
from guardrails.compiler.packs import compile_pack
from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.explanation import Explanation
from guardrails.enforcement.step import DeployedKind
from guardrails.service import GateClosed, Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import (
    account,
    acme,
    attach,
    attached,
    catalogue,
    deny,
    documents,
    find_policy,
    make_account,
    policy,
    unit_id,
)
from vending.core.errors import NotFound
from vending.ports import Holds, NewAccount


def test_applying_attaches_every_document_and_then_nothing_is_left_to_do(
    easy_cloud: Cloud, guardrails: Guardrails
) -> None:
    done = guardrails.apply()

    deployed = [step for step in done.plan.steps if step.kind in list(DeployedKind)]
    assert len(done.plan.steps) - len(deployed) == 2 * len(documents())
    assert {step.policy for step in deployed if step.kind is DeployedKind.CONTROL} == {
        guardrail.control.alias for guardrail in catalogue() if guardrail.control
    }
    for region in acme().landing_zone.regions:
        config = easy_cloud.client("config", region)
        [pack] = config.describe_organization_conformance_packs()["OrganizationConformancePacks"]
        assert pack["OrganizationConformancePackName"].startswith("freehold-dev-prod-regulated-sandbox-")
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


def test_where_others_took_the_slots_ours_are_packed_into_those_that_are_left(
    easy_cloud: Cloud, guardrails: Guardrails, baseline: AccountBaseline
) -> None:
    sandbox = unit_id(easy_cloud, "Sandbox")
    for number in range(len(attached(easy_cloud, sandbox)), 8):
        attach(easy_cloud, sandbox, f"theirs-{number}", policy(deny("Theirs", "polly:DeleteLexicon")))
    made = make_account(easy_cloud, "Sandbox")

    guardrails.apply()

    ours = [name for name in attached(easy_cloud, sandbox) if name.startswith("freehold")]
    squeezed = compile_pack(catalogue(), "sandbox", PolicyKind.SCP, 2)
    assert ours == sorted(document.name for document in squeezed)
    assert guardrails.plan().plan.steps == ()
    account = NewAccount(made, "payments-lab", "payments", "sandbox")
    assert baseline.verify(account, "org.leave").holds is Holds.YES


def test_a_lockout_stops_applying_before_the_first_write(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    attach(easy_cloud, unit_id(easy_cloud, "Dev"), "their-scp", policy(deny("Theirs", "iam:*")))

    with pytest.raises(GateClosed, match=r"role/freehold/break-glass .* denied by statement Theirs of their-scp"):
        guardrails.apply()

    assert not any(name.startswith("freehold") for name in attached(easy_cloud, unit_id(easy_cloud, "Sandbox")))


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


def test_why_asks_the_rcps_alone_about_a_caller_of_another_account(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    made, other = make_account(easy_cloud, "Prod"), make_account(easy_cloud, "Prod", "other")

    def ask(account: str, action: str) -> Explanation:
        return guardrails.why(made, f"arn:aws:iam::{account}:role/theirs", action, "arn:aws:s3:::ledger/k", {})

    stranger, sibling = ask("999988887777", "s3:GetObject"), ask(other, "s3:GetObject")

    assert (stranger.decision, stranger.guardrail) == ("deny", "rcp.identity")
    assert (sibling.decision, ask(other, "organizations:LeaveOrganization").decision) == ("allow", "allow")
    assert f"the SCPs of the caller's own account {other} have a say too" in sibling.sentence


def test_why_of_an_unknown_account_is_not_found(guardrails: Guardrails) -> None:
    with pytest.raises(NotFound):
        guardrails.why("999999999999", "arn:aws:iam::999999999999:root", "s3:ListAllMyBuckets", "*", {})


def test_an_account_is_held_by_the_guardrails_of_its_ou(guardrails: Guardrails) -> None:
    assert [g.id for g in guardrails.holding(account(ou="Quarantine"))] == ["acct.quarantine"]
    assert "org.leave" in [g.id for g in guardrails.holding(account(ou="Sandbox"))]
    assert guardrails.holding(account(ou="Security")) == ()
