import pytest

from vending.core.costs import Habits, Holdings, bill


def test_every_position_is_its_arithmetic_times_its_price() -> None:
    lines = {line.title: line for line in bill(50).own}

    looks = lines["The collector's looks"]
    assert looks.arithmetic == "8,640 looks x 3 s x 2.9375 GB"
    assert looks.usd == pytest.approx(8_640 * 3 * 2.9375 * 0.0000133334)
    assert lines["Invocations"].usd == pytest.approx((43_200 + 8_640 + 30) * 0.20 / 1_000_000)


def test_what_stands_there_costs_the_same_whoever_uses_it_and_the_rest_grows_with_the_accounts() -> None:
    small, big = bill(50), bill(1_000)

    standing = [[line.usd for line in each.own if "in the stacks" in line.arithmetic] for each in (small, big)]
    assert standing[0] == standing[1]
    assert small.own_usd < big.own_usd < 20 * small.own_usd
    assert big.config_usd == pytest.approx(20 * small.config_usd)


def test_the_sum_is_the_sum_of_the_positions() -> None:
    month = bill(50, Holdings(keys=0), Habits(people_per_account=0))

    assert month.own_usd == pytest.approx(sum(line.usd for line in month.own))
    assert bill(50).own_usd - month.own_usd == pytest.approx(
        sum(line.usd for line in bill(50).own if line.title.startswith(("Customer", "Signing", "Pages", "Making")))
    )
