"""The network before Lambda: what wakes executions is delivered at least once, in any order, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random

from infra.local.durable import LocalEngine
from vending.core.errors import AwsMissing
from vending.requests.engine import Execution

FATES = ("once", "twice", "late", "lost")


@dataclass
class Disorder:
    """Takes that network's part: each message arrives once, twice, late or never."""

    engine: LocalEngine
    """Of the worker that runs now."""
    fates: Iterator[str]
    beside: tuple[LocalEngine, ...] = ()
    """Other workers, to whom everything comes as well."""
    sent: list[Callable[[], None]] = field(default_factory=list)

    def start(self, execution: Execution) -> None:
        self._send(partial(self._start, execution))

    def broken(self) -> frozenset[Execution]:
        return self.engine.broken()

    def complete(self, callback: str, result: str) -> None:
        self._send(partial(self._complete, callback, result))

    def deliver_again(self, order: Random) -> None:
        """Everything that was ever sent, whether it arrived or not, in an order of its own."""
        sent = list(self.sent)
        order.shuffle(sent)
        for message in sent:
            with suppress(AwsMissing):
                message()

    def _start(self, execution: Execution) -> None:
        for engine in (self.engine, *self.beside):
            engine.start(execution)

    def _complete(self, callback: str, result: str) -> None:
        for engine in self.beside:
            with suppress(AwsMissing):
                return engine.complete(callback, result)
        return self.engine.complete(callback, result)

    def _send(self, message: Callable[[], None]) -> None:
        fate = next(self.fates)
        self.sent.append(message)
        if fate in ("once", "twice"):
            message()
        if fate == "twice":
            with suppress(AwsMissing):
                message()
