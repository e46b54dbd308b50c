"""The durable workflow: one request, from asking to a ready account.

AWS Lambda runs it as a durable function; on a laptop the official local runner executes the very same code. Between
steps it sleeps; what it knows is in the table and in AWS, so that any process can take it up after any crash. Outside
a step it is deterministic: no clock, no chance, no call.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.exceptions import DurableOperationError
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.types import WaitForCallbackContext, WaitForConditionCheckContext
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

from vending.core.clock import from_text, to_text
from vending.core.errors import AwsFailed, Stale
from vending.ports import AccountState, Promise
from vending.requests.dispatcher import MOVED_ON, wake
from vending.requests.model import ENDED, Cause, State, StepState, TimelineEntry
from vending.requests.queue import CREATE, enrol_gate
from vending.requests.record import ASLEEP, AT_REST, Gate, Record, Watch
from vending.workflow.causes import OPERATOR, cancelled, executions_broke, explain, unexpected, waited_too_long
from vending.workflow.deed import write_deed
from vending.workflow.line import CLOSE, ENROL, FINISH, FURNISH, MAKE, MOVE
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step
from vending.workflow.steps import isolate
from vending.workflow.steps.apply_promise import step_for
from vending.workflow.steps.await_enrolment import enrolled

logger = logging.getLogger(__name__)
ACTOR = "workflow"
T = TypeVar("T")
PERSIST = StepConfig(retry_strategy=create_retry_strategy(RetryStrategyConfig(max_attempts=20)))
"""Steps that only read and write the table are tried for more than an hour before the request parks."""
EXECUTIONS = 3
"""After so many executions that broke in one round, the next one parks the request instead of breaking, too."""
QUARANTINE_TRIES = 10
QUARANTINE_PAUSE = Duration.from_seconds(15)
"""An account that is to be parked is closed first: so often is that tried while AWS does not answer."""
Note = Callable[..., None]
"""Writes a step's line of the timeline: its state, a detail, a remedy."""


@dataclass(frozen=True)
class Standing:
    """How a request stands when the workflow takes it up."""

    state: State
    has_account: bool
    broken: int
    """How many executions before this one ended in this round without having brought it to its end."""


class Withdrawn(Exception):
    """The request was cancelled, or changed and awaits approval anew, before AWS was asked."""


def make_workflow(services: Services) -> Callable[[Any, Any], Any]:
    """The Lambda handler of the workflow; its event is `{"request_id": ...}`."""

    @durable_execution
    def vend(event: dict[str, str], context: DurableContext) -> str:
        line = Line(services, context, event["request_id"])
        while True:
            found = line.take_up()
            if found.state in ENDED:
                return found.state
            if found.state in ASLEEP:
                line.sleep(found.state)
            elif found.broken >= EXECUTIONS:
                line.lay_aside(executions_broke(found.broken))
            else:
                line.make(found)

    return vend


