import pytest

from guardrails.compiler import PolicyKind
from guardrails.gates.lockout import ALWAYS, WHERE_TEAMS_WORK, check_lockout
from guardrails.guardrail import Call
from guardrails.trial import FULL_ACCESS_TEXT
from tests.guardrails.ground import deny, documents, policy

FULL = ("FullAWSAccess", FULL_ACCESS_TEXT)


def denied(*policies: tuple[str, str], teams_work: bool = True) -> list[str]:
    found = check_lockout([[FULL], [FULL, *policies]], [], "OU Sandbox", teams_work=teams_work)
    return [objection.sentence for _, objection in found]


def test_the_compiled_documents_lock_nobody_out() -> None:
    for document in (document for document in documents() if document.kind is PolicyKind.SCP):
        assert denied((document.name, document.content), teams_work=document.ou_class != "quarantine") == []


def test_a_resource_control_policy_can_lock_out_too() -> None:
    planted = policy(deny("Planted", "sts:*", Principal="*"))

    found = check_lockout([[FULL]], [[("their-rcp", planted)]], "OU Sandbox", teams_work=False)

    who = "role/freehold/break-glass (break-glass looks who it is)"
    assert [objection.sentence for _, objection in found] == [
        f"OU Sandbox: sts:GetCallerIdentity by {who} would be denied by statement Planted of their-rcp."
    ]


@pytest.mark.parametrize("call", ALWAYS[:-1] + WHERE_TEAMS_WORK, ids=lambda call: call.name)
def test_a_planted_denial_of_a_survival_call_is_told_with_call_role_and_statement(call: Call) -> None:
    planted = policy(deny("Planted", call.action, Condition={"ArnLike": {"aws:PrincipalArn": call.principal}}))

    sentences = denied(("somebodys-scp", planted))

    role = call.principal.rpartition(":")[2]
    wanted = f"OU Sandbox: {call.action} by {role} ({call.name}) would be denied by statement Planted of somebodys-scp."
    assert wanted in sentences


def test_identity_center_works_through_a_service_linked_role_that_no_scp_binds() -> None:
    assert not any("Identity Center" in sentence for sentence in denied(("all", policy(deny("All", "*")))))


def test_a_level_that_allows_nothing_is_a_lockout() -> None:
    [first, *_] = check_lockout([[FULL], []], [], "OU Sandbox", teams_work=False)

    assert "level 1 has no policy that allows it" in first[1].sentence


def test_quarantine_where_teams_work_is_a_lockout() -> None:
    [quarantine] = [document for document in documents() if document.ou_class == "quarantine"]

    sentences = denied((quarantine.name, quarantine.content))

    assert any("(a team signs in) would be denied by statement Quarantine" in sentence for sentence in sentences)
