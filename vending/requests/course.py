"""The course of a request as its page shows it: what was done, what is under way, what is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from vending.requests.model import StepState, TimelineEntry


@dataclass(frozen=True)
class Stage:
    """One step of the line, or all the settings of the baseline together."""

    title: str
    state: StepState
    started_at: datetime
    ended_at: datetime | None
    detail: str
    remedy: str
    parts: tuple[TimelineEntry, ...] = ()


@dataclass(frozen=True)
class Course:
    """The stages that began, in order, and the titles of those that did not."""

    stages: tuple[Stage, ...]
    to_come: tuple[str, ...]


def chart(timeline: Sequence[TimelineEntry], planned: Sequence[str], settings: str) -> Course:
    """Lay the timeline over the planned titles; entries that are none of them are parts of the stage `settings`."""
    runs = [(ours, tuple(run)) for ours, run in groupby(timeline, key=lambda entry: entry.step in planned)]
    stages: list[Stage] = []
    for place, (is_step, entries) in enumerate(runs):
        stages += map(_step, entries) if is_step else [_together(settings, entries, last=place == len(runs) - 1)]
    return Course(tuple(stages), _after(stages, planned))


def _step(entry: TimelineEntry) -> Stage:
    return Stage(entry.step, entry.state, entry.started_at, entry.ended_at, entry.detail, entry.remedy)


def _together(title: str, parts: tuple[TimelineEntry, ...], *, last: bool) -> Stage:
    """Done once something came after it; until then as its last part stands, and under way between two parts."""
    newest = parts[-1]
    state = newest.state
    if state is StepState.DONE and last:
        state = StepState.RUNNING
    done = sum(part.state is StepState.DONE for part in parts)
    detail = newest.detail if state is StepState.WAITING else f"{done} put in place"
    ended = newest.ended_at if state in (StepState.DONE, StepState.FAILED) else None
    return Stage(title, state, parts[0].started_at, ended, detail, newest.remedy, parts)


def _after(stages: Sequence[Stage], planned: Sequence[str]) -> tuple[str, ...]:
    reached = next((planned.index(stage.title) for stage in reversed(stages) if stage.title in planned), -1)
    return tuple(planned[reached + 1 :])
