"""Workers that die, while they make accounts, before or after any call they make; others take their place."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.vending.line import OVER, TICK_SECONDS, Line
from vending.core.aws import Aws, Client
from vending.core.table import Table
from vending.requests.record import Records
from vending.workflow.services import Services

PATIENCE_SECONDS = 240
RESTLESS_SECONDS = 1.0
"""How long executions may go on in real time before AWS time passes all the same: a branch that has to be tried again
later is asked by the SDK again and again, which goes by real time."""


class Dead(Exception):
    """The process that made this call is no more."""


class Doom:
    """Kills each worker at a call of a kind at which none died before, `before` or `after` it took place.

    A checkpoint is a call, too. A dead worker calls nobody and writes nothing any more, however long its threads last.
    """

    def __init__(self, when: str, line: Line) -> None:
        self.when = when
        self.line = line
        self.met: set[str] = set()
        self.struck = threading.Event()
        """Of the worker that runs now."""

    def falls(self, when: str, kind: str) -> bool:
        """Whether the worker that runs now dies `before` or `after` this call."""
        if when != self.when or kind in self.met:
            return False
        self.met.add(kind)
        return True

    def spare(self) -> None:
        """Forget the dead worker: the next one lives."""
        self.struck = threading.Event()

    def haunt(self) -> None:
        """Let the worker that now runs die at its checkpoints, too."""
        struck, engine = self.struck, self.line.engine
        processor, store = engine._executor._checkpoint_processor, engine._store
        process, update = processor.process_checkpoint, store.update

        def checkpoint(token: str, updates: list[Any], *more: Any, **named: Any) -> Any:
            if struck.is_set():
                raise Dead
            kinds = [f"checkpoint {update.operation_type.value} {update.action.value}" for update in updates]
            for kind in kinds:
                self.strike("before", kind, struck)
            answer = process(token, updates, *more, **named)
            for kind in kinds:
                self.strike("after", kind, struck)
            return answer

        def write(execution: Any) -> None:
            if struck.is_set():
                raise Dead
            update(execution)

        setattr(processor, "process_checkpoint", checkpoint)  # noqa: B010 - the worker dies where it would go on
        setattr(store, "update", write)  # noqa: B010 - what the runner makes of a death is not written either

    def strike(self, when: str, kind: str, struck: threading.Event) -> None:
        if struck.is_set():
            raise Dead
        if self.falls(when, kind):
            struck.set()
            self.line.engine._registry.shutdown()
            raise Dead


@dataclass(frozen=True)
class Life:
    """What one worker's calls have to know."""

    doom: Doom
    struck: threading.Event

    def check(self) -> None:
        if self.struck.is_set():
            raise Dead

    def strike(self, when: str, kind: str) -> None:
        self.doom.strike(when, kind, self.struck)


class DoomedClient(Client):
    """A client of a worker that may die before or after any call."""

    def __init__(self, client: Client, life: Life) -> None:
        super().__init__(client._raw, client._pause)
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        method = super().__getattr__(name)

        def call(**params: Any) -> dict[str, Any]:
            self._life.check()
            kind = kind_of(self._service, name, params)
            self._life.strike("before", kind)
            answer = method(**params)
            self._life.strike("after", kind)
            return answer

        return call


class DoomedAws(Aws):
    """AWS as a worker sees it; workers after it find its connections open, as a process of its own would not."""

    life: Life
    opened: dict[tuple[Any, ...], Client]

    def _open(self, *key: Any) -> Client:
        if key not in self.opened:
            self.opened[key] = super()._open(*key)
        return DoomedClient(self.opened[key], self.life)


def kind_of(service: str, operation: str, params: dict[str, Any]) -> str:
    """A call without its numbers: what it is about, not when it was made or the how-manieth it was."""
    if service == "dynamodb":
        keys = [item["Put"]["Item"] for item in params.get("TransactItems", []) if "Put" in item]
        keys += [params["Item"]] if "Item" in params else []
        about = [(item["pk"]["S"], item["sk"]["S"]) for item in keys] or params.get("Key")
        return f"{operation} {re.sub('[0-9a-z]*[0-9][0-9a-z]*', '#', str(about))}"
    return f"{service}.{operation}"


def mortal(line: Line, doom: Doom) -> None:
    """Let workers of this line be struck from now on."""
    opened: dict[tuple[Any, ...], Client] = {}

    def wrap(services: Services) -> Services:
        aws = DoomedAws.connect("eu-west-1")
        aws.life, aws.opened = Life(doom, doom.struck), opened
        table = Table(aws, "freehold", line.cloud.clock)
        baseline = type(line.baseline)(aws, services.company, services.clock, line._pause)
        return replace(services, aws=aws, table=table, records=Records(table, services.clock), baseline=baseline)

    line.wrap = wrap


def until_over(line: Line, doom: Doom, request_id: str) -> int:
    """Put a new worker in the place of each that dies, until the request is over. Gives back how many died."""
    deadline, deaths = time.monotonic() + PATIENCE_SECONDS, 0
    while time.monotonic() < deadline and line.records.get(request_id).state.value not in OVER:
        line.dispatcher.tick()
        deaths += live_on(line, doom)
    return deaths


def live_on(line: Line, doom: Doom) -> bool:
    """Let the worker go on for as long as it has something to do, then time pass; whether it died and has a heir."""
    restless = time.monotonic() + RESTLESS_SECONDS
    while not (doom.struck.is_set() or line.engine.is_settled) and time.monotonic() < restless:
        doom.struck.wait(0.005)
    if not doom.struck.is_set():
        line.engine.skip(TICK_SECONDS)
        return False
    line.stop()
    doom.spare()
    line.start()
    doom.haunt()
    return True
