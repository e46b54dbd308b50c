"""Give the account its monthly budget, with alerts to the team.

The budget lives in the management account and is filtered by the linked account, so that the team cannot remove it.
"""

from typing import Any

from vending.core.errors import AwsMissing
from vending.ports import Holds, Reading
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step

PROMISE = "budget"
ALERTS = (("ACTUAL", 80.0), ("FORECASTED", 100.0))
"""Kind of spend and percentage of the budget at which the team is written to."""


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the budget has the amount asked for."""
    wanted = _budget(record)
    management = _management_account(services)
    budgets = services.aws.client("budgets")
    found = _find(services, management, record)
    if found is None:
        budgets.create_budget(
            AccountId=management, Budget=wanted, NotificationsWithSubscribers=_alerts(services, record)
        )
    elif _amount(found) != record.asked.monthly_budget_usd:
        budgets.update_budget(AccountId=management, NewBudget=wanted)
    alerts = ", ".join(f"{percent:.0f} % {kind.lower()}" for kind, percent in ALERTS)
    return Done(f"{record.asked.monthly_budget_usd} USD a month, alerts at {alerts}")


def read(services: Services, record: Record) -> Reading:
    """What AWS says the account's budget is."""
    expected = f"{record.asked.monthly_budget_usd} USD a month"
    found = _find(services, _management_account(services), record)
    said = f"{_amount(found)} USD a month" if found else "no budget"
    holds = Holds.YES if said == expected else Holds.NO
    return Reading(PROMISE, holds, expected, said, services.clock.now())


def _find(services: Services, management: str, record: Record) -> dict[str, Any] | None:
    try:
        answer = services.aws.client("budgets").describe_budget(AccountId=management, BudgetName=_name(record))
    except AwsMissing:
        return None
    found: dict[str, Any] = answer["Budget"]
    return found


def _budget(record: Record) -> dict[str, Any]:
    return {
        "BudgetName": _name(record),
        "BudgetLimit": {"Amount": str(record.asked.monthly_budget_usd), "Unit": "USD"},
        "CostFilters": {"LinkedAccount": [record.account_id]},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }


def _alerts(services: Services, record: Record) -> list[dict[str, Any]]:
    email = services.company.teams[record.asked.team].email
    return [
        {
            "Notification": {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": email}],
        }
        for kind, threshold in ALERTS
    ]


def _name(record: Record) -> str:
    return f"freehold-{record.account_id}"


def _amount(budget: dict[str, Any]) -> int:
    return round(float(budget["BudgetLimit"]["Amount"]))


def _management_account(services: Services) -> str:
    about = services.organizations.describe_organization()["Organization"]
    return str(about["MasterAccountId"])


STEP = Step(
    name="set-budget",
    title="Set the budget",
    state=State.BASELINING,
    calls=("budgets:CreateBudget", "budgets:UpdateBudget"),
    seconds=3,
    run=run,
)
