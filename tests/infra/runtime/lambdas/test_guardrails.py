from dataclasses import replace

import pytest

from infra.runtime.lambdas import guardrails
from infra.runtime.lambdas.environment import Environment
from infra.runtime.place import Place
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.company import Company
from vending.core.table import Table


@pytest.fixture
def waiting(cloud: Cloud, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's time passes where the function waits for it."""
    place = Environment.place

    def wait(seconds: float) -> None:
        cloud.clock.advance(seconds)

    def place_in_time(environment: Environment, company: Company) -> Place:
        return replace(place(environment, company), pause=wait)

    monkeypatch.setattr(Environment, "place", place_in_time)
    guardrails.guardrails.cache_clear()


@pytest.mark.usefixtures("waiting")
def test_a_plan_is_shown_applied_and_then_empty(cloud: Cloud) -> None:
    cloud.limits.enforced = False

    planned = guardrails.handler({"do": "plan"}, CONTEXT)
    applied = guardrails.handler({"do": "apply"}, CONTEXT)

    assert planned == applied
    assert planned["steps"]
    assert guardrails.handler({"do": "plan"}, CONTEXT) == {"steps": []}
    assert guardrails.handler({"do": "drift"}, CONTEXT) == {"items": []}


@pytest.mark.usefixtures("waiting")
def test_on_schedule_packs_follow_an_account_that_came_since(cloud: Cloud) -> None:
    cloud.limits.enforced = False
    guardrails.handler({"do": "apply"}, CONTEXT)
    make_account(cloud, "Security")

    steps = guardrails.handler({"do": "follow"}, CONTEXT)["steps"]

    assert {step["act"] for step in steps} == {"put"}
    assert guardrails.handler({"do": "follow"}, CONTEXT) == {"steps": []}
    assert guardrails.handler({"do": "plan"}, CONTEXT) == {"steps": []}
