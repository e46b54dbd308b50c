from dataclasses import replace

import pytest

from tests.cloud import Cloud
from tests.vending.parts import TABLE, make_table
from tests.vending.web.ground import Session
from vending.core.aws import Aws
from vending.core.chain import NOTHING, Flaw, Head, flaws
from vending.core.table import LOG, Document, Table


@pytest.fixture
def table(cloud: Cloud) -> Table:
    """A table with four entries in its log."""
    table = make_table(cloud, Aws(Session(cloud), "eu-west-1"))
    for n in range(1, 5):
        table.commit("ada", "asked", f"req-{n}", {"n": n}, Document(f"R#{n}", "R", {}))
    return table


def found(table: Table) -> list[tuple[int, str]]:
    return [(flaw.seq, flaw.sentence) for flaw in flaws(table.log(), Head(*table.head()))]


def alter(table: Table, seq: int, **changes: object) -> None:
    entry = table.get(LOG, f"E#{seq:012d}")
    assert entry
    table.put(replace(entry, body={**entry.body, **changes}))


def remove(cloud: Cloud, seq: int) -> None:
    key = {"pk": {"S": LOG}, "sk": {"S": f"E#{seq:012d}"}}
    cloud.client("dynamodb").delete_item(TableName=TABLE, Key=key)


def test_a_log_that_nobody_touched_is_whole(table: Table) -> None:
    assert found(table) == []
    assert list(flaws((), NOTHING)) == []


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_an_altered_entry_is_named(table: Table, seq: int) -> None:
    alter(table, seq, actor="eve")

    assert found(table) == [(seq, f"Entry {seq} was altered: entry {seq + 1} was written after another one.")]


def test_the_last_entry_is_held_by_the_head(table: Table) -> None:
    alter(table, 4, actor="eve")

    assert found(table) == [(4, "Entry 4 was altered: the log's head was written after another one.")]


@pytest.mark.parametrize(
    ("seqs", "flaw"),
    [
        ((1,), (1, "Entry 1 was removed.")),
        ((2, 3), (2, "Entries 2 to 3 were removed.")),
        ((4,), (4, "Entry 4 was removed.")),
        ((1, 2, 3, 4), (1, "Entries 1 to 4 were removed.")),
    ],
)
def test_removed_entries_are_named(cloud: Cloud, table: Table, seqs: tuple[int, ...], flaw: tuple[int, str]) -> None:
    for seq in seqs:
        remove(cloud, seq)

    assert found(table) == [flaw]


def test_entries_behind_the_head_are_named(table: Table) -> None:
    entries = list(table.log())

    assert list(flaws(entries, Head(3, entries[2].hash))) == [
        Flaw(4, "Entries 4 to 4 were added behind the log's head.")
    ]


def test_an_entry_put_in_between_is_named(table: Table) -> None:
    first, second, *rest = table.log()

    found = list(flaws((first, second, replace(second, actor="eve"), *rest), Head(*table.head())))

    assert found[0] == Flaw(2, "Entry 2 is there twice.")
