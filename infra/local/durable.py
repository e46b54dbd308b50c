"""Durable executions on a laptop: the official local runner's parts, on SQLite and on AWS time.

The runner's own class knows only real or skipped time and has no way to take executions up again after a crash; its
parts do, so they are put together here.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.client import InMemoryServiceClient
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.execution import ExecutionStatus
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.invoker import InProcessInvoker
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.stores.sqlite import SQLiteExecutionStore
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from infra.local.clock import CloudClock, Mode
from vending.core.errors import AwsMissing

FUNCTION = "freehold-vending"
MANAGEMENT_ACCOUNT = "123456789012"
YEAR_SECONDS = 31_622_400
"""The longest an execution may last (Lambda, DurableConfig ExecutionTimeout)."""
SDK_LOGGER = logging.getLogger("aws_durable_execution_sdk_python")
ALIVE = (ExecutionStatus.RUNNING.value, ExecutionStatus.SUCCEEDED.value)


class RunnerClock:
    """The cloud's clock as the runner wants it: it also says how long to really wait.

    With a manual clock nobody waits: whoever would sleep moves the clock to where it would wake.
    """

    def __init__(self, clock: CloudClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """AWS time."""
        return self._clock.now()

    def arm(self, wake: datetime) -> float:
        """Real seconds until AWS time reaches `wake`."""
        gap = max((wake - self._clock.now()).total_seconds(), 0.0)
        if self._clock.mode is Mode.MANUAL:
            self._clock.advance(gap)
            return 0.0
        return gap / self._clock.speed


class LocalEngine:
    """`vending.requests.engine.Engine` for a laptop. Call `serve` before anything else."""

    def __init__(self, store: Path, clock: CloudClock, region: str) -> None:
        self._clock = RunnerClock(clock)
        self._region = region
        self._scheduler: Any = Scheduler()
        self._store = SQLiteExecutionStore.create_and_initialize(store)
        self._registry = ExecutionRegistry(self._store, self._scheduler)
        self._starting = threading.Lock()
        logging.getLogger("aws_durable_execution_sdk_python_testing").setLevel(logging.ERROR)
        SDK_LOGGER.setLevel(logging.NOTSET)

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

    def start(self, request_id: str) -> None:
        """Begin the execution of a request unless one is under way or done."""
        with self._starting:
            found, _ = self._store.query(execution_name=request_id)
            if any(execution.current_status().value in ALIVE for execution in found):
                return
            self._executor.start_execution(
                StartDurableExecutionInput(
                    account_id=MANAGEMENT_ACCOUNT,
                    function_name=FUNCTION,
                    function_qualifier="$LATEST",
                    execution_name=request_id,
                    execution_timeout_seconds=YEAR_SECONDS,
                    execution_retention_period_days=14,
                    input=json.dumps({"request_id": request_id}),
                )
            )

    def complete(self, callback: str, result: str) -> None:
        """Wake an execution that sleeps on `callback`.

        Raises:
            AwsMissing: when nothing waits for it any more.
        """
        try:
            self._executor.send_callback_success(callback, json.dumps(result).encode())
        except ResourceNotFoundException as error:
            raise AwsMissing(f"No execution waits for this callback: {error}") from error

    def close(self) -> None:
        """Stop; what is under way goes on in the next process that serves the same store.

        An execution that is cut off in the middle finds its checkpoints refused: that is meant, and not worth a word.
        """
        SDK_LOGGER.setLevel(logging.CRITICAL + 1)
        self._executor.shutdown()
        self._registry.shutdown()
        self._scheduler.stop()
        self._scheduler._loop.close()  # the runner leaves its event loop open
