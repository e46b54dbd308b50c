"""What any test may ask for."""

import gc
import tempfile
from collections.abc import Iterator

import pytest

from tests.cloud import Cloud, start_cloud


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
def running_cloud() -> Iterator[Cloud]:
    """One cloud a process, because moto's state is the process's."""
    cloud = start_cloud()
    yield cloud
    cloud.server.stop()


@pytest.fixture
def cloud(running_cloud: Cloud) -> Cloud:
    """The cloud, back at its seed, its clock standing.

    A standing clock fills no token bucket: a test of something else than limits sets `cloud.limits.enforced = False`.
    """
    running_cloud.reset()
    return running_cloud
