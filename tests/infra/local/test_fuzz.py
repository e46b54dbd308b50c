"""Calls by chance over plain HTTP; `python -m tests.bench --long` makes them for ten minutes."""

from itertools import islice
from random import Random

from tests.cloud import Cloud, Credentials
from tests.infra.local.fuzz import Fuzz
from tests.infra.local.hearing import SERVICES, defects

CALLS = 300


def test_no_call_by_chance_brings_the_cloud_down(cloud: Cloud) -> None:
    made, found = defects(cloud, seed=1, calls=CALLS)

    assert found == []
    assert made == CALLS


def test_the_same_seed_draws_the_same_calls() -> None:
    def drawn() -> list[str]:
        return [str(one) for one in islice(Fuzz(Random(1), SERVICES, (Credentials(),)).requests(), 50)]

    assert drawn() == drawn()
