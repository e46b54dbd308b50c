from typing import Any

from tests.vending.ground import Ground
from vending.ports import Holds
from vending.requests.record import Record
from vending.workflow.step import Done
from vending.workflow.steps.set_budget import STEP, read

MANAGEMENT = "123456789012"


def budget_of(ground: Ground, record: Record) -> dict[str, Any]:
    """The budget as AWS has it."""
    name = f"freehold-{record.account_id}"
    found = ground.cloud.client("budgets", "us-east-1").describe_budget(AccountId=MANAGEMENT, BudgetName=name)
    return dict(found["Budget"])


def test_the_budget_is_the_one_asked_for_and_filters_by_the_account(ground: Ground) -> None:
    record = ground.make_account(ground.creating(monthly_budget_usd=250))

    done = ground.run(STEP, record)

    budget = budget_of(ground, record)
    assert isinstance(done, Done)
    assert float(budget["BudgetLimit"]["Amount"]) == 250
    assert budget["CostFilters"] == {"LinkedAccount": [record.account_id]}


def test_a_second_look_makes_no_second_budget(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    outcomes = [ground.run(STEP, record) for _ in range(2)]

    assert outcomes[0] == outcomes[1]
    assert len(ground.cloud.client("budgets", "us-east-1").describe_budgets(AccountId=MANAGEMENT)["Budgets"]) == 1


def test_what_was_read_back_says_whether_it_holds(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    before = read(ground.services, record)
    ground.run(STEP, record)
    after = read(ground.services, record)

    assert (before.holds, before.found) == (Holds.NO, "no budget")
    assert (after.holds, after.found) == (Holds.YES, "100 USD a month")


def test_a_budget_over_another_amount_does_not_hold(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.run(STEP, record)

    edited = ground.at(record.id, asked=record.asked.model_copy(update={"monthly_budget_usd": 200}))

    assert read(ground.services, edited).holds is Holds.NO
