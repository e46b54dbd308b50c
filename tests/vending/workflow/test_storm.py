"""Whatever breaks, and all of it at once: one account for each request, and each is ready or parked for a true reason.

A representative piece: `make bench` lets more storms rage, and `python -m tests.bench --long` a hundred.
"""

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from infra.local.faults.fault import LoseAnswer, Throttle
from tests.cloud import Cloud
from tests.vending.parts import connect
from tests.vending.workflow.storm import Weather, survive, weathers

FOUL = Weather(
    deaths=(("after", 20), ("before", 90), ("after", 150)),
    fates=("twice", "late", "lost", "once"),
    faults=(
        LoseAnswer(kind="lose_answer", calls="organizations.CreateAccount", count=1),
        LoseAnswer(kind="lose_answer", probability=0.1, count=5),
        Throttle(kind="throttle", probability=0.1, count=30),
    ),
    refusals=("EMAIL_ALREADY_EXISTS",),
    requests=1,
    workers=2,
    seed=1,
)


@settings(
    max_examples=1,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(weathers())
@example(FOUL)
def test_in_any_weather_each_request_comes_to_one_account_and_none_is_lost(
    running_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, weather: Weather
) -> None:
    survive(running_cloud, connect(running_cloud, monkeypatch), weather)
