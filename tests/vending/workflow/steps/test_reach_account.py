import pytest

from infra.local.faults.fault import RoleNotSpread
from tests.vending.ground import Ground
from vending.workflow.step import Done, Pending
from vending.workflow.steps.reach_account import STEP


@pytest.fixture
def endpoint(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """The clients of a member account are made anew: they find the cloud by the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ground.cloud.url)
    return ground


def test_the_platform_s_role_answers_from_inside(endpoint: Ground) -> None:
    record = endpoint.make_account(endpoint.creating())

    done = endpoint.run(STEP, record)

    assert isinstance(done, Done)
    assert f":{record.account_id}:assumed-role/OrganizationAccountAccessRole/" in done.detail


def test_a_role_that_is_not_spread_yet_is_waited_for(endpoint: Ground) -> None:
    record = endpoint.make_account(endpoint.creating())
    endpoint.spoil(RoleNotSpread(kind="role_not_spread", aws_seconds=7200))

    waiting = endpoint.run(STEP, record)
    endpoint.cloud.clock.advance(7200)
    done = endpoint.run(STEP, record)

    assert isinstance(waiting, Pending)
    assert "AccessDenied" in waiting.detail
    assert isinstance(done, Done)
