"""The portal, for the tests of its pages and its API."""

from collections.abc import Iterator

import pytest

from tests.cloud import Cloud
from tests.port import free_port
from tests.vending.ground import Ground, make_ground
from tests.vending.shell import Shell, served
from tests.vending.web.ground import Portal, build_portal


@pytest.fixture
def portal(cloud: Cloud) -> Portal:
    """A portal on the cloud's seed, with nothing asked yet."""
    return build_portal(cloud)


@pytest.fixture
def ground(cloud: Cloud) -> Iterator[Ground]:
    """A desk on the cloud's seed without a worker."""
    yield make_ground(cloud)
    cloud.limits.enforced = True


@pytest.fixture(scope="module")
def unused_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    return free_port()


@pytest.fixture(scope="module")
def listening(running_cloud: Cloud, unused_port: int) -> Iterator[Portal]:
    """A portal that listens, for all tests of a module."""
    with served(running_cloud, unused_port) as portal:
        yield portal


@pytest.fixture
def shell(
    listening: Portal, unused_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """Somebody's shell before that portal."""
    monkeypatch.setenv("FREEHOLD_URL", f"http://127.0.0.1:{unused_port}")
    return Shell(listening, monkeypatch, capsys)