@dataclass(frozen=True)
class Line:
    """One execution: every method is a durable operation or made of some."""

    services: Services
    context: DurableContext
    request_id: str

    def take_up(self) -> Standing:
        """Where the request stands now; it is in no queue at this point."""

        def look() -> dict[str, Any]:
            record = self._mark(lambda r: r.model_copy(update={"started": True, "gate": None, "watch": None}))
            has_account = record.account_id is not None
            return {"state": record.state.value, "has_account": has_account, "broken": record.executions_broken}

        found = self._step("take-up", look)
        return Standing(State(found["state"]), found["has_account"], found.get("broken", 0))

    def sleep(self, state: State) -> None:
        """Sleep until a person decided, resumed or edited; the dispatcher repeats a lost wake-up."""

        def store(callback: str, _: WaitForCallbackContext) -> None:
            record = self._mark(lambda r: r.model_copy(update={"callback": callback}))
            if record.state not in ASLEEP:
                wake(self.services.engine, callback, MOVED_ON)

        self.context.wait_for_callback(store, name=f"sleep-{state}")
        self._step("awake", lambda: self._mark(lambda r: r.model_copy(update={"callback": None})).id)

    def make(self, standing: Standing) -> None:
        """Every step in order; a cause that needs a person parks the request, in quarantine."""
        try:
            self._make_account(standing)
            self._enrol(standing)
            self._furnish()
            self._step("ready", self._finish)
        except Parked as parked:
            self.lay_aside(parked.cause)
        except DurableOperationError as error:
            self.lay_aside(unexpected(error))
        except Withdrawn:
            logger.info("request %s was withdrawn before AWS was asked", self.request_id)

    def _make_account(self, standing: Standing) -> None:
        if not standing.has_account:
            self._pass_gate(CREATE, State.QUEUED)
            self._perform(MAKE)
            self._step("leave-create", self._leave_gate)
        self._perform(CLOSE)

    def _enrol(self, standing: Standing) -> None:
        """Through the gate of its OU, unless an earlier round came through it; without Control Tower it just moves."""
        if not self.services.company.landing_zone.control_tower:
            self._perform(MOVE)
            return
        if standing.has_account and self._step("is-enrolled", lambda: enrolled(self.services, self._record())):
            return
        ou = self._step("which-ou", lambda: self.services.ou_of(self._record()))
        self._pass_gate(enrol_gate(ou), State.ENROLLING)
        self._perform(ENROL)
        self._step("leave-enrol", self._leave_gate)

    def _furnish(self) -> None:
        """What every account is born with, region by region at the same time; then what is the team's."""
        promises = [Promise(**promise) for promise in self._step("promises", self._promises)]
        regions = dict.fromkeys(promise.region for promise in promises)
        branches = [self._branch([p for p in promises if p.region == region]) for region in regions]
        _check(outcome for outcome in self.context.parallel(branches, name="baseline").get_results() if outcome)
        self._perform(FURNISH)
        self._perform(FINISH)

    def _branch(self, promises: Sequence[Promise]) -> Callable[[DurableContext], dict[str, Any]]:
        """The settings of one region, one after the other; what stopped them, if something did."""

        def branch(context: DurableContext) -> dict[str, Any]:
            beside = replace(self, context=context)
            outcomes = (beside._until_done(step_for(promise)) for promise in promises)
            return next((outcome for outcome in outcomes if _stops(outcome)), {})

        return branch

    def _promises(self) -> list[dict[str, Any]]:
        account = self._record().new_account(self.services.company)
        return [vars(promise) for promise in self.services.baseline.describe(account) if promise.applied]

    def _pass_gate(self, name: str, state: State) -> None:
        """Take a place in the queue and sleep until the dispatcher grants it."""

        def queue(callback: str, _: WaitForCallbackContext) -> None:
            gate = Gate(name=name, callback=callback, since=self.services.clock.now())

            def take_place(record: Record) -> Record | None:
                if record.state in AT_REST or (record.gate and record.gate.callback == callback):
                    return None
                return record.model_copy(update={"gate": gate, "state": state})

            if self._change("queued", take_place, gate=name).state in AT_REST:
                wake(self.services.engine, callback, MOVED_ON)

        self.context.wait_for_callback(queue, name=f"gate-{name.replace(':', '-')}")

    def _leave_gate(self) -> str:
        return self._mark(lambda r: r.model_copy(update={"gate": None})).id

    def _perform(self, steps: Iterable[Step]) -> None:
        """Run steps one after the other, each until it is done.

        Raises:
            Parked: when one cannot go on until somebody acts.
            Withdrawn: when the request was cancelled or changed before AWS was asked.
        """
        _check(self._until_done(step) for step in steps)

    def _until_done(self, step: Step) -> dict[str, Any]:
        """What came of a step in the end, as JSON; between two looks it sleeps."""
        outcome: dict[str, Any] = {}
        while True:
            outcome = self._looked(step, outcome)
            if "sight" not in outcome:
                return outcome
            self._watch(step, outcome)

    def _looked(self, step: Step, before: dict[str, Any]) -> dict[str, Any]:
        """Look again and again until the step is done, stops, or is something that the dispatcher looks for."""

        def check(seen: dict[str, Any], _: WaitForConditionCheckContext) -> dict[str, Any]:
            begun = seen.get("begun") or to_text(self.services.clock.now())
            try:
                return {**self._attempt(step, seen, from_text(begun)), "begun": begun}
            except AwsFailed as error:
                if not error.retryable:
                    raise
                return {"pending": error.sentence, "begun": begun}

        config = WaitForConditionConfig[dict[str, Any]](wait_strategy=_wait(step), initial_state=before)
        return self.context.wait_for_condition(check, config, name=_name(step))

    def _watch(self, step: Step, outcome: dict[str, Any]) -> None:
        """Sleep until the dispatcher sees the end of what AWS does, or the step has waited long enough."""
        kind, subject = outcome["sight"]
        until = from_text(outcome["begun"]) + timedelta(seconds=step.patience)

        def store(callback: str, _: WaitForCallbackContext) -> None:
            watch = Watch(kind=kind, subject=subject, callback=callback, until=until)
            if self._mark(lambda r: r.model_copy(update={"watch": watch})).state in AT_REST:
                wake(self.services.engine, callback, MOVED_ON)

        self.context.wait_for_callback(store, name=f"watch-{_name(step)}")

    def _attempt(self, step: Step, seen: dict[str, Any], begun: datetime) -> dict[str, Any]:
        """One look at a step: what came of it, as JSON."""
        record = self._enter(step)
        if record.state is not step.state:
            return {"withdrawn": True}
        note = partial(self._note, record, step, begun)
        if record.cancel_wanted_by and record.account_id and step is not isolate.STEP:
            return self._stopped(note, record.cancel_wanted_by, under_way="begun" in seen)
        if step.lengthy and not seen:
            note(StepState.RUNNING, "")
        outcome = self._outcome(step, record)
        if isinstance(outcome, Pending) and self.services.clock.now() - begun >= timedelta(seconds=step.patience):
            outcome = waited_too_long(step.title, step.patience, outcome.detail)
        if isinstance(outcome, Cause):
            return _failed(note, outcome)
        if isinstance(outcome, Done):
            note(StepState.DONE, outcome.detail)
            return {"done": outcome.detail}
        if outcome.detail != seen.get("pending"):
            note(StepState.WAITING, outcome.detail)
        sight = {"sight": [outcome.sight.kind, outcome.sight.subject]} if outcome.sight else {}
        return {"pending": outcome.detail, **sight}

    def _enter(self, step: Step) -> Record:
        """The request in the step's state, past its gate and awake; in another state when a person withdrew it."""
        record = self._record()
        if record.state is step.state:
            return record if _awake(record) == record else self._mark(_awake)

        def enter(found: Record) -> Record | None:
            return None if found.state in AT_REST else _awake(found).model_copy(update={"state": step.state})

        return self._change(step.state.value, enter)

    def _outcome(self, step: Step, record: Record) -> Done | Pending | Cause:
        try:
            return step.run(self.services, record)
        except Parked as parked:
            return parked.cause
        except AwsFailed as error:
            return Pending(error.sentence) if error.retryable else explain(error)
        except Stale as error:
            return Pending(error.sentence)
        except Exception as error:
            logger.exception("step %s of %s failed", step.name, record.id)
            return unexpected(error)

    def _stopped(self, note: Note, by: str, *, under_way: bool) -> dict[str, Any]:
        """What a cancel makes of the step: one under way ends, and one that has not begun leaves no line."""
        if under_way:
            note(StepState.FAILED, f"stopped: {by} cancelled the request")
        return {"cause": cancelled(by).model_dump(mode="json")}

    def _note(
        self, record: Record, step: Step, begun: datetime, state: StepState, detail: str, remedy: str = ""
    ) -> None:
        """Write the step's line of the timeline."""
        ended = self.services.clock.now() if state in (StepState.DONE, StepState.FAILED) else None
        entry = TimelineEntry(
            step=step.title, state=state, started_at=begun, ended_at=ended, detail=detail, remedy=remedy
        )
        self.services.records.note(record, step.name, entry)

    def lay_aside(self, cause: Cause) -> None:
        """Close the account again if there is one, and say why; worse if it cannot be closed."""
        if why := self._quarantine():
            worse = f"{cause.sentence} And the account could not be put in quarantine: {why}"
            cause = cause.model_copy(update={"sentence": worse, "who": OPERATOR})
        self._step("park", lambda: self._park(cause))

    def _quarantine(self) -> str:
        """Try to close the account for as long as `QUARANTINE_TRIES` last; why it is not closed, or nothing."""

        def close(seen: dict[str, Any], _: WaitForConditionCheckContext) -> dict[str, Any]:
            tries = seen.get("tries", 0) + 1
            try:
                self._close()
            except (AwsFailed, Stale) as error:
                passes = isinstance(error, Stale) or error.retryable
                return {"tries": tries, "why": error.sentence, "again": passes and tries < QUARANTINE_TRIES}
            return {}

        config = WaitForConditionConfig[dict[str, Any]](wait_strategy=_wait_to_close, initial_state={})
        try:
            return str(self.context.wait_for_condition(close, config, name="quarantine").get("why", ""))
        except DurableOperationError as error:
            return unexpected(error).sentence

    def _close(self) -> None:
        record = self._record()
        if record.account_id:
            write_deed(self.services, record, AccountState.QUARANTINED)
            self.services.baseline.isolate(record.account_id)

    def _park(self, cause: Cause) -> str:
        update = {"state": State.PARKED, "parked": cause, "gate": None, "watch": None}

        def park(found: Record) -> Record | None:
            return None if found.state in ENDED else found.model_copy(update=update)

        return self._change("parked", park, code=cause.code).id

    def _finish(self) -> str:
        record = self._record()
        write_deed(self.services, record, AccountState.ACTIVE)
        return self._change(
            "ready", lambda r: r.model_copy(update={"state": State.READY}), account_id=record.account_id
        ).id

    def _step(self, name: str, action: Callable[[], T]) -> T:
        """A durable step around reads and writes of our own."""
        return self.context.step(lambda _: action(), name=name, config=PERSIST)

    def _record(self) -> Record:
        return self.services.records.get(self.request_id)

    def _change(self, what: str, change: Callable[[Record], Record | None], **detail: Any) -> Record:
        return self.services.records.change(self.request_id, ACTOR, what, change, **detail)

    def _mark(self, change: Callable[[Record], Record | None]) -> Record:
        return self.services.records.mark(self.request_id, change)


