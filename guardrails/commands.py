"""`freehold guardrails`: the catalogue and the evaluator need no portal; what touches AWS goes through the REST API."""

import os
import sys
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from vending.core.errors import BadInput, FieldError
from vending.core.output import Output, print_items, print_json, print_thing, say
from vending.core.settings import Settings

if TYPE_CHECKING:
    from guardrails.compiler import Document, PolicyKind
    from guardrails.guardrail import Guardrail
    from vending.core.rest import Rest

app = typer.Typer(no_args_is_help=True)

OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
GuardrailId = Annotated[str, typer.Argument(metavar="ID", help="Id of a guardrail, as `list` shows it.")]

LIST_COLUMNS = ("id", "title", "mechanism", "ou_classes", "frameworks")
EXEMPTION_COLUMNS = ("guardrail", "accounts", "roles", "owner", "ticket", "reason", "expires", "state", "days_left")
TEST_COLUMNS = ("guardrail", "where", "case", "expected", "found", "passed")
STEP_COLUMNS = ("act", "policy", "target_name", "reason")
CHANGE_COLUMNS = ("ou", "who", "can", "action", "region", "because")
MOST_SHOWN = 4
"""Actions of one line; JSON has them all."""
DRIFT_COLUMNS = ("kind", "policy", "target_name", "detail", "remedy")
DOCUMENT_COLUMNS = ("name", "size", "guardrails")


@app.command("list")
def list_guardrails(output: OutputOption = Output.TABLE) -> None:
    """List the guardrails and settings of the catalogue."""
    from guardrails.guardrail import describe

    print_items((describe(guardrail) for guardrail in _catalogue()), LIST_COLUMNS, output)


@app.command()
def show(guardrail_id: GuardrailId, output: OutputOption = Output.TABLE) -> None:
    """Show one guardrail with its parameters, statements and cases."""
    from guardrails.catalog import find_guardrail
    from guardrails.guardrail import describe

    print_thing(describe(find_guardrail(_catalogue(), guardrail_id)), output)


@app.command()
def exemptions(output: OutputOption = Output.TABLE) -> None:
    """List who is exempt from what, why and until when; exit 1 if one has ended and still stands in the file."""
    from guardrails.exemptions import tell
    from vending.core.clock import SystemClock

    now = SystemClock().now()
    granted = sorted((e for guardrail in _catalogue() for e in guardrail.exemptions), key=lambda each: each.expires)
    found = [tell(exemption, now) for exemption in granted]
    print_items(found, EXEMPTION_COLUMNS, output)
    ended = sum(each["state"] == "ended" for each in found)
    if ended:
        say(f"{ended} of {len(found)} have ended: remove them from the company file.")
    raise typer.Exit(1 if ended else 0)


