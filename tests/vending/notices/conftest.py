from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.vending.notices.ground import Ground, company_with, make_ground

APPROVERS = {"emails": ("approvers@acme.example",)}


@pytest.fixture
def ground(cloud: Cloud, tmp_path: Path) -> Iterator[Ground]:
    """Approvers are told by e-mail; the sender is verified."""
    ground = make_ground(cloud, company_with(approvers=APPROVERS), tmp_path)
    ground.verify_sender()
    yield ground
    ground.http.close()
    cloud.limits.enforced = True
