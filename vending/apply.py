"""`freehold apply DIR`: what a folder of request files asks for, and what is missing of it, made so.

First everything is judged and nothing is written; a file that is wrong stops it all. Then what is missing is asked
for, one after the other; what cannot be done keeps nothing else from being done.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from vending.core.errors import AwsFailed, BadInput, Conflict, FieldError, Partial
from vending.core.output import Output, print_items, say
from vending.core.rest import PortalFailed, Rest
from vending.core.settings import Settings
from vending.requests.files import read_file, request_files

COLUMNS = ("file", "name", "action", "request_id", "state", "problem")
GONE = ("rejected", "cancelled")
MERGE_PATCH = "application/merge-patch+json"


class Action(StrEnum):
    """What a file comes to."""

    CREATE = "create"
    EDIT = "edit"
    NONE = "none"
    BLOCKED = "blocked"
    """It cannot be done now, or somebody has to act first."""


@dataclass(frozen=True)
class Item:
    """One file, what is there of it, and what is to be done."""

    path: Path
    body: Mapping[str, Any]
    action: Action
    known: Mapping[str, Any] | None = None
    patch: Mapping[str, Any] = field(default_factory=dict)
    """What an edit changes."""
    problem: str = ""

    def row(self) -> dict[str, Any]:
        """As it is printed."""
        fields = f" {', '.join(sorted(self.patch))}" if self.action is Action.EDIT else ""
        return {
            "file": self.path.name,
            "name": self.body.get("name"),
            "action": f"{self.action.value}{fields}",
            "request_id": self.known["id"] if self.known else None,
            "state": self.known["state"] if self.known else None,
            "problem": self.problem or None,
        }


def apply(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of request files.")],
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.TABLE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Make the accounts that a folder of request files asks for: the plan first, then what is missing.

    Run again it changes nothing that is as the files say. Exit code 6 when something could not be brought about.
    """
    rest = Rest.from_settings(Settings())
    plan = tuple(_planned(rest, _read(folder)))
    done = plan
    if dry_run:
        print_items((item.row() for item in plan), COLUMNS, output)
    else:
        _show(plan, output)
        done = tuple(_converged(rest, item) for item in plan)
        if output is not Output.TABLE:
            print_items((item.row() for item in done), COLUMNS, output)
    if short := [item for item in done if item.problem]:
        names = ", ".join(item.path.name for item in short)
        remedy = "Mend what stands beside each, then apply the folder again."
        raise Partial(f"{len(short)} of {len(done)} files could not be brought about: {names}.", remedy)


def _show(plan: Iterable[Item], output: Output) -> None:
    """The plan: data in a table, talk beside data that programs read."""
    if output is Output.TABLE:
        print_items((item.row() for item in plan), COLUMNS, output)
        return
    for item in plan:
        say(f"{item.path.name}: {item.row()['action']}")


def _read(folder: Path) -> dict[Path, dict[str, Any]]:
    """Every request file.

    Raises:
        BadInput: naming each file that cannot be read, and two that ask for the same account.
    """
    found: dict[Path, dict[str, Any]] = {}
    errors: list[FieldError] = []
    asked: dict[tuple[str, str], Path] = {}
    for path in request_files(folder):
        try:
            found[path] = read_file(path)
        except BadInput as error:
            errors.extend(error.errors)
            continue
        key = (str(found[path].get("team")), str(found[path].get("name")))
        if first := asked.get(key):
            errors.append(FieldError(str(path), f"it asks for the same account as {first.name}", "Drop one of them."))
        asked.setdefault(key, path)
    if errors:
        raise BadInput.of(*errors)
    return found


def _planned(rest: Rest, wanted: Mapping[Path, Mapping[str, Any]]) -> Iterator[Item]:
    """Each file judged by the portal; nothing is written.

    Raises:
        BadInput: naming every field of every file that is wrong.
        NotAllowed: when something may not be asked for by the caller.
    """
    known = _known(rest, {str(body.get("team")) for body in wanted.values()})
    items, errors = [], list[FieldError]()
    for path, body in wanted.items():
        try:
            items.append(_judged(rest, path, body, known.get((str(body.get("team")), str(body.get("name"))))))
        except BadInput as error:
            errors.extend(replace(e, field=f"{path.name}: {e.field}") for e in error.errors or _whole(error))
    if errors:
        raise BadInput.of(*errors)
    yield from items


def _whole(error: BadInput) -> tuple[FieldError, ...]:
    return (FieldError("-", error.sentence, error.remedy),)


def _known(rest: Rest, teams: Iterable[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The living requests of the teams, by team and name."""
    found = (r for team in sorted(teams) for r in rest.items("/account-requests", team=team))
    return {(r["team"], r["name"]): r for r in found if r["state"] not in GONE}


def _judged(rest: Rest, path: Path, body: Mapping[str, Any], known: Mapping[str, Any] | None) -> Item:
    item = Item(path, body, Action.NONE, known)
    try:
        if known is None:
            rest.post("/account-requests/plan", body)
            return replace(item, action=Action.CREATE)
        if patch := _patch(body, known):
            after = _send_patch(rest, known["id"], patch, dry_run=True)
            if after["hash"] != known["hash"]:
                return replace(item, action=Action.EDIT, patch=patch)
    except Conflict as error:
        return replace(item, action=Action.BLOCKED, problem=error.sentence)
    return _at_rest(item)


def _at_rest(item: Item) -> Item:
    """As the file says; but a parked request goes on only after somebody acted."""
    if item.known and item.known["state"] == "parked":
        remedy = (item.known.get("parked") or {}).get("remedy", "Somebody has to resume it.")
        return replace(item, action=Action.BLOCKED, problem=f"It is parked. {remedy}")
    return item


def _patch(body: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that makes a request what the file says; a tag that is not in the file any more is removed."""
    patch = {name: value for name, value in body.items() if known.get(name) != value}
    tags = patch.get("tags")
    if isinstance(tags, Mapping):
        patch["tags"] = {**dict.fromkeys(known["tags"].keys() - tags.keys()), **tags}
    return patch


def _converged(rest: Rest, item: Item) -> Item:
    """What became of it: a failure stands beside the file and stops no other."""
    try:
        if item.action is Action.CREATE:
            made = rest.post("/account-requests", item.body, {"Idempotency-Key": str(uuid.uuid4())})
        elif item.action is Action.EDIT and item.known:
            made = _send_patch(rest, item.known["id"], item.patch)
        else:
            return item
    except (AwsFailed, BadInput, Conflict, PortalFailed) as error:
        say(f"{item.path.name}: {error.sentence}")
        return replace(item, problem=error.sentence)
    say(f"{item.path.name}: {made['id']} {made['state']}")
    return replace(item, known=made)


def _send_patch(rest: Rest, request_id: str, patch: Mapping[str, Any], **params: bool) -> Any:
    where = f"/account-requests/{request_id}"
    headers = {"If-Match": rest.answer("GET", where).headers["ETag"], "Content-Type": MERGE_PATCH}
    return rest.answer("PATCH", where, content=json.dumps(patch), headers=headers, params=params).json()
