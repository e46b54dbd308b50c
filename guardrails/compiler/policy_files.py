"""Anybody's policy files, packed into as few documents as they fit."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrails.compiler.bins import Groups, spread, squeeze
from guardrails.compiler.minify import Statement, merge_statements, minify_statement, render
from guardrails.compiler.packs import content_hash
from guardrails.compiler.placeholders import fill
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.evaluator import Kind, parse_policy
from guardrails.evaluator.document import read_json
from vending.core.errors import BadInput, FieldError, why_unreadable

SID_LENGTHS = (24, 12, 6)
"""Characters that are kept of a Sid: enough to find the statement again; fewer only where that saves a document."""
KINDS = {PolicyKind.SCP: Kind.SCP, PolicyKind.RCP: Kind.RCP}


@dataclass(frozen=True)
class PackedDocument:
    """One document of a pack."""

    name: str
    content: str
    size: int
    """Characters of `content`."""


def pack_files(
    paths: Sequence[Path], kind: PolicyKind, tell: Callable[[str], None] = lambda _: None
) -> tuple[PackedDocument, ...]:
    """The statements of all files in minified documents within the quota of `kind`: as few as they fit.

    Whatever order the files come in, the pack is the same. It denies and allows exactly what the files, attached side
    by side, deny and allow. Published samples are templates: a value that is still to be filled in (`<my-cidr>`) stays
    as it is, and a file may be a statement alone; `tell` hears of both.

    Raises:
        BadInput: naming file and place for what is not valid, or fits no document, of every file that is wrong.
    """
    read = [minify_statement(statement) for statement in _read_all(paths, kind, tell)]
    statements = sorted(read, key=lambda statement: render([statement]))
    characters = QUOTAS[kind].characters
    merged = merge_statements(statements, characters)
    tries = [_grouped(_named_apart(merged, length), characters) for length in SID_LENGTHS]
    fewest = min(map(len, tries))
    groups = next(groups for groups in tries if len(groups) == fewest)
    contents = {number: render(group) for number, group in groups.items()}
    return tuple(
        PackedDocument(f"pack-{number}@{content_hash(content)}", content, len(content))
        for number, content in contents.items()
    )


def _grouped(statements: Sequence[dict[str, Any]], characters: int) -> Groups:
    roomy, tight = spread(statements, characters), squeeze(statements, characters)
    return roomy if len(roomy) <= len(tight) else tight


def _read_all(paths: Sequence[Path], kind: PolicyKind, tell: Callable[[str], None]) -> list[Statement]:
    statements: list[Statement] = []
    errors: list[FieldError] = []
    for path in paths:
        try:
            statements += _read(path, kind, tell)
        except BadInput as error:
            errors += error.errors
    if errors:
        raise BadInput.of(*errors)
    return statements


def _read(path: Path, kind: PolicyKind, tell: Callable[[str], None]) -> Iterator[Statement]:
    """The checked statements of one file."""
    document = read_json(_text(path), str(path))
    if isinstance(document, dict) and "Effect" in document and "Statement" not in document:
        tell(f"{path} is a statement alone; it is taken for a policy of that statement.")
        document = {"Version": "2012-10-17", "Statement": document}
    filled = fill(document)
    parse_policy(filled.document, KINDS[kind], name=path.name, place=str(path))
    if filled.left:
        tell(f"{path}: still to be filled in: {', '.join(filled.left)}.")
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
        why = f"cannot be read: {why_unreadable(error)}"
        raise BadInput.of(FieldError(str(path), why, "give the path of a JSON file")) from error


def _refuse_if_too_long(statement: Statement, kind: PolicyKind, place: str) -> None:
    short = minify_statement(statement)
    room = QUOTAS[kind].characters
    if len(render([short])) > room:
        raise BadInput.of(
            FieldError(
                place,
                f"this statement alone makes {len(render([short]))} characters; AWS takes {room} in one {kind.label}",
                "split its actions or resources over two statements",
            )
        )


def _named_apart(statements: Sequence[Statement], length: int) -> list[dict[str, Any]]:
    """The statements with short Sids that are unique among them, as IAM demands within a document.

    Where several have one Sid, each gets a part of the hash of what it says, so that none depends on the others.
    """
    short = [_short(statement.get("Sid", ""), length) for statement in statements]
    shared = Counter(sid.lower() for sid in short)
    taken: set[str] = set()
    named = []
    for sid, statement in zip(short, statements, strict=True):
        rest = {name: value for name, value in statement.items() if name != "Sid"}
        wanted = sid if sid and shared[sid.lower()] == 1 else f"{sid[: length - 4]}{content_hash(render([rest]))[:4]}"
        if "Sid" in statement:
            rest = {"Sid": _free(wanted, taken), **rest}
        named.append(rest)
    return named


def _short(sid: str, length: int) -> str:
    return "".join(c for c in sid if c.isascii() and c.isalnum())[:length]


def _free(wanted: str, taken: set[str]) -> str:
    tries = (wanted, *(f"{wanted}x{number}" for number in range(2, len(taken) + 3)))
    sid = next(each for each in tries if each not in taken)
    taken.add(sid)
    return sid
