"""What a run that is under way has done so far, in the ledger's bucket: another process goes on from it.

A part is two files and a mark that is written last: without the mark the part was not done. The plan is written the
same way, after the part that planning itself answered.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from audit.finding import Control
from audit.ledger.batch import Batch
from audit.ledger.store import DamagedFile, Store
from audit.run import ShardCost
from audit.sources.interface import Shard

PLAN = "plan"


class Done(BaseModel):
    """The mark of a part that is done."""

    model_config = ConfigDict(frozen=True)

    cost: ShardCost
    strange: int
    """Answers that had no meaning."""


class SavedPlan(BaseModel):
    """Everything that was decided before the first shard."""

    model_config = ConfigDict(frozen=True)

    predicted_calls: int
    predicted_seconds: float
    planned_at: datetime
    sources: tuple[str, ...]
    note: str = ""
    """What went wrong with what a run can do without."""
    shards: tuple[Shard, ...]
    controls: tuple[Control, ...]
    accounts: tuple[Mapping[str, Any], ...]
    """Accounts with those who own them: `account_id`, `name`, `team`, `ou`."""


@dataclass(frozen=True)
class Checkpoints:
    """The folder of one run."""

    store: Store
    run_id: str

    @staticmethod
    def left(store: Store) -> set[str]:
        """The ids of the runs that have a folder."""
        return {key.split("/")[1] for key in store.keys("work/")}

    def plan(self) -> SavedPlan | None:
        """The plan, if planning came to its end."""
        found = self.store.read(self._key(f"{PLAN}.json"))
        return SavedPlan.model_validate_json(gzip.decompress(found.body)) if found else None

    def save_plan(self, plan: SavedPlan) -> None:
        """From now on the run has this plan."""
        self.store.write(self._key(f"{PLAN}.json"), gzip.compress(plan.model_dump_json().encode(), 1))

    def done(self) -> dict[str, Done]:
        """The parts that are done, by their names."""
        marks = [key for key in self.store.keys(self._key("")) if key.endswith(".done")]
        found = {key.rsplit("/", 1)[-1].removesuffix(".done"): self.store.read(key) for key in marks}
        return {name: Done.model_validate_json(mark.body) for name, mark in found.items() if mark}

    def save(self, batch: Batch, part: str, done: Done) -> None:
        """A part is done: its files first, then the mark."""
        for path in batch.part(part):
            self.store.write(self._key(path.name), gzip.compress(path.read_bytes(), 1))
        self.store.write(self._key(f"{part}.done"), done.model_dump_json().encode())

    def fetch(self, batch: Batch, part: str) -> None:
        """The files of a part that is done, into the batch's folder.

        Raises:
            DamagedFile: when they are not what was written.
        """
        for path in batch.part(part):
            found = self.store.read(self._key(path.name))
            try:
                path.write_bytes(gzip.decompress(found.body if found else b""))
            except (OSError, EOFError) as error:
                raise DamagedFile(
                    f"The part {part} of the run {self.run_id} is damaged.",
                    "Start another run; nothing was changed.",
                ) from error

    def clear(self) -> None:
        """Remove everything: the run is visible, or given up."""
        for key in list(self.store.keys(self._key(""))):
            self.store.remove(key)

    def _key(self, name: str) -> str:
        return f"work/{self.run_id}/{name}"
