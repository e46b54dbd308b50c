"""What tests of guardrails may ask for."""

from collections.abc import Callable, Iterator

import pytest

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import NoAccounts, OneTeam, acme
from vending.core.aws import Aws
from vending.core.clock import SystemClock


@pytest.fixture
def easy_cloud(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud without its limits on calls a second."""
    cloud.limits.enforced = False
    yield cloud
    cloud.limits.enforced = True


@pytest.fixture
def aws(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Aws:
    for name, value in {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return Aws.connect(acme().landing_zone.home_region)


@pytest.fixture
def pause(cloud: Cloud) -> Callable[[float], None]:
    """Waiting is the cloud's clock moving on."""

    def wait(seconds: float) -> None:
        cloud.clock.advance(seconds)

    return wait


@pytest.fixture
def guardrails(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> Guardrails:
    return Guardrails(aws, acme(), easy_cloud.clock, OneTeam(easy_cloud), pause)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Guardrails:
    """Guardrails that never reach an organisation: the catalogue needs none."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return Guardrails(Aws.connect("eu-west-1"), acme(), SystemClock(), NoAccounts())


@pytest.fixture
def baseline(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> AccountBaseline:
    return AccountBaseline(aws, acme(), easy_cloud.clock, pause)
