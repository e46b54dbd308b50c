"""The request form of the portal: what its fields hold, and the body that the API would have been sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from vending.core.errors import BadInput, FieldError
from vending.requests.model import Choices, Request

LABELS = {
    "name": "Name of the account",
    "team": "Team",
    "purpose": "What it is for",
    "template": "Kind of account",
    "monthly_budget_usd": "Budget a month",
    "data_class": "Data",
    "regions": "Regions",
    "tags": "Tags",
}


@dataclass(frozen=True)
class Fields:
    """The form as somebody filled it in, right or wrong: it is shown again with what they typed."""

    team: str = ""
    name: str = ""
    template: str = ""
    purpose: str = ""
    monthly_budget_usd: str = ""
    data_class: str = ""
    regions: tuple[str, ...] = ()
    tags: str = ""
    """One `key=value` a line."""

    @classmethod
    def first(cls, choices: Choices) -> "Fields":
        """What stands there when nobody has typed yet; a choice of one is made already."""
        return cls(
            team=_only(tuple(choices.teams)), data_class=_only(choices.data_classes), regions=choices.regions[:1]
        )

    @classmethod
    def sent(cls, form: FormData) -> "Fields":
        """What a browser sent."""
        texts = {name: _text(form.get(name)) for name in _TEXTS}
        return cls(**texts, regions=tuple(map(_text, form.getlist("regions"))))

    @classmethod
    def of(cls, request: Request) -> "Fields":
        """What was asked already."""
        texts = {name: str(getattr(request, name)) for name in _TEXTS if name != "tags"}
        tags = "\n".join(f"{key}={value}" for key, value in request.tags.items())
        return cls(**texts, regions=request.regions, tags=tags)

    def body(self) -> dict[str, Any]:
        """The body of `POST /account-requests`; line breaks in the purpose count as spaces.

        Raises:
            BadInput: when a line of the tags is none.
        """
        budget = self.monthly_budget_usd.strip()
        return {
            "team": self.team,
            "name": self.name.strip(),
            "template": self.template,
            "purpose": " ".join(self.purpose.split()),
            "monthly_budget_usd": int(budget) if re.fullmatch(r"-?[0-9]{1,12}", budget) else budget,
            "data_class": self.data_class,
            "regions": list(self.regions),
            "tags": _read_tags(self.tags),
        }

    def patch(self, before: Request) -> dict[str, Any]:
        """The merge patch that makes `before` what the form says: a tag that is gone is null (RFC 7396)."""
        asked = before.asked.model_dump(mode="json")
        changed = {name: value for name, value in self.body().items() if value != asked[name]}
        if "tags" in changed:
            changed["tags"] = {**dict.fromkeys(asked["tags"]), **changed["tags"]}
        return changed


_TEXTS = tuple(name for name in LABELS if name != "regions")


def by_field(errors: Sequence[FieldError]) -> Mapping[str, tuple[FieldError, ...]]:
    """The errors under the form field that each belongs to; `-` for those that belong to none."""
    found: dict[str, tuple[FieldError, ...]] = {}
    for error in errors:
        name = error.field.split(".")[0]
        place = name if name in LABELS else "-"
        found[place] = (*found.get(place, ()), error)
    return found


def _read_tags(text: str) -> dict[str, str]:
    tags = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise BadInput.of(FieldError("tags", f"line {number} has no =", "Write one key=value a line."))
        tags[key.strip()] = value.strip()
    return tags


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _only(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ""
