"""What a fresh cloud holds. Each service seeds itself; here is the order in which they do."""

from collections.abc import Callable

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from infra.local.cloud import LocalCloud
from infra.local.config import seed as config
from infra.local.controltower import seed as controltower
from infra.local.organizations import seed as organizations
from infra.local.ssoadmin import seed as ssoadmin

SEEDS: tuple[Callable[[LocalCloud], None], ...] = (
    organizations.seed,
    controltower.seed,
    ssoadmin.seed,
    config.seed,
)
"""In this order: a later one may read what an earlier one made."""


def seed(cloud: LocalCloud) -> None:
    """Fill an empty cloud with the example's organisation."""
    mock_random.seed(cloud.dice.seed)
    for fill in SEEDS:
        fill(cloud)
    cloud.ready = True


def reset(cloud: LocalCloud) -> None:
    """Forget everything and seed again."""
    with cloud.lock:
        cloud.clear()
        BackendDict.reset()
        reset_model_data()
        seed(cloud)
