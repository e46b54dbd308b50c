"""What moto keeps, as authorisation looks it up: for names that come from outside, and so may name nothing."""

from typing import Any

from moto import backends
from moto.iam.models import iam_backends

GLOBAL = "aws"
"""What moto calls the region of a service without regions."""


def state_of(service: str, account: str, region: str) -> Any | None:
    """A service in one account and region; None where the cloud has no such account, or the service no such region."""
    if account not in iam_backends:
        return None
    name: Any = service
    regions = backends.get_backend(name)[account]
    return regions[region] if region in regions else None  # noqa: SIM401 - moto makes it on access alone
