"""Durable executions on a laptop: the official local runner's parts, on SQLite and on AWS time.

The runner's own class knows only real or skipped time and has no way to take executions up again after a crash; its
parts do, so they are put together here.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python import state as sdk_state
from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.client import InMemoryServiceClient
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.execution import ExecutionStatus
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.invoker import InProcessInvoker
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.stores.memory import InMemoryExecutionStore
from aws_durable_execution_sdk_python_testing.stores.sqlite import SQLiteExecutionStore
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from infra.local.clock import CloudClock, Mode
from infra.local.standing import StandingScheduler
from vending.core.errors import AwsMissing
from vending.requests.engine import BROKEN, Execution

FUNCTION = "freehold-vending"
MANAGEMENT_ACCOUNT = "123456789012"
YEAR_SECONDS = 31_622_400
"""The longest an execution may last (Lambda, DurableConfig ExecutionTimeout)."""
SDK_LOGGER = logging.getLogger("aws_durable_execution_sdk_python")
STOP_POLL_SECONDS = 0.002
"""How often the SDK looks whether an invocation is over; its own tenth of a second is what each sleep would cost."""


class RunnerClock:
    """The cloud's clock as the runner wants it: it also says how long its scheduler has to wait.

    That is real seconds; with a manual clock, seconds of AWS time, which `StandingScheduler` lets pass.
    """

    def __init__(self, clock: CloudClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """AWS time."""
        return self._clock.now()

    def arm(self, wake: datetime) -> float:
        """Seconds until AWS time reaches `wake`, as the scheduler counts them."""
        gap = max((wake - self._clock.now()).total_seconds(), 0.0)
        return gap / (self._clock.speed or 1.0)


class LocalEngine:
    """`vending.requests.engine.Engine` for a laptop. Call `serve` before anything else.

    Without a `store` what is under way is kept in memory alone.
    """

    def __init__(self, store: Path | None, clock: CloudClock, region: str) -> None:
        self._aws_clock = clock
        self._clock = RunnerClock(clock)
        self._region = region
        self._scheduler: Any = StandingScheduler(clock) if clock.mode is Mode.MANUAL else Scheduler()
        self._store: Any = SQLiteExecutionStore.create_and_initialize(store) if store else InMemoryExecutionStore()
        self._registry = ExecutionRegistry(self._store, self._scheduler)
        self._starting = threading.Lock()
        logging.getLogger("aws_durable_execution_sdk_python_testing").setLevel(logging.ERROR)
        SDK_LOGGER.setLevel(logging.NOTSET)
        sdk_state._STOP_SIGNAL_POLL_SECONDS = STOP_POLL_SECONDS  # the SDK has no public setting for it

    def serve(self, handler: Callable[[Any, Any], Any]) -> None:
        """Run `handler` for every execution, and take up those that an earlier process left."""
        processor = CheckpointProcessor(store=self._store, scheduler=self._scheduler, clock=self._clock)
        client = InMemoryServiceClient(processor, self._registry)
        self._executor = Executor(
            store=self._store,
            scheduler=self._scheduler,
            invoker=InProcessInvoker(handler, client, region=self._region),
            checkpoint_processor=processor,
            registry=self._registry,
            clock=self._clock,
            region=self._region,
        )
        processor.add_execution_observer(self._executor)
        self._scheduler.start()
        left, _ = self._store.query(status_filter=ExecutionStatus.RUNNING.value)
        for execution in left:
            self._executor._invoke_execution(execution.durable_execution_arn)  # the runner offers no public way

    def start(self, execution: Execution) -> None:
        """Begin an execution unless there is one of its name, whatever became of it: so does Lambda."""
        with self._starting:
            found, _ = self._store.query(execution_name=execution.name)
            if found:
                return
            self._executor.start_execution(
                StartDurableExecutionInput(
                    account_id=MANAGEMENT_ACCOUNT,
                    function_name=FUNCTION,
                    function_qualifier="$LATEST",
                    execution_name=execution.name,
                    execution_timeout_seconds=YEAR_SECONDS,
                    execution_retention_period_days=14,
                    input=json.dumps({"request_id": execution.request_id}),
                )
            )

    def broken(self) -> frozenset[Execution]:
        """Executions that failed, were stopped or lasted too long."""
        found = (self._store.query(status_filter=status)[0] for status in BROKEN)
        return frozenset(Execution.named(one.start_input.execution_name) for some in found for one in some)

    def complete(self, callback: str, result: str) -> None:
        """Wake an execution that sleeps on `callback`.

        Raises:
            AwsMissing: when nothing waits for it any more.
        """
        try:
            self._executor.send_callback_success(callback, json.dumps(result).encode())
        except ResourceNotFoundException as error:
            raise AwsMissing(f"No execution waits for this callback: {error}") from error

    def settle(self) -> None:
        """On a manual clock: wait until every execution waits."""
        self._scheduler.settle()

    @property
    def is_settled(self) -> bool:
        """On a manual clock: whether every execution waits."""
        return bool(self._scheduler.is_settled)

    def pass_time(self, most: float) -> None:
        """On a manual clock: when every execution waits, `skip`; then let those work that wake."""
        self.settle()
        self.skip(most)
        self.settle()

    def skip(self, most: float) -> None:
        """On a manual clock: move it to when the next execution wakes, by `most` seconds at most, and wake it."""
        now = self._aws_clock.now()
        limit = now + timedelta(seconds=most)
        wakes = self._scheduler.next_at()
        self._aws_clock.advance(max((min(limit, wakes or limit) - now).total_seconds(), 0.0))
        self._scheduler.run_due()

    @property
    def wakes_at(self) -> datetime | None:
        """On a manual clock: when the next execution wakes by itself."""
        at: datetime | None = self._scheduler.next_at()
        return at

    def close(self) -> None:
        """Stop; what is under way goes on in the next process that serves the same store.

        An execution that is cut off in the middle finds its checkpoints refused: that is meant, and not worth a word.
        """
        SDK_LOGGER.setLevel(logging.CRITICAL + 1)
        self._executor.shutdown()
        self._registry.shutdown()
        self._scheduler.stop()
        self._scheduler._loop.close()  # the runner leaves its event loop open
