"""The shell of the command line: names and one line of help for each command; the rest is loaded when it is called."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from vending.core.errors import FreeholdError
from vending.core.output import say, say_error

USAGE = 2
INTERRUPTED = 130


@dataclass(frozen=True)
class Entry:
    """A command, or a group of commands, that a package contributes."""

    name: str
    help: str
    target: str
    """`module:attribute` of a `typer.Typer`, or of a function that is one command."""
    group: bool = True


class _LazyGroup(TyperGroup):
    def __init__(self, entry: Entry) -> None:
        super().__init__(name=entry.name, help=entry.help, no_args_is_help=True)
        self._entry = entry

    def _real(self) -> TyperGroup:
        return typer.main.get_group(_load(self._entry))

    def list_commands(self, ctx: Any) -> list[str]:
        return self._real().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._real().get_command(ctx, cmd_name)


class _LazyCommand(TyperCommand):
    def __init__(self, entry: Entry) -> None:
        super().__init__(name=entry.name, help=entry.help)
        self._entry = entry

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        app = typer.Typer(add_completion=False)
        app.command(self._entry.name, help=self._entry.help)(_load(self._entry))
        return typer.main.get_command(app).make_context(info_name, args, parent, **extra)


def build_shell(entries: Sequence[Entry]) -> TyperGroup:
    """The root command with every contributed one below it."""
    commands: dict[str, Any] = {e.name: _LazyGroup(e) if e.group else _LazyCommand(e) for e in entries}
    about = "Gives a team its own AWS account, inside covenants the company can prove are kept."
    return TyperGroup(name="freehold", help=about, commands=commands, no_args_is_help=True)


def run_shell(shell: TyperGroup, arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; errors are told on stderr."""
    try:
        code = shell.main(args=list(arguments), prog_name="freehold", standalone_mode=False)
    except FreeholdError as error:
        say_error(error)
        return error.exit_code
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - usage errors of the parser; anything else is raised again
        return _usage(error)
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> int:
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    say("")
    return USAGE


def _load(entry: Entry) -> Any:
    module, _, attribute = entry.target.partition(":")
    return getattr(import_module(module), attribute)


def main(entries: Sequence[Entry]) -> None:
    """The process's entry point."""
    sys.exit(run_shell(build_shell(entries), sys.argv[1:]))
