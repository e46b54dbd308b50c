"""Anybody's policy files, packed into as few documents as they fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrails.compiler.bins import pack
from guardrails.compiler.minify import Statement, merge_statements, minify_statement, render
from guardrails.compiler.packs import content_hash
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.evaluator import Kind, parse_policy
from guardrails.evaluator.document import read_json
from vending.core.errors import BadInput, FieldError

SID_LENGTH = 24
"""Characters that are kept of a Sid: enough to find the statement again, few enough to pack well."""
KINDS = {PolicyKind.SCP: Kind.SCP, PolicyKind.RCP: Kind.RCP}


@dataclass(frozen=True)
class PackedDocument:
    """One document of a pack."""

    name: str
    content: str
    size: int
    """Characters of `content`."""


def pack_files(paths: Sequence[Path], kind: PolicyKind) -> tuple[PackedDocument, ...]:
    """The statements of all files in minified documents within the quota of `kind`.

    The pack denies and allows exactly what the files, attached side by side, deny and allow.

    Raises:
        BadInput: naming file and place for what is not valid, or fits no document.
    """
    statements = [statement for path in paths for statement in _read(path, kind)]
    characters = QUOTAS[kind].characters
    groups = pack(_named_apart(merge_statements(statements, characters)), characters)
    contents = [render(group) for group in groups]
    return tuple(
        PackedDocument(f"pack-{number}@{content_hash(content)}", content, len(content))
        for number, content in enumerate(contents, start=1)
    )


def _read(path: Path, kind: PolicyKind) -> Iterator[Statement]:
    """The checked statements of one file."""
    document = read_json(_text(path), str(path))
    parse_policy(document, KINDS[kind], name=path.name, place=str(path))
    if "${" in _text(path) and document.get("Version") != "2012-10-17":
        raise BadInput.of(
            FieldError(
                f"{path}.Version",
                'without "2012-10-17" the text ${...} in it is no variable, in a pack it would be one',
                'write "Version": "2012-10-17", or take the variable out',
            )
        )
    listed = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for number, statement in enumerate(listed):
        _refuse_if_too_long(statement, kind, f"{path}.Statement[{number}]")
        yield statement


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadInput.of(FieldError(str(path), f"cannot be read: {reason}", "give the path of a JSON file")) from error


def _refuse_if_too_long(statement: Statement, kind: PolicyKind, place: str) -> None:
    short = minify_statement(statement)
    room = QUOTAS[kind].characters
    if len(render([short])) > room:
        raise BadInput.of(
            FieldError(
                place,
                f"this statement alone makes a document of {len(render([short]))} characters, {room} fit one {kind}",
                "split its actions or resources over two statements",
            )
        )


def _named_apart(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """The statements with short Sids that are unique among them, as IAM demands within a document."""
    taken: set[str] = set()
    return [{**statement, **_sid(statement, taken)} for statement in statements]


def _sid(statement: Statement, taken: set[str]) -> dict[str, str]:
    if "Sid" not in statement:
        return {}
    wanted = "".join(c for c in statement["Sid"] if c.isascii() and c.isalnum())[:SID_LENGTH]
    tail = 1
    sid = wanted
    while not sid or sid in taken:
        tail += 1
        sid = f"{wanted[: SID_LENGTH - len(str(tail))]}{tail}"
    taken.add(sid)
    return {"Sid": sid}