@app.command("test")
def try_cases(
    guardrail_id: Annotated[str, typer.Argument(metavar="[ID]", help="Only this guardrail.")] = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Try every case, alone and in the packs of its OU classes, and pass every document through the gates."""
    from guardrails.catalog import find_guardrail
    from guardrails.compiler import compile_packs

    catalogue = _catalogue()
    chosen = (find_guardrail(catalogue, guardrail_id),) if guardrail_id else catalogue
    documents = compile_packs(catalogue)
    tried = list(_try(chosen, documents))
    failed = [row for row in tried if not row["passed"]]
    print_items(tried if output is not Output.TABLE else failed, TEST_COLUMNS, output)
    refused = _say_objections(chosen, documents)
    of = guardrail_id or f"{len(chosen)} guardrails"
    say(f"{len(tried) - len(failed)} of {len(tried)} cases of {of} hold.")
    raise typer.Exit(1 if failed or refused else 0)


@app.command("compile")
def compile_documents(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents are written.")],
    output: OutputOption = Output.TABLE,
    dry_run: DryRun = False,
) -> None:
    """Compile the packs of all OU classes and write one file a document; none if one fails a gate (exit 1)."""
    from guardrails.compiler import compile_packs

    catalogue = _catalogue()
    documents = compile_packs(catalogue)
    refused = _say_objections(catalogue, documents)
    if not (dry_run or refused):
        _write(documents, out)
    rows = ({"name": d.name, "size": len(d.content), "guardrails": list(d.guardrails)} for d in documents)
    print_items(rows, DOCUMENT_COLUMNS, output)
    if refused:
        say("Nothing is written.")
        raise typer.Exit(1)


@app.command()
def evaluate(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl", help="One case a line; - for standard input.")],
    output: Annotated[Output, typer.Option("--output", "-o", help="JSON is one line a case.")] = Output.JSON,
) -> None:
    """Judge cases: policies and a call in, a decision and its reason out. A bad line exits 2 after the others."""
    from guardrails.evaluator import answer_lines

    with _opened(cases) as lines:
        if output is Output.JSON:
            bad = answer_lines(lines, sys.stdout)
        else:
            answers = StringIO()
            bad = answer_lines(lines, answers)
            _print_answers(answers.getvalue(), output)
    if bad:
        say(f"{bad} bad {'line' if bad == 1 else 'lines'}.")
        raise typer.Exit(2)


@app.command()
def pack(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policy documents.")],
    kind: Annotated[str, typer.Option("--kind", metavar="scp|rcp", help="What they are.")],
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.JSON,
) -> None:
    """Pack policy files into as few documents as they fit, without changing what they mean."""
    from guardrails.compiler import pack_files

    documents = [vars(document) for document in pack_files(files, _kind(kind), say)]
    if output is Output.JSON:
        print_json({"documents": documents})
    else:
        print_items(documents, ("name", "size", "content"), output)


@app.command()
def plan(output: OutputOption = Output.TABLE) -> None:
    """Show what applying would do, what it changes in meaning, and what speaks against it (exit 1)."""
    found = _rest().get("/guardrails/plan")
    _print_plan(found, output)
    raise typer.Exit(1 if found["objections"] else 0)


@app.command("apply")
def apply_guardrails(output: OutputOption = Output.TABLE, dry_run: DryRun = False) -> None:
    """Attach what is compiled, new before old. A plan that fails a gate is not begun (exit 1)."""
    rest = _rest()
    found = rest.get("/guardrails/plan")
    if found["objections"] or dry_run:
        _print_plan(found, output)
        raise typer.Exit(1 if found["objections"] else 0)
    done = rest.post("/guardrails/apply")
    _print_plan(done, output)
    say(f"{len(done['steps'])} steps done." if done["steps"] else "Everything was attached already.")


@app.command()
def drift(output: OutputOption = Output.TABLE) -> None:
    """Show what is missing, changed, outdated or somebody else's; exit 1 if anything is."""
    found = list(_rest().items("/guardrails/drift"))
    print_items(found, DRIFT_COLUMNS, output)
    if not found:
        say("What is attached is what is compiled.")
    raise typer.Exit(1 if found else 0)


@app.command()
def why(
    account: Annotated[
        str, typer.Option(metavar="ID", help="The caller's account; for a caller from outside, the resource's.")
    ],
    principal: Annotated[str, typer.Option(metavar="ARN", help="Who calls.")],
    action: Annotated[str, typer.Option(metavar="SERVICE:OPERATION", help="What is called.")],
    resource: Annotated[str, typer.Option(metavar="ARN", help="On what.")] = "*",
    context: Annotated[list[str] | None, typer.Option(metavar="K=V", help="A context key; may be repeated.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Say who or what denies a call, and whom to ask; exit 1 if it is denied."""
    if not (account.isdigit() and len(account) == 12):
        raise BadInput.of(FieldError("--account", f"{account!r} is no account id", "Write its twelve digits."))
    asked = {
        "account": account,
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": dict(_pairs(context or [])),
    }
    found = _rest().post("/guardrails/why", asked)
    print_thing(found if output is Output.JSON else {name: value for name, value in found.items() if value}, output)
    raise typer.Exit(0 if found["decision"] == "allow" else 1)


def _catalogue() -> "tuple[Guardrail, ...]":
    from guardrails.catalog import load_catalogue
    from vending.core.company import load_company

    return load_catalogue(load_company(Settings().config))


def _rest() -> "Rest":
    from vending.core.rest import Rest

    return Rest.from_settings(Settings())


def _try(chosen: "tuple[Guardrail, ...]", documents: "tuple[Document, ...]") -> Iterator[dict[str, Any]]:
    from guardrails.trial import try_everywhere

    for where, verdict in try_everywhere(chosen, documents):
        yield {**vars(verdict), "where": where, "passed": verdict.passed}


def _say_objections(catalogue: "tuple[Guardrail, ...]", documents: "tuple[Document, ...]") -> bool:
    """What the gates have against it, in sentences; whether there is anything."""
    from guardrails.gates import check_documents, check_ghosts

    objections = [*check_documents(documents), *check_ghosts(catalogue)]
    for objection in objections:
        say(f"{objection.gate}: {objection.sentence}")
    return bool(objections)


def _write(documents: "tuple[Document, ...]", folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for document in documents:
            (folder / f"{document.name}.json").write_text(document.content, encoding="utf-8")
    except OSError as error:
        reason = f"nothing can be written there: {error.strerror}"
        raise BadInput.of(FieldError(str(folder), reason, "Name a folder that may be written.")) from error


def _opened(path: Path) -> TextIO:
    """What is not UTF-8 comes as lone surrogates, so that the line it stands in can be told as bad."""
    try:
        if str(path) == "-":
            return os.fdopen(sys.stdin.fileno(), encoding="utf-8", errors="surrogateescape", newline="\n")
        return path.open(encoding="utf-8", errors="surrogateescape", newline="\n")
    except OSError as error:
        raise BadInput.of(FieldError(str(path), f"cannot be read: {error.strerror}", "Name a file.")) from error


def _print_answers(lines: str, output: Output) -> None:
    import json

    rows = (json.loads(line) for line in lines.splitlines())
    print_items(rows, ("id", "decision", "because", "missing", "error"), output)


def _kind(text: str) -> "PolicyKind":
    from guardrails.compiler.quota import STATEMENT_KINDS, PolicyKind

    if text not in list(STATEMENT_KINDS):
        raise BadInput.of(FieldError("--kind", f"{text!r} is no kind of policy", "Write scp or rcp."))
    return PolicyKind(text)


def _print_plan(found: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        print_json(found)
        return
    if found["steps"] or output is Output.CSV:
        print_items(found["steps"], STEP_COLUMNS, output)
    if output is Output.TABLE:
        _print_meaning(found)
    for objection in found["objections"]:
        say(f"{objection['gate']}: {objection['sentence']}")
    if not found["steps"] and not found["objections"]:
        say("Nothing to do: what is attached is what is compiled.")


def _print_meaning(found: Mapping[str, Any]) -> None:
    """What the steps change for whom, and how full the OUs are afterwards."""
    if found["steps"]:
        say("\nWhat that changes:" if found["changes"] else "\nThat changes no answer that anybody gets.")
        print_items(map(_told, found["changes"]), CHANGE_COLUMNS, Output.TABLE) if found["changes"] else None
    say(f"\nAttached afterwards, to each OU:\n{found['limits']}")
    rooms: dict[str, dict[str, str]] = {}
    for room in found["room"]:
        told = f"{room['ours']} ours + {room['others']} of {room['slots']}"
        rooms.setdefault(room["ou"], {"ou": room["ou"]})[room["kind"]] = told
    kinds = dict.fromkeys(room["kind"] for room in found["room"])
    print_items(rooms.values(), ("ou", *kinds), Output.TABLE)


def _told(change: Mapping[str, Any]) -> dict[str, str]:
    actions, more = change["actions"][:MOST_SHOWN], len(change["actions"]) - MOST_SHOWN
    return {
        "ou": ", ".join(change["ous"]),
        "who": change["who"],
        "can": "no longer" if change["after"] == "deny" else "from then on",
        "action": ", ".join(actions) + (f" and {more} more" if more > 0 else ""),
        "region": change["region"] or "any",
        "because": f"{change['guardrail'] or 'what goes away'}: {change['call']}",
    }


def _pairs(texts: list[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise BadInput.of(FieldError("--context", f"{text!r} is no pair", "Write KEY=VALUE."))
        yield key, value
