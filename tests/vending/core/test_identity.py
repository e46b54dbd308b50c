import pytest

from vending.core.errors import NotAllowed, NotFound
from vending.core.identity import Caller, Role

ADA = Caller("ada", frozenset({Role.REQUESTER}), frozenset({"payments"}))
GRACE = Caller("grace", frozenset({Role.APPROVER}), frozenset())
OMAR = Caller("omar", frozenset({Role.OPERATOR}), frozenset())
SAM = Caller("sam", frozenset({Role.AUDITOR}), frozenset())


def test_a_requester_sees_and_asks_for_her_own_team_only() -> None:
    assert ADA.may_see("payments")
    assert ADA.may_ask_for("payments")
    assert not ADA.may_see("search")
    assert not ADA.may_see(None)
    assert not ADA.may_ask_for("search")


@pytest.mark.parametrize("caller", [GRACE, OMAR, SAM])
def test_approvers_operators_and_auditors_see_everything(caller: Caller) -> None:
    assert caller.may_see("payments")
    assert caller.may_see(None)


def test_only_approvers_decide_and_govern_only_operators_operate() -> None:
    assert [c.may_decide for c in (ADA, GRACE, OMAR, SAM)] == [False, True, False, False]
    assert [c.may_govern for c in (ADA, GRACE, OMAR, SAM)] == [False, True, False, False]
    assert [c.may_operate for c in (ADA, GRACE, OMAR, SAM)] == [False, False, True, False]


def test_what_is_not_allowed_says_who_may() -> None:
    with pytest.raises(NotAllowed) as refused:
        SAM.require(SAM.may_decide, "decide on requests", "an approver")

    assert refused.value.sentence == "sam may not decide on requests."
    assert refused.value.remedy == "Ask an approver."


def test_things_of_other_teams_seem_not_to_exist() -> None:
    with pytest.raises(NotFound):
        ADA.require_sight("search", "request req-1")
