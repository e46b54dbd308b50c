"""The catalogue: one guardrail a file, each a `build(company) -> Guardrail` with its cases beside it."""

import pkgutil
from importlib import import_module
from types import ModuleType

from guardrails.exemptions import grant_exemptions
from guardrails.guardrail import Guardrail
from vending.core.company import Company
from vending.core.errors import BadInput, NotFound


def load_catalogue(company: Company) -> tuple[Guardrail, ...]:
    """Every guardrail of the catalogue with this company's parameters and exemptions, in the order of their ids.

    Raises:
        BadInput: naming the file that holds no guardrail or one without cases, or the exemption that cannot be.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    loaded = [load_guardrail(import_module(f"{__name__}.{name}"), company) for name in names]
    return grant_exemptions(tuple(sorted(loaded, key=lambda guardrail: guardrail.id)), company.guardrails.exemptions)


def load_guardrail(module: ModuleType, company: Company) -> Guardrail:
    """The guardrail of one file.

    Raises:
        BadInput: naming the file, and what it lacks.
    """
    build = getattr(module, "build", None)
    if build is None:
        raise BadInput(f"{module.__file__} has no function `build`.", "Copy the form of a neighbour.")
    try:
        guardrail = build(company)
    except BadInput as error:
        raise BadInput(f"{module.__file__}: {error.sentence}", error.remedy, error.errors) from error
    if not isinstance(guardrail, Guardrail):
        raise BadInput(f"{module.__file__}: `build` answers no Guardrail.", "Copy the form of a neighbour.")
    return guardrail


def find_guardrail(catalogue: tuple[Guardrail, ...], guardrail_id: str) -> Guardrail:
    """One guardrail by its id.

    Raises:
        NotFound: when the catalogue has no such guardrail.
    """
    for guardrail in catalogue:
        if guardrail.id == guardrail_id:
            return guardrail
    raise NotFound(f"There is no guardrail {guardrail_id}.", "`freehold guardrails list` shows them all.")
