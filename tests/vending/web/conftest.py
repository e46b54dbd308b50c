"""An issuer for the tests of the shell."""

from collections.abc import Iterator

import pytest

from tests.vending.web.shell import RunningIssuer, running_issuer


@pytest.fixture
def issuer() -> Iterator[RunningIssuer]:
    """An issuer with keys of its own."""
    with running_issuer() as running:
        yield running
