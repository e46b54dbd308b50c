"""Texts of policies that are matched: wildcards and policy variables, compiled once.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from guardrails.evaluator.call import Facts

_VARIABLE = re.compile(r"\$\{\s*(?P<key>[^},]+?)\s*(,\s*'(?P<default>[^']*)'\s*)?\}")
_SPECIAL = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Star:
    """`*`: any characters, or none."""


@dataclass(frozen=True, slots=True)
class AnyOne:
    """`?`: exactly one character."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str
    """Lower case, as keys are case-insensitive."""
    default: str | None


Part = str | Star | AnyOne | Variable
STAR, ANY_ONE = Star(), AnyOne()


@dataclass(frozen=True)
class Text:
    """A text of a policy as its parts; literals are never empty."""

    parts: tuple[Part, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Lower-case context keys of the variables in it."""
        return frozenset(part.key for part in self.parts if isinstance(part, Variable))

    def resolved(self, facts: Facts) -> tuple[str | Star | AnyOne, ...] | None:
        """The parts with every variable replaced by its literal value; None where one has none.

        Only single-valued keys can be variables. What is substituted is literal: a `*` in a tag value
        is no wildcard.
        """
        parts: list[str | Star | AnyOne] = []
        for part in self.parts:
            value = _value_of(part, facts) if isinstance(part, Variable) else part
            if value is None:
                return None
            parts.append(value)
        return tuple(parts)


def _value_of(variable: Variable, facts: Facts) -> str | None:
    values = facts.get(variable.key, ())
    return values[0] if len(values) == 1 else variable.default


def read_text(text: str, *, variables: bool, wildcards: bool = True) -> Text:
    """Take a text of a policy apart.

    Without `variables` (policies of version 2008-10-17) `${...}` is literal; without `wildcards`
    (StringEquals) `*` and `?` are. `${*}`, `${?}` and `${$}` are the characters themselves.
    """
    parts: list[Part] = []
    start = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        parts += _literal(text[start : match.start()], wildcards)
        parts.append(_variable(match["key"], match["default"]))
        start = match.end()
    parts += _literal(text[start:], wildcards)
    return Text(tuple(parts))


def _variable(key: str, default: str | None) -> Part:
    return key if key in _SPECIAL else Variable(key.lower(), default)


def _literal(text: str, wildcards: bool) -> Iterator[Part]:
    if not wildcards:
        yield from (text,) if text else ()
        return
    for piece in re.split(r"(\*+|\?)", text):
        if piece:
            yield STAR if piece[0] == "*" else ANY_ONE if piece == "?" else piece


Render = Callable[[Sequence[str | Star | AnyOne]], str]


def render_plain(parts: Sequence[str | Star | AnyOne]) -> str:
    """Regular expression in which `*` matches anything at all (StringLike, actions).

    What stands between two stars is matched as early as possible and never again (an atomic group), so
    that no text makes the match slow.
    """
    chunks: list[list[str]] = [[]]
    for part in parts:
        if isinstance(part, Star):
            chunks.append([])
        else:
            chunks[-1].append("." if isinstance(part, AnyOne) else re.escape(part))
    head, *rest = ("".join(chunk) for chunk in chunks)
    middle = "".join(f"(?>.*?{chunk})" for chunk in rest[:-1] if chunk)
    return head + middle + (f".*{rest[-1]}" if rest else "")


def render_resource(parts: Sequence[str | Star | AnyOne]) -> str:
    """Regular expression for a Resource element.

    `*` and `?` stay within their segment of the ARN; a `*` that is the last character of a segment
    "can expand to match beyond the colon boundaries", and the resource itself, after the fifth colon,
    is one segment in which colons mean nothing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    colons = 0
    pieces: list[str] = []
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else ""
        if isinstance(part, Star):
            loose = colons >= 5 or following == "" or (isinstance(following, str) and following[0] == ":")
            pieces.append(".*" if loose else "[^:]*")
        elif isinstance(part, AnyOne):
            pieces.append("." if colons >= 5 else "[^:]")
        else:
            pieces.append(re.escape(part))
            colons += part.count(":")
    return "".join(pieces)


def render_arn(parts: Sequence[str | Star | AnyOne]) -> str:
    """Regular expression for the ARN operators: each of the six segments is matched on its own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    colons = 0
    pieces: list[str] = []
    for part in parts:
        inside = colons < 5
        if isinstance(part, Star):
            pieces.append("[^:]*" if inside else ".*")
        elif isinstance(part, AnyOne):
            pieces.append("[^:]" if inside else ".")
        else:
            pieces.append(re.escape(part))
            colons += part.count(":")
    return "".join(pieces)


@lru_cache(maxsize=8_192)
def _compiled(expression: str, flags: int) -> re.Pattern[str]:
    return re.compile(expression, flags)


@dataclass(frozen=True)
class Matcher:
    """Whether a value matches any of some texts; texts without variables are compiled once."""

    texts: tuple[Text, ...]
    render: Render
    ignore_case: bool = False
    _memory: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Context keys the answer depends on besides the value."""
        return frozenset().union(*(text.keys for text in self.texts))

    def matches(self, value: str, facts: Facts) -> bool:
        """Whether any text matches the whole value. A text whose variable has no value matches nothing."""
        answer = self._memory.get(value)
        if answer is None:
            answer = self._matches_fixed(value)
        if answer or not self._open:
            return answer
        return any(self._matches_open(text, value, facts) for text in self._open)

    def is_resolved(self, facts: Facts) -> bool:
        """Whether every policy variable has a value."""
        return not self._open or all(text.resolved(facts) is not None for text in self._open)

    @cached_property
    def _open(self) -> tuple[Text, ...]:
        return tuple(text for text in self.texts if text.keys)

    @cached_property
    def _fixed(self) -> re.Pattern[str] | None:
        expressions = [self.render(parts) for parts in self._fixed_parts()]
        return self._compile("|".join(f"(?:{each})" for each in expressions)) if expressions else None

    def _fixed_parts(self) -> Iterator[Sequence[str | Star | AnyOne]]:
        for text in self.texts:
            parts = None if text.keys else text.resolved({})
            if parts is not None:
                yield parts

    def _matches_fixed(self, value: str) -> bool:
        if len(self._memory) >= 1_024:
            self._memory.clear()
        answer = self._fixed is not None and self._fixed.fullmatch(value) is not None
        self._memory[value] = answer
        return answer

    def _matches_open(self, text: Text, value: str, facts: Facts) -> bool:
        parts = text.resolved(facts)
        return parts is not None and self._compile(self.render(parts)).fullmatch(value) is not None

    def _compile(self, expression: str) -> re.Pattern[str]:
        return _compiled(expression, re.DOTALL | (re.IGNORECASE if self.ignore_case else 0))
