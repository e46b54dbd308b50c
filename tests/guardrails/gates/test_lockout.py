import pytest

from guardrails.compiler import PolicyKind
from guardrails.gates.ghosts import exists
from guardrails.gates.lockout import ALWAYS, WHERE_TEAMS_WORK, check_lockout
from guardrails.guardrail import Call
from guardrails.principals import ACCOUNT
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

    denied_by = "would be denied by statement Planted of their-rcp."
    provider = "saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
    assert {
        f"OU Sandbox: sts:GetCallerIdentity by role/freehold/break-glass (break-glass looks who it is) {denied_by}",
        f"OU Sandbox: sts:AssumeRoot by role/freehold/organization (the platform takes up a root session) {denied_by}",
        f"OU Sandbox: sts:AssumeRoleWithSAML by {provider} (a person signs in) {denied_by}",
    } < {objection.sentence for _, objection in found}


FREE = {"Identity Center makes a permission set's role"}
"""What a service-linked role does: no policy of the organisation binds it."""
SURVIVAL = [call for call in ALWAYS + WHERE_TEAMS_WORK if call.name not in FREE]


@pytest.mark.parametrize("call", SURVIVAL, ids=lambda call: call.name)
def test_a_planted_denial_of_a_survival_call_is_told_with_call_role_and_statement(call: Call) -> None:
    """By an SCP, or by an RCP where the caller is none of the account's own."""
    from_outside = ACCOUNT not in call.principal or ":saml-provider/" in call.principal
    planted = deny("Planted", call.action, **({"Principal": "*"} if from_outside else {}))
    name, content = "somebodys", policy(planted)

    levels = [[FULL], [FULL]] if from_outside else [[FULL], [FULL, (name, content)]]
    rcps = [[(name, content)]] if from_outside else []
    found = check_lockout(levels, rcps, "OU Sandbox", teams_work=True)

    role = call.principal.rpartition(":")[2]
    wanted = f"OU Sandbox: {call.action} by {role} ({call.name}) would be denied by statement Planted of somebodys."
    assert wanted in {objection.sentence for _, objection in found}


def test_identity_center_works_through_a_service_linked_role_that_no_scp_binds() -> None:
    assert not any(name in sentence for name in FREE for sentence in denied(("all", policy(deny("All", "*")))))


def test_everybody_whom_a_lockout_would_hurt_is_asked_for() -> None:
    callers = {call.principal.rpartition("/")[2] for call in ALWAYS + WHERE_TEAMS_WORK}

    assert {"break-glass", "OrganizationAccountAccessRole", "AWSControlTowerExecution"} <= callers
    assert {"AWSCloudFormationStackSetExecutionRole", "AWSServiceRoleForSSO"} <= callers
    for part in ("stacksets-exec-", "AWSReservedSSO_", "-deploy-role-", "-file-publishing-role-", "-lookup-role-"):
        assert any(part in caller for caller in callers), part
    assert {"sts:AssumeRoot", "sts:AssumeRoleWithSAML"} <= {call.action for call in ALWAYS}
    assert [call.name for call in ALWAYS + WHERE_TEAMS_WORK if not exists(call.action)] == []


def test_a_level_that_allows_nothing_is_a_lockout() -> None:
    [first, *_] = check_lockout([[FULL], []], [], "OU Sandbox", teams_work=False)

    assert "level 1 has no policy that allows it" in first[1].sentence


def test_quarantine_where_teams_work_is_a_lockout() -> None:
    [quarantine] = [document for document in documents() if document.ou_class == "quarantine"]

    sentences = denied((quarantine.name, quarantine.content))

    assert any("(a team signs in) would be denied by statement Quarantine" in sentence for sentence in sentences)
