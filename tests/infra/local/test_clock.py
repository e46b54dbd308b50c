from datetime import timedelta

import pytest

from infra.local.clock import MANUAL_ORIGIN, CloudClock, Mode, NotManual, clock_of
from vending.core.errors import BadInput


def test_a_manual_clock_stands_until_it_is_advanced() -> None:
    clock = CloudClock.manual()

    standing = clock.now()
    clock.advance(90)

    assert standing == MANUAL_ORIGIN
    assert clock.now() == MANUAL_ORIGIN + timedelta(seconds=90)


def test_a_scaled_clock_runs_so_many_times_faster_than_real_time() -> None:
    clock = CloudClock.scaled(1_000_000)

    first, second = clock.now(), clock.now()

    assert second > first > clock.aws_origin
    assert clock.describe()["mode"] == Mode.SCALED


def test_speed_one_is_real_time() -> None:
    assert CloudClock.scaled(1).mode is Mode.REAL


def test_only_a_manual_clock_is_advanced_and_only_forward() -> None:
    with pytest.raises(NotManual):
        CloudClock.scaled().advance(1)
    with pytest.raises(ValueError, match="forward"):
        CloudClock.manual().advance(-1)


def test_a_rewound_clock_is_back_at_its_origin() -> None:
    clock = CloudClock.manual()
    clock.advance(5)

    clock.rewind()

    assert clock.now() == MANUAL_ORIGIN


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_is_none_names_the_way_out(speed: float) -> None:
    with pytest.raises(BadInput) as refused:
        clock_of(speed, manual=False)

    assert "FREEHOLD_SPEED" in refused.value.remedy
