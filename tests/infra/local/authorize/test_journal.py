"""The journal of judged calls."""

from datetime import UTC, datetime

from infra.local.authorize.journal import Entry, Journal

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def entry(action: str, allowed: bool = True, principal: str = "arn:role") -> Entry:
    return Entry(NOW, principal, "arn:session", "1", "s3", "Op", action, "*", {}, allowed, None, None)


def test_entries_are_chosen_by_principal_and_outcome() -> None:
    journal = Journal()
    for one in (entry("a"), entry("b", allowed=False), entry("c", principal="arn:other")):
        journal.add(one)

    assert [one.action for one in journal.entries()] == ["a", "b", "c"]
    assert [one.action for one in journal.entries("arn:role")] == ["a", "b"]
    assert [one.action for one in journal.entries(allowed=False)] == ["b"]


def test_oldest_entries_go_first() -> None:
    journal = Journal(most=2)

    for action in "abc":
        journal.add(entry(action))

    assert [one.action for one in journal.entries()] == ["b", "c"]


def test_described_entries_are_json() -> None:
    journal = Journal()
    journal.add(entry("a"))

    assert journal.describe()["items"][0]["at"] == "2026-01-05T00:00:00+00:00"