def _check(outcomes: Iterable[dict[str, Any]]) -> None:
    for outcome in outcomes:
        if outcome.get("withdrawn"):
            raise Withdrawn
        if cause := outcome.get("cause"):
            raise Parked(Cause(**cause))


def _stops(outcome: dict[str, Any]) -> bool:
    return "withdrawn" in outcome or "cause" in outcome


def _failed(note: Note, cause: Cause) -> dict[str, Any]:
    note(StepState.FAILED, cause.sentence, cause.remedy)
    return {"cause": cause.model_dump(mode="json")}


def _awake(record: Record) -> Record:
    """The same with nothing that the dispatcher would still wake it for."""
    gate = record.gate.model_copy(update={"passed": True}) if record.gate and record.gate.granted_at else record.gate
    return record.model_copy(update={"watch": None, "gate": gate})


def _name(step: Step) -> str:
    return step.name.replace("/", "-")


def _wait(step: Step) -> Callable[[dict[str, Any], int], WaitForConditionDecision]:
    def decide(outcome: dict[str, Any], _: int) -> WaitForConditionDecision:
        if "pending" in outcome and "sight" not in outcome:
            return WaitForConditionDecision.continue_waiting(Duration.from_seconds(step.every))
        return WaitForConditionDecision.stop_polling()

    return decide


def _wait_to_close(outcome: dict[str, Any], _: int) -> WaitForConditionDecision:
    if outcome.get("again"):
        return WaitForConditionDecision.continue_waiting(QUARANTINE_PAUSE)
    return WaitForConditionDecision.stop_polling()
