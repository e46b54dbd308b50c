from datetime import timedelta

from infra.local.faults.fault import Delay, DropConnection, FailLater, Fault, SubscriptionRequired, TakeLonger, Throttle
from infra.local.faults.injection import Faults
from infra.local.faults.profile import Profile


def struck(faults: Faults, call: str = "organizations.ListAccounts", times: int = 200) -> list[int]:
    return [number for number in range(times) if faults.on_the_way(call)]


def throttling(seed: int, probability: float = 0.3) -> Faults:
    return Faults(seed, Profile(about="", fault=(Throttle(kind="throttle", probability=probability),)))


def twice(fault: Fault) -> tuple[Faults, Faults]:
    """Two that draw from one seed."""
    profile = Profile(about="", fault=(fault,))
    return Faults(7, profile), Faults(7, profile)


def test_the_same_seed_strikes_the_same_calls() -> None:
    first, again, another = struck(throttling(7)), struck(throttling(7)), struck(throttling(8))

    assert first == again
    assert first != another
    assert 40 < len(first) < 80


def test_what_other_calls_do_in_between_changes_nothing() -> None:
    alone, busy = throttling(7), throttling(7)

    expected = struck(alone)
    found = []
    for number in range(200):
        busy.on_the_way("s3.GetObject")
        if busy.on_the_way("organizations.ListAccounts"):
            found.append(number)

    assert found == expected


def test_a_fault_with_a_count_strikes_so_often_and_no_more() -> None:
    faults = Faults()
    faults.add([Throttle(kind="throttle", count=2)])

    assert struck(faults) == [0, 1]
    assert faults.describe()["injected"] == 2


def test_delays_add_up_and_one_other_fault_ends_the_call() -> None:
    faults = Faults()
    slow = Delay(kind="delay", real_seconds=1)
    faults.add([slow, slow, DropConnection(kind="drop_connection"), Throttle(kind="throttle")])

    assert [fault.kind for fault in faults.on_the_way("s3.GetObject")] == ["delay", "delay", "drop_connection"]
    assert faults.describe()["by_kind"] == {"delay": 2, "drop_connection": 1}


def test_the_same_seed_prolongs_the_same_calls_by_as_much() -> None:
    call = "organizations.MoveAccount"
    tail = TakeLonger(kind="take_longer", calls=call, probability=0.5, aws_seconds=60, up_to=7200)

    first, again = ([faults.prolongs(call).total_seconds() for _ in range(100)] for faults in twice(tail))

    assert first == again
    assert 30 < sum(seconds > 0 for seconds in first) < 70
    assert all(seconds == 0 or 60 <= seconds <= 7200 for seconds in first)
    assert len(set(first)) > 30


def test_a_reset_brings_back_the_profile_and_forgets_what_was_added() -> None:
    faults = throttling(7)
    before = struck(faults)
    faults.add([FailLater(kind="fail_later")])

    faults.reset()

    assert [one["kind"] for one in faults.describe()["items"]] == ["throttle"]
    assert faults.describe()["injected"] == 0
    assert struck(faults) == before


def test_an_account_is_either_subscribed_or_not_whatever_it_calls() -> None:
    faults = Faults()
    faults.add([SubscriptionRequired(kind="subscription_required", calls="ec2.*", probability=0.5, aws_seconds=60)])
    accounts = [f"{number:012}" for number in range(40)]

    first = [faults.is_unsubscribed("ec2.DescribeVpcs", one, timedelta(seconds=1)) for one in accounts]
    again = [faults.is_unsubscribed("ec2.DescribeRegions", one, timedelta(seconds=59)) for one in accounts]
    later = [faults.is_unsubscribed("ec2.DescribeVpcs", one, timedelta(seconds=60)) for one in accounts]

    assert first == again
    assert 10 < sum(first) < 30
    assert not any(later)
