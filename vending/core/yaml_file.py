"""A YAML file that people write: what is wrong in it is told with its line, in words, and with the way out."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vending.core.errors import BadInput, FieldError

Where = tuple[int | str, ...]
SCHEMA = "`freehold config schema` shows what may stand there."
WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "dict_type": "is no mapping of keys",
    "model_type": "is no mapping of keys",
    "tuple_type": "is no list",
    "list_type": "is no list",
    "int_parsing": "is no whole number",
    "int_type": "is no whole number",
    "int_from_float": "is no whole number",
    "float_parsing": "is no number",
    "float_type": "is no number",
    "bool_parsing": "is neither true nor false",
    "string_type": "is no text",
}
"""What is wrong, by pydantic's name of the error."""
FORM = frozenset({"string_pattern_mismatch", "string_type", "string_too_long", "string_too_short"})
"""Errors of a text that has a form."""


@dataclass(frozen=True)
class YamlFile:
    """A file that could be read, with where everything stands in it."""

    path: Path
    content: Any
    node: yaml.Node | None

    @classmethod
    def read(cls, path: Path, text: str) -> Self:
        """The file of this text.

        Raises:
            BadInput: with the line, when it is no YAML or a key stands twice in one place.
        """
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            content = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadInput(f"{path}, line {line}: this is no YAML: {error.problem}.", "Mend that line.") from error
        if twice := tuple(_twice(path, node, ())):
            raise BadInput.of(*twice)
        return cls(path, content, node)

    def place(self, where: Where) -> str:
        """The line and the path of keys."""
        return f"{self.path}, line {_line(self.node, where)}: {_dotted(where)}"

    def explained(self, error: ValidationError, model: type[BaseModel]) -> Iterator[FieldError]:
        """Unknown keys first: a key that is missing is often one that is misspelt."""
        schema = model.model_json_schema()
        for details in sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden"):
            yield self._explain(details, schema)

    def _explain(self, details: ErrorDetails, schema: Mapping[str, Any]) -> FieldError:
        where = tuple(part for part in details["loc"] if part != "[key]")
        place = self.place(where)
        if details["type"] == "extra_forbidden":
            known = sorted(_at(schema, where[:-1]).get("properties", {}))
            nearest = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.5)
            remedy = f"Did you mean `{nearest[0]}`?" if nearest else f"Known keys: {', '.join(known)}."
            return FieldError(place, "is not a key here", remedy)
        form = _at(schema, where)
        if details["type"] in FORM and "examples" in form and "[key]" not in details["loc"]:
            quoted = f'"{form["examples"][0]}"' if form["examples"][0].isdigit() else form["examples"][0]
            return FieldError(place, f"{details['input']!r} is no {form['title']}", f"Write it like {quoted}.")
        reason = details["msg"].removeprefix("Value error, ")
        return FieldError(place, WORDS.get(details["type"], reason[0].lower() + reason[1:]), SCHEMA)


def _dotted(where: Where) -> str:
    return ".".join(map(str, where)) or "-"


def _twice(path: Path, node: yaml.Node | None, where: Where) -> Iterator[FieldError]:
    """Each key that stands a second time in its mapping: YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _twice(path, item, (*where, number))
    if not isinstance(node, yaml.MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in first:
            place = f"{path}, line {line}: {_dotted((*where, name))}"
            yield FieldError(place, f"stands on line {first[name]} already", "Keep one of the two.")
        first.setdefault(name, line)
        yield from _twice(path, value, (*where, name))


def _line(node: yaml.Node | None, where: Where) -> int:
    """The line of the deepest node on the path that the file really has."""
    line = 1
    for part in where:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k.start_mark.line + 1, v) for k, v in node.value if k.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _at(schema: Mapping[str, Any], where: Where) -> Mapping[str, Any]:
    """What may stand at a place."""
    here = schema
    for part in where:
        here = _below(here, str(part))
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[-1]]
    return here


def _below(here: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """The schema one step down: of a key, of any key of a mapping, or of an item of a list."""
    any_key = next(iter(here.get("patternProperties", {}).values()), here.get("additionalProperties") or None)
    found: Mapping[str, Any] = here.get("properties", {}).get(part) or any_key or here.get("items", {})
    optional: Mapping[str, Any] = next(iter(found.get("anyOf", ())), found)
    return optional
