"""The worker dies before and after every kind of call it makes, one after the other, while it makes one account."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.vending.line import Line
from tests.vending.parts import connect, person
from tests.vending.workflow.doom import Doom, mortal, until_over
from vending.core.chain import Head, flaws
from vending.requests.model import State


@pytest.fixture
def line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Line]:
    line = Line(cloud, connect(cloud, monkeypatch), tmp_path)
    line.stop()
    yield line
    line.stop()


@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_the_worker_dies_there_is_one_account_and_it_is_ready(line: Line, when: str) -> None:
    doom = Doom(when, line)
    mortal(line, doom)
    line.start()
    doom.haunt()
    request = line.ask()

    deaths = until_over(line, doom, request.id)

    ended = line.desk.get(person("ada"), request.id)
    assert (ended.state, ended.parked) == (State.READY, None)
    assert len(line.accounts_of(request.id)) == 1
    assert line.accounts.evidence(person("ada"), str(ended.account_id)).missing == ()
    assert list(flaws(line.table.log(), Head(*line.table.head()))) == []
    assert deaths == len(doom.met) > 60
