import pytest

from guardrails.catalog.plat_roles import build
from guardrails.evaluator import Denied, parse_policy
from guardrails.guardrail import Call
from guardrails.principals import ACCOUNT, PLATFORM_ROLES, ROLE_ACTIONS, TEAM_ADMIN
from guardrails.trial import decide, document_of
from tests.guardrails.ground import acme

POLICY = parse_policy(document_of(build(acme())))


@pytest.mark.parametrize("action", ROLE_ACTIONS)
@pytest.mark.parametrize(
    "role",
    [
        "OrganizationAccountAccessRole",
        "AWSControlTowerExecution",
        "stacksets-exec-x",
        "stacksets-exec-x/nested",
        "freehold/break-glass",
        "freehold/deep/er",
        "aws-controltower-ConfigRecorderRole",
    ],
)
def test_a_team_can_neither_make_nor_change_nor_borrow_an_exempt_role(action: str, role: str) -> None:
    call = Call("a team takes it", TEAM_ADMIN, action, f"arn:aws:iam::{ACCOUNT}:role/{role}")

    assert isinstance(decide(call, [POLICY]), Denied)


def test_every_exempt_pattern_is_a_role_by_its_full_path() -> None:
    for pattern in PLATFORM_ROLES:
        assert pattern.startswith("arn:*:iam::*:role/")
        assert not pattern.removeprefix("arn:*:iam::*:role/").startswith("*")
