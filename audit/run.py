"""An audit run: when it went, what it cost, and how much of what it should see it saw."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class RunKind(StrEnum):
    """How much a run asks for."""

    FULL = "full"
    """Everything, down to the resource."""
    INCREMENTAL = "incremental"
    """Detail only where something changed since the run before."""


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    """It ended, but saw less than the company file's threshold demands, got an answer that has no meaning, or could
    not write what it saw because the ledger is damaged or the clock ran backwards: `reason` says which."""
    FAILED = "failed"
    """It changed nothing: the findings are still those of the run before."""


class ShardCost(BaseModel):
    """What one shard of a run was to cost, and cost."""

    model_config = ConfigDict(frozen=True)

    name: str
    source: str
    predicted_calls: int
    calls: int
    seconds: float
    """Of AWS time, waiting for AWS's limits included."""
    expected: int
    observed: int


class Run(BaseModel):
    """The record of one run."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    started_by: str
    predicted_calls: int | None = None
    """How many calls to AWS the plan expects; None until the plan is made."""
    predicted_seconds: float | None = None
    """How long these calls take at the pace that AWS granted the run before."""
    calls: int = 0
    coverage: float | None = None
    """Share of the expected cells that were observed, 0 to 1; None until the end."""
    expected_cells: int = 0
    observed_cells: int = 0
    manifest: str | None = None
    """Key of the run's manifest in the ledger's bucket; the key holds the manifest's SHA-256."""
    reason: str = ""
    """Why it is partial or failed."""
    counts: Mapping[str, int] = {}
    """How many findings it left in which state."""
    kind: RunKind = RunKind.FULL
    shards: tuple[ShardCost, ...] = ()
