from infra.runtime.lambdas import guardrails
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.table import Table


def test_a_plan_is_shown_applied_and_then_empty(cloud: Cloud, table: Table) -> None:
    cloud.limits.enforced = False
    guardrails.guardrails.cache_clear()

    planned = guardrails.handler({"do": "plan"}, CONTEXT)
    applied = guardrails.handler({"do": "apply"}, CONTEXT)

    assert planned == applied
    assert planned["steps"]
    assert guardrails.handler({"do": "plan"}, CONTEXT) == {"steps": []}
    assert guardrails.handler({"do": "drift"}, CONTEXT) == {"items": []}
