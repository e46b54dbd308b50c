"""How an aggregator stands with an account and region it collects from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from infra.local.config.inventory import Item
from infra.local.config.ledger import Evaluation


class SourceState(StrEnum):
    """How the last collection from a source went."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    OUTDATED = "OUTDATED"


@dataclass(frozen=True)
class SourceFault:
    """A source that the aggregator does not hear from: what it shows is what it heard last."""

    state: SourceState
    since: datetime
    error_code: str = ""
    error_message: str = ""


class Holding(Protocol):
    """What a generated account has in one region: its resources, and what the rules that services keep say of them."""

    def evaluate(self, rule_name: str, until: datetime | None) -> Iterator[Evaluation]:
        """The results of a rule, as they were at a moment; None for as they are."""

    def items(self, resource_type: str) -> Iterator[Item]:
        """The resources of a type."""
