from dataclasses import replace

import pytest

from tests.cloud import Cloud
from tests.vending.parts import connect, make_table
from vending.core.chain import Head, flaws
from vending.core.errors import Stale
from vending.core.table import Document, Entry, Table


@pytest.fixture
def table(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Table:
    return make_table(cloud, connect(cloud, monkeypatch))


def test_a_document_comes_back_as_it_was_written(table: Table) -> None:
    written = Document("REQUEST#1", "REQUEST", {"name": "a", "n": 1.5}, lists={"all": "requests"}, order="1")

    table.put(written)

    assert table.get("REQUEST#1", "REQUEST") == replace(written, version=1)
    assert table.get("REQUEST#2", "REQUEST") is None


def test_the_second_of_two_writers_of_one_version_is_refused(table: Table) -> None:
    table.put(Document("A", "A", {"n": 0}))
    read = table.get("A", "A")
    assert read is not None
    table.put(replace(read, body={"n": 1}))

    with pytest.raises(Stale):
        table.put(replace(read, body={"n": 2}))

    found = table.get("A", "A")
    assert found is not None
    assert found.body == {"n": 1}


def test_what_must_not_exist_yet_is_written_once(table: Table) -> None:
    table.put(Document("NAME#x", "NAME", {"by": "one"}))

    with pytest.raises(Stale):
        table.put(Document("NAME#x", "NAME", {"by": "two"}))


def test_a_commit_writes_all_or_nothing(table: Table) -> None:
    table.put(Document("TAKEN", "T", {}))

    with pytest.raises(Stale):
        table.commit("ada", "asked", "req-1", {}, Document("NEW", "N", {}), Document("TAKEN", "T", {}))

    assert table.get("NEW", "N") is None
    assert list(table.log()) == []


def test_lists_are_paged_in_their_order(table: Table) -> None:
    for n in range(7):
        table.put(Document(f"R#{n}", "R", {"n": n}, lists={"all": "requests", "team": f"t{n % 2}"}, order=f"{n}"))

    first = table.listed("all", "requests", limit=3, newest_first=True)
    second = table.listed("all", "requests", limit=3, start=first.next, newest_first=True)
    odd = table.listed("team", "t1")

    assert [d.body["n"] for d in first.documents] == [6, 5, 4]
    assert [d.body["n"] for d in second.documents] == [3, 2, 1]
    assert [d.body["n"] for d in odd.documents] == [1, 3, 5]
    assert odd.next is None


def test_the_log_is_a_chain(table: Table) -> None:
    for n in range(4):
        table.commit("ada", "asked", f"req-{n}", {"n": n}, Document(f"R#{n}", "R", {}))

    entries = list(table.log())

    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert [later.previous for later in entries[1:]] == [earlier.hash for earlier in entries[:-1]]
    assert list(flaws(entries, Head(*table.head()))) == []


def test_the_hash_of_an_entry_covers_every_field() -> None:
    entry = Entry("2026-11-20T00:00:00.000Z", "ada", "asked", "req-1", {"n": 1}, 1)
    changed = [
        replace(entry, at="2026-11-21T00:00:00.000Z"),
        replace(entry, actor="tom"),
        replace(entry, what="approved"),
        replace(entry, subject="req-2"),
        replace(entry, detail={"n": 2}),
        replace(entry, seq=2),
        replace(entry, previous="1" * 64),
    ]

    assert len({entry.hash, *(c.hash for c in changed)}) == 8
