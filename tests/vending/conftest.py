"""The portal, for the tests of its pages and its API."""

import pytest

from tests.cloud import Cloud
from tests.vending.web.ground import Portal, build_portal


@pytest.fixture
def portal(cloud: Cloud) -> Portal:
    """A portal on the cloud's seed, with nothing asked yet."""
    return build_portal(cloud)
