"""The filters of findings, in the words of the API, the command line and the pages."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.finding import STATUSES, Severity
from audit.query.names import framework_of, names_of
from vending.core.errors import BadInput, FieldError

MAX_LIMIT = 1000
MANY = ("account", "team", "control", "ou", "status", "severity", "source", "region", "framework", "waiver")
"""The filters that may be given several times, in the order in which they are tried."""
COLUMNS = {"account": "account_id", "control": "control_id", "waiver": "waiver_id"}
"""The columns of filters that are called otherwise."""
NOBODY = "-"
"""Stands for no team: no team can be called so."""
TEXT = ("title", "reason", "control_id", "resource_id", "resource_type", "account_id", "team", "ou")
"""Where the words of a search are looked for: columns of few values first."""
MOST_WORDS = 8
_SEVERITIES = ", ".join(f"'{one.value}'" for one in Severity)
_STATUSES = ", ".join(f"'{one}'" for one in STATUSES)
RANK = f"list_position([{_STATUSES}], status), list_position([{_SEVERITIES}], severity), changed_at DESC"
ORDER = f"{RANK}, source, control_id, account_id, region, resource_id, finding_id"
"""The worst first, of these the newest."""


class Status(StrEnum):
    """The status of a finding."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 - a status, not a password
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Filters:
    """What findings are asked for. Several values of one field are alternatives; an empty field asks nothing."""

    account: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    """Names of teams; `-` for what no team owns."""
    control: tuple[str, ...] = ()
    """A control's id, the last part of its ARN, or the name a Config rule was given before it was deployed."""
    ou: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    """A framework (`NIST-SP-800-53-r5`), or one of its items (`NIST-SP-800-53-r5 AC-3`)."""
    waiver: tuple[str, ...] = ()
    """Ids of waivers: what they cover."""
    q: str = ""
    """Words that all stand somewhere in a finding: in its title, reason, control, resource, account, team or OU."""
    since: datetime | None = None
    """Only findings whose state changed at or after this moment; UTC where it names no zone."""

    @property
    def named(self) -> str:
        """A statement for the ids of the controls that are asked for by any of their names."""
        return (
            "SELECT control_id FROM (SELECT DISTINCT control_id FROM findings) "  # noqa: S608 - our own words
            f"WHERE list_has_any($control, {names_of('control_id')})"
        )

    @property
    def by_place(self) -> bool:
        """Whether they ask for nothing that tells findings of one account, region, source and severity apart."""
        return not (self.control or self.framework or self.waiver or self.q or self.since)

    @property
    def where(self) -> str:
        """A condition for SQL, true for everything when nothing is asked; controls are taken to be given by id."""
        return " AND ".join(self._conditions()) or "true"

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of the condition's parameters."""
        fields: dict[str, Any] = {}
        for name, values in self._asked():
            if name in _CONDITIONS:
                fields[name] = list(values)
            else:
                fields |= {f"{name}_{number}": value for number, value in enumerate(values)}
        if self.since:
            aware = self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)
            fields["since"] = aware.astimezone(UTC).replace(tzinfo=None)
        return fields | {f"word_{number}": word for number, word in enumerate(self._words())}

    def _asked(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name in MANY:
            if values := getattr(self, name):
                yield name, values

    def _conditions(self) -> Iterator[str]:
        for name, values in self._asked():
            listed = ", ".join(f"${name}_{number}" for number, _ in enumerate(values))
            yield _CONDITIONS.get(name, f"{COLUMNS.get(name, name)} IN ({listed})")
        if self.since:
            yield "changed_at >= $since"
        for number, _ in enumerate(self._words()):
            yield "(" + " OR ".join(f"contains(lower({column}), $word_{number})" for column in TEXT) + ")"

    def _words(self) -> list[str]:
        return self.q.lower().split()[:MOST_WORDS]


_CONDITIONS: Mapping[str, str] = {
    "team": f"list_contains($team, coalesce(team, '{NOBODY}'))",
    "framework": (
        "(list_has_any($framework, frameworks) "
        f"OR list_has_any($framework, list_transform(frameworks, lambda x: {framework_of('x')})))"
    ),
}


class Cursor(BaseModel):
    """Where the next page begins, in which state of the ledger: pages of one listing never shift."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^heads/[0-9TZ:.-]{27}-[0-9]{8,12}\.json$")
    """Of the head that the listing shows."""
    offset: int = Field(ge=0)

    def encode(self) -> str:
        """As an opaque word."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """The cursor that `Cursor.encode` made.

    Raises:
        BadInput: for anything else.
    """
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Cursor.model_validate_json(content)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise bad_cursor() from error


def bad_cursor() -> BadInput:
    """What is said about a cursor that is none, or no longer one."""
    return BadInput.of(FieldError("cursor", "is not one that this API gave", "Start again without it."))
