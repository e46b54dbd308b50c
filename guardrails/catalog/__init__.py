"""The catalogue: one guardrail a file, each a `build(company) -> Guardrail | None` with its cases beside it."""

import pkgutil
from importlib import import_module
from itertools import pairwise
from traceback import extract_tb
from types import ModuleType

from guardrails.compiler.minify import VERSION
from guardrails.evaluator import Kind, parse_policy
from guardrails.exemptions import grant_exemptions
from guardrails.guardrail import Guardrail, Mechanism
from vending.core.company import Company
from vending.core.errors import BadInput, NotFound


def load_catalogue(company: Company) -> tuple[Guardrail, ...]:
    """Every guardrail of the catalogue with this company's parameters and exemptions, in the order of their ids.

    Raises:
        BadInput: naming the file and the place that is wrong in it, or the exemption that cannot be.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    built = (load_guardrail(_module(name), company) for name in names)
    loaded = sorted((guardrail for guardrail in built if guardrail), key=lambda guardrail: guardrail.id)
    for first, second in pairwise(loaded):
        if first.id == second.id:
            raise BadInput(f"Two files of the catalogue are called {first.id}.", "Give one of them another id.")
    return grant_exemptions(tuple(loaded), company.guardrails.exemptions)


def _module(name: str) -> ModuleType:
    try:
        return import_module(f"{__name__}.{name}")
    except SyntaxError as error:
        raise BadInput(f"{error.filename}, line {error.lineno}: {error.msg}.", "Correct the file.") from error
    except _WRONG as error:
        raise _refused(name, error) from error


def load_guardrail(module: ModuleType, company: Company) -> Guardrail | None:
    """The guardrail of one file, its statements as AWS would store them; None where the company has no use for it.

    Raises:
        BadInput: naming the file, the place, and what is wrong there.
    """
    build = getattr(module, "build", None)
    if build is None:
        raise BadInput(f"{module.__file__} has no function `build`.", "Copy the form of a neighbour.")
    try:
        guardrail = build(company)
        _check_statements(guardrail)
    except BadInput as error:
        raise BadInput(f"{module.__file__}: {error.sentence}", error.remedy, error.errors) from error
    except _WRONG as error:
        raise _refused(str(module.__file__), error) from error
    if not isinstance(guardrail, Guardrail | None):
        raise BadInput(f"{module.__file__}: `build` answers no Guardrail.", "Copy the form of a neighbour.")
    return guardrail


_WRONG = (AttributeError, ImportError, LookupError, NameError, TypeError, ValueError)
"""What a file raises that names a parameter, a field or a neighbour that does not exist."""


def _refused(place: str, error: Exception) -> BadInput:
    """The line of the file's own that is wrong, in a sentence."""
    frames = [frame for frame in extract_tb(error.__traceback__) if place in frame.filename]
    line = f", line {frames[-1].lineno}" if frames else ""
    return BadInput(f"{frames[-1].filename if frames else place}{line}: {error}.", "Copy the form of a neighbour.")


def _check_statements(guardrail: object) -> None:
    """What AWS would not store is refused here, by statement and element."""
    if isinstance(guardrail, Guardrail) and guardrail.statements:
        kind = Kind.RCP if guardrail.mechanism is Mechanism.RCP else Kind.SCP
        for deny in guardrail.statements:
            parse_policy({"Version": VERSION, "Statement": deny.statement()}, kind, place=f"statement {deny.sid}")


def find_guardrail(catalogue: tuple[Guardrail, ...], guardrail_id: str) -> Guardrail:
    """One guardrail by its id.

    Raises:
        NotFound: when the catalogue has no such guardrail.
    """
    for guardrail in catalogue:
        if guardrail.id == guardrail_id:
            return guardrail
    raise NotFound(f"There is no guardrail {guardrail_id}.", "`freehold guardrails list` shows them all.")
