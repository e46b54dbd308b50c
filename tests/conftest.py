"""What any test may ask for."""

import gc
import socket
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.cloud import Cloud, address, start_cloud

HERE = {None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", b"localhost", b"127.0.0.1"}

settings.register_profile("freehold", deadline=None)
settings.load_profile("freehold")


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from walking, over and over, what lives as long as the process: botocore's models,
    moto's tables and the tests themselves. Without this a tenth of the suite's time goes there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def nobody_signed_in() -> Iterator[None]:
    """Whoever runs the tests may be signed in somewhere: the tests are not."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", folder)
        yield


@pytest.fixture(scope="session")
def strayed() -> Iterator[list[str]]:
    """The other machines that this process has looked up, none of which it finds."""
    looked_up: list[str] = []
    find = socket.getaddrinfo

    def stay(host: Any, *rest: Any, **more: Any) -> Any:
        if host in HERE or str(host).endswith(".localhost"):
            return find(host, *rest, **more)
        if not str(host).endswith(".example"):  # no machine has such a name (RFC 2606): nothing was to be found
            looked_up.append(str(host))
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is another machine, and the tests stay on this one")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", stay)
        yield looked_up


@pytest.fixture(autouse=True)
def stays_here(strayed: list[str]) -> Iterator[None]:
    """A client that nobody told of the cloud would wait for AWS, and pass or fail by what it has to say."""
    strayed.clear()
    yield
    assert strayed == []


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[Cloud]:
    """One cloud a process, because moto's state is the process's: what anybody of it asks of AWS, it answers."""
    cloud = start_cloud()
    with pytest.MonkeyPatch.context() as environment:
        address(cloud.url, environment)
        yield cloud
    cloud.server.stop()


@pytest.fixture
def cloud(running_cloud: Cloud) -> Cloud:
    """The cloud, back at its seed, its clock standing.

    A standing clock fills no token bucket: a test of something else than limits sets `cloud.limits.enforced = False`.
    """
    running_cloud.reset()
    return running_cloud
