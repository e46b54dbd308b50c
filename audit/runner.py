"""Who carries out a run that somebody started."""

import logging
from collections.abc import Callable
from threading import Thread
from typing import Protocol

from audit.run import Run
from vending.core.errors import FreeholdError

_log = logging.getLogger(__name__)


class Runner(Protocol):
    """Has a run carried out, soon and elsewhere: in a thread on a laptop, by another function on AWS."""

    def start(self, run_id: str) -> None:
        """Returns at once."""
        ...


class ThreadRunner:
    """Carries runs out in threads of this process, which end with it: a run cut off is `unfinished` afterwards."""

    def __init__(self, execute: Callable[[str], Run]) -> None:
        self._execute = execute

    def start(self, run_id: str) -> None:
        """One thread a run."""
        Thread(target=self._carry_out, args=(run_id,), name=run_id, daemon=True).start()

    def _carry_out(self, run_id: str) -> None:
        try:
            self._execute(run_id)
        except FreeholdError as error:
            _log.warning("audit run %s failed: %s", run_id, error)
