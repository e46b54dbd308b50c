"""Shortest texts for every way in which a set of patterns can match or not match together.

Each pattern is a small nondeterministic automaton; all run side by side over characters that any of them
can tell apart, plus one that none of them mentions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from guardrails.evaluator.text import AnyOne, Star

MOST_STATES = 5_000
"""Where patterns interleave more than this, not every combination is found."""

OTHER = "\N{REPLACEMENT CHARACTER}"
"""Stands for all characters that no pattern mentions."""

Parts = tuple[str | Star | AnyOne, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text to be matched, with the rules of its operator."""

    parts: Parts
    segments: bool = False
    """Wildcards stop at the first five colons (ARN operators)."""
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One position of a pattern: a character, or None for a wildcard."""

    char: str | None
    repeats: bool
    no_colon: bool
    ignore_case: bool

    def takes(self, char: str) -> bool:
        if self.char is None:
            return not (self.no_colon and char == ":")
        return char == self.char or (self.ignore_case and char.lower() == self.char.lower())


@lru_cache(maxsize=1_024)
def examples(patterns: tuple[Pattern, ...]) -> tuple[tuple[str, ...], bool]:
    """One shortest text for each combination of matches that exists, and whether all were found."""
    machines = [_steps(pattern) for pattern in patterns]
    start = tuple(_closure(steps, {0}) for steps in machines)
    texts = {start: ""}
    found: dict[tuple[bool, ...], str] = {}
    queue = [start]
    for state in queue:
        matched = tuple(len(steps) in places for steps, places in zip(machines, state, strict=True))
        found.setdefault(matched, texts[state])
        if len(texts) > MOST_STATES:
            continue
        for char in sorted(_alphabet(machines, state)):
            following = tuple(_move(steps, places, char) for steps, places in zip(machines, state, strict=True))
            if following not in texts:
                texts[following] = texts[state] + char
                queue.append(following)
    return tuple(found.values()), len(texts) <= MOST_STATES


def _steps(pattern: Pattern) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    colons = 0
    for part in pattern.parts:
        fenced = pattern.segments and colons < 5
        if isinstance(part, str):
            steps += (_Step(char, False, False, pattern.ignore_case) for char in part)
            colons += part.count(":")
        else:
            steps.append(_Step(None, isinstance(part, Star), fenced, pattern.ignore_case))
    return tuple(steps)


def _closure(steps: Sequence[_Step], places: set[int]) -> frozenset[int]:
    reached = set(places)
    for place in sorted(places):
        here = place
        while here < len(steps) and steps[here].repeats:
            here += 1
            reached.add(here)
    return frozenset(reached)


def _move(steps: Sequence[_Step], places: frozenset[int], char: str) -> frozenset[int]:
    following = {
        place if steps[place].repeats else place + 1
        for place in places
        if place < len(steps) and steps[place].takes(char)
    }
    return _closure(steps, following)


def _alphabet(machines: Sequence[Sequence[_Step]], state: Sequence[frozenset[int]]) -> set[str]:
    """The characters that lead to different states from here; none where every pattern has failed."""
    live = [step for steps, places in zip(machines, state, strict=True) for step in _next(steps, places)]
    chars = {OTHER} if any(state) else set()
    for step in live:
        if step.char is not None:
            chars |= {step.char, step.char.swapcase()} if step.ignore_case else {step.char}
        elif step.no_colon:
            chars.add(":")
    return chars


def _next(steps: Sequence[_Step], places: frozenset[int]) -> Iterator[_Step]:
    return (steps[place] for place in places if place < len(steps))
