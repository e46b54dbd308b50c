"""What a fresh cloud holds. Each service seeds itself; here is the order in which they do."""

from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from infra.local.cloud import LocalCloud
from infra.local.config import own_logs
from infra.local.config import seed as config
from infra.local.controltower import seed as controltower
from infra.local.estate import seed as estate
from infra.local.organizations import seed as organizations
from infra.local.ssoadmin import seed as ssoadmin

SEEDS: tuple[Callable[[LocalCloud], None], ...] = (
    organizations.seed,
    controltower.seed,
    own_logs.seed,
    ssoadmin.seed,
    config.seed,
    estate.seed,
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
        _forget_everything()
        seed(cloud)


def _forget_everything() -> None:
    """Drop all state of moto's services and ours.

    moto's own reset makes every backend anew before it drops it, default VPCs and all. Only a backend that says how to
    be reset holds something, such as temporary files, that has to be let go of.
    """
    in_use: list[BackendDict[Any]] = getattr(BackendDict, "_instances")  # noqa: B009 - mypy calls the attribute ambiguous
    for backends in in_use:
        for _, _, backend in list(backends.iter_backends()):
            if type(backend).reset is not BaseBackend.reset:
                backend.reset()
        backends.clear()
    in_use.clear()
    reset_model_data()
