from datetime import UTC, datetime, timedelta

import pytest

from infra.local.limits import Bucket, Limits, read_limits

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_every_limit_says_where_it_was_read_and_when() -> None:
    limits = read_limits()

    assert limits
    assert all(limit.source.startswith("https://docs.aws.amazon.com/") for limit in limits.values())
    assert all(limit.unit for limit in limits.values())


def test_a_bucket_gives_its_burst_and_then_fills_at_its_rate() -> None:
    bucket = Bucket(rate=0.1, burst=3, now=NOON)

    at_once = [bucket.take(NOON) for _ in range(4)]
    after_nine, after_ten = (bucket.take(NOON + timedelta(seconds=s)) for s in (9, 10))

    assert at_once == [True, True, True, False]
    assert (after_nine, after_ten) == (False, True)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = Bucket(rate=1, burst=2, now=NOON)
    later = NOON + timedelta(days=1)

    assert [bucket.take(later) for _ in range(3)] == [True, True, False]


def test_each_account_has_a_bucket_of_its_own() -> None:
    limits = Limits(read_limits())

    first = [limits.take("organizations.CloseAccount", "111111111111", NOON) for _ in range(2)]
    second = limits.take("organizations.CloseAccount", "222222222222", NOON)

    assert first == [True, False]
    assert second


def test_a_changed_limit_holds_until_the_reset() -> None:
    limits = Limits(read_limits())

    limits.change("organizations.accounts", 500)
    changed = limits.count("organizations.accounts")
    limits.reset()

    assert (changed, limits.count("organizations.accounts")) == (500, 10)


def test_a_limit_nobody_wrote_down_is_an_error() -> None:
    limits = Limits(read_limits())

    with pytest.raises(KeyError):
        limits.change("organizations.accuonts", 500)
    with pytest.raises(KeyError):
        limits.value("organizations.accuonts")


def test_limits_can_be_turned_off() -> None:
    limits = Limits(read_limits())

    limits.enforced = False

    assert not limits.exceeded("organizations.accounts", 1_000_000)
    assert all(limits.take("organizations.CloseAccount", "111111111111", NOON) for _ in range(50))
