"""The durable workflow: one request, from asking to a ready account.

AWS Lambda runs it as a durable function; on a laptop the official local runner executes the very same code. Between
steps it sleeps; what it knows is in the table and in AWS, so that any process can take it up after any crash. Outside
a step it is deterministic: no clock, no chance, no call.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.exceptions import DurableOperationError
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.types import WaitForCallbackContext, WaitForConditionCheckContext
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

from vending.core.errors import AwsFailed, Stale
from vending.ports import AccountState, Promise
from vending.requests.dispatcher import ASLEEP, AT_REST, MOVED_ON, wake
from vending.requests.model import ENDED, Cause, State, StepState, TimelineEntry
from vending.requests.queue import CREATE, enrol_gate
from vending.requests.record import Gate, Record
from vending.workflow.causes import OPERATOR, cancelled, explain, unexpected, waited_too_long
from vending.workflow.deed import write_deed
from vending.workflow.line import CLOSE, ENROL, FINISH, FURNISH, MAKE
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


class Withdrawn(Exception):
    """The request was cancelled, or changed and awaits approval anew, before AWS was asked."""


def make_workflow(services: Services) -> Callable[[Any, Any], Any]:
    """The Lambda handler of the workflow; its event is `{"request_id": ...}`."""

    @durable_execution
    def vend(event: dict[str, str], context: DurableContext) -> str:
        line = Line(services, context, event["request_id"])
        while True:
            state = line.take_up()
            if state in ENDED:
                return state
            if state in ASLEEP:
                line.sleep(state)
            else:
                line.make()

    return vend


@dataclass(frozen=True)
class Line:
    """One execution: every method is a durable operation or made of some."""

    services: Services
    context: DurableContext
    request_id: str

    def take_up(self) -> State:
        """Where the request stands now; it is in no queue at this point."""

        def look() -> str:
            return self._mark(lambda r: r.model_copy(update={"started": True, "gate": None})).state.value

        return State(self._step("take-up", look))

    def sleep(self, state: State) -> None:
        """Sleep until a person decided, resumed or edited; the dispatcher repeats a lost wake-up."""

        def store(callback: str, _: WaitForCallbackContext) -> None:
            record = self._mark(lambda r: r.model_copy(update={"callback": callback}))
            if record.state not in ASLEEP:
                wake(self.services.engine, callback, MOVED_ON)

        self.context.wait_for_callback(store, name=f"sleep-{state}")
        self._step("awake", lambda: self._mark(lambda r: r.model_copy(update={"callback": None})).id)

    def make(self) -> None:
        """Every step in order; a cause that needs a person parks the request, in quarantine."""
        try:
            self._make_account()
            self._enrol()
            self._furnish()
            self._step("ready", self._finish)
        except Parked as parked:
            cause = parked.cause
            self._step("park", lambda: self._park(cause))
        except DurableOperationError as error:
            foreseen = unexpected(error)
            self._step("park", lambda: self._park(foreseen))
        except Withdrawn:
            logger.info("request %s was withdrawn before AWS was asked", self.request_id)

    def _make_account(self) -> None:
        if not self._step("has-account", lambda: self._record().account_id is not None):
            self._pass_gate(CREATE, State.QUEUED)
            self._perform(MAKE)
            self._step("leave-create", self._leave_gate)
        self._perform(CLOSE)

    def _enrol(self) -> None:
        if self._step("is-enrolled", lambda: enrolled(self.services, self._record())):
            return
        ou = self._step("which-ou", lambda: self.services.ou_of(self._record()))
        self._pass_gate(enrol_gate(ou), State.ENROLLING)
        self._perform(ENROL)
        self._step("leave-enrol", self._leave_gate)

    def _furnish(self) -> None:
        promises = self._step("promises", self._promises)
        self._perform(step_for(Promise(**promise)) for promise in promises)
        self._perform(FURNISH)
        self._perform(FINISH)

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
        for step in steps:
            outcome = self._until_done(step)
            if outcome.get("withdrawn"):
                raise Withdrawn
            if cause := outcome.get("cause"):
                raise Parked(Cause(**cause))

    def _until_done(self, step: Step) -> dict[str, Any]:
        def check(_: dict[str, Any], looking: WaitForConditionCheckContext) -> dict[str, Any]:
            try:
                return self._attempt(step, looking.attempt)
            except AwsFailed as error:
                if not error.retryable:
                    raise
                return {"pending": error.sentence}

        config = WaitForConditionConfig[dict[str, Any]](wait_strategy=_wait(step), initial_state={})
        return self.context.wait_for_condition(check, config, name=step.name.replace("/", "-"))

    def _attempt(self, step: Step, attempt: int) -> dict[str, Any]:
        """One look at a step: what came of it, as JSON."""
        record = self._enter(step)
        if record.state is not step.state:
            return {"withdrawn": True}
        if record.cancel_wanted_by and record.account_id and step is not isolate.STEP:
            return self._stopped(record, step, record.cancel_wanted_by)
        self._note(record, step, StepState.RUNNING, "")
        outcome = self._outcome(step, record)
        if isinstance(outcome, Cause):
            return self._failed(record, step, outcome)
        if isinstance(outcome, Done):
            self._note(record, step, StepState.DONE, outcome.detail)
            return {"done": outcome.detail}
        if attempt * step.every >= step.patience:
            return self._failed(record, step, waited_too_long(step.title, step.patience, outcome.detail))
        self._note(record, step, StepState.WAITING, outcome.detail)
        return {"pending": outcome.detail}

    def _enter(self, step: Step) -> Record:
        """The request in the step's state; in another one when a person withdrew it."""
        record = self._record()
        if record.state is step.state:
            return record

        def enter(found: Record) -> Record | None:
            return None if found.state in AT_REST else found.model_copy(update={"state": step.state})

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

    def _failed(self, record: Record, step: Step, cause: Cause) -> dict[str, Any]:
        self._note(record, step, StepState.FAILED, cause.sentence, cause.remedy)
        return {"cause": cause.model_dump(mode="json")}

    def _stopped(self, record: Record, step: Step, by: str) -> dict[str, Any]:
        """What a cancel makes of the step: one under way ends, and one that has not begun leaves no line."""
        if self.services.records.noted(record, step.name):
            self._note(record, step, StepState.FAILED, f"stopped: {by} cancelled the request")
        return {"cause": cancelled(by).model_dump(mode="json")}

    def _note(self, record: Record, step: Step, state: StepState, detail: str, remedy: str = "") -> None:
        """Write the step's line of the timeline; a second look does not move its start."""
        now = self.services.clock.now()
        before = self.services.records.noted(record, step.name)
        if before and (state is StepState.RUNNING or (before.state, before.detail) == (state, detail)):
            return
        ended = now if state in (StepState.DONE, StepState.FAILED) else None
        entry = TimelineEntry(
            step=step.title,
            state=state,
            started_at=before.started_at if before else now,
            ended_at=ended,
            detail=detail,
            remedy=remedy,
        )
        self.services.records.note(record, step.name, entry)

    def _park(self, cause: Cause) -> str:
        """Close the account again if it was opened, and say why."""
        record = self._record()
        if record.account_id:
            cause = self._quarantined(record, cause)
        update = {"state": State.PARKED, "parked": cause, "gate": None}

        def park(found: Record) -> Record | None:
            return None if found.state in ENDED else found.model_copy(update=update)

        return self._change("parked", park, code=cause.code).id

    def _quarantined(self, record: Record, cause: Cause) -> Cause:
        """The cause; worse if the account could not be closed."""
        write_deed(self.services, record, AccountState.QUARANTINED)
        try:
            self.services.baseline.isolate(str(record.account_id))
        except AwsFailed as error:
            worse = f"{cause.sentence} And the account could not be put in quarantine: {error.sentence}"
            return cause.model_copy(update={"sentence": worse, "who": OPERATOR})
        return cause

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


def _wait(step: Step) -> Callable[[dict[str, Any], int], WaitForConditionDecision]:
    def decide(outcome: dict[str, Any], _: int) -> WaitForConditionDecision:
        if "pending" in outcome:
            return WaitForConditionDecision.continue_waiting(Duration.from_seconds(step.every))
        return WaitForConditionDecision.stop_polling()

    return decide
