"""What tests of the ledger may ask for."""

from pathlib import Path

import pytest

from tests.audit.ledger.book import Book
from tests.cloud import Cloud


@pytest.fixture
def book(cloud: Cloud, tmp_path: Path) -> Book:
    (tmp_path / "batches").mkdir()
    return Book(cloud, tmp_path)
