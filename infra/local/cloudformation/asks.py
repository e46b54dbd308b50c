"""What the handler of a resource type asks of AWS: calls, their parameters taken from the resource's properties."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]
Source = str | Callable[[Properties], Any]
PHYSICAL_ID = "physical id"
"""Source of a parameter that is what the resource was called when it was made."""


@dataclass(frozen=True)
class Ask:
    """One call of a handler."""

    service: str
    operation: str
    sources: Mapping[str, Source]
    """Where each parameter comes from: a property, or what is made of the properties."""

    each: tuple[str, str] | None = None
    """A parameter and the property whose every item it takes in turn."""

    def parameters(self, properties: Properties) -> Iterator[dict[str, Any]]:
        """The parameters of every call; a property that is not given gives none."""
        given = {name: _taken(source, properties) for name, source in self.sources.items()}
        given = {name: value for name, value in given.items() if value is not None}
        if self.each is None:
            yield given
            return
        parameter, listed = self.each
        items = properties.get(listed) or []
        yield from ({**given, parameter: item} for item in (items if isinstance(items, list) else [items]))


def _taken(source: Source, properties: Properties) -> Any:
    return properties.get(source) if isinstance(source, str) else source(properties)


def ask(call: str, *same: str, each: tuple[str, str] | None = None, **renamed: Source) -> Ask:
    """`ask("s3.CreateBucket", "Tags", Bucket="BucketName")`."""
    service, _, operation = call.partition(".")
    return Ask(service, operation, {**{name: name for name in same}, **renamed}, each)


@dataclass(frozen=True)
class Handler:
    """What making, changing and deleting a resource of one type asks of AWS."""

    create: Ask | None
    delete: Ask | None
    settings: Mapping[str, Ask] = field(default_factory=dict)
    """By property: what is asked besides where it is given, and when it is changed."""

    changes: Mapping[str, Ask] = field(default_factory=dict)
    """By property: what is asked when it is changed."""

    def to_create(self, properties: Properties) -> Iterator[Ask]:
        """Every call of the handler that creates."""
        if self.create:
            yield self.create
        yield from (one for name, one in self.settings.items() if properties.get(name))

    def to_change(self, changed: list[str]) -> list[Ask] | None:
        """Every call of the handler that updates; None where one is not known."""
        known = {**self.settings, **self.changes}
        return [known[name] for name in changed] if set(changed) <= set(known) else None
