"""`freehold doctor` and `freehold doctor --aws`. Exit 0: all is well; 1: something is missing or unknown;
2: the company file is wrong; 5: AWS does not answer at all.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from infra.doctor.diagnosis import Diagnosis, Verdict, examine
from vending.core.aws import MEMBER_ROLE
from vending.core.deploying import STEPS, number_of
from vending.core.errors import AwsFailed, BadInput
from vending.core.output import Output, print_items, say
from vending.core.settings import Settings

COLUMNS = ("step", "check", "state", "what", "where", "next")


def doctor(
    aws: Annotated[bool, typer.Option("--aws", help="Look at the set-up on AWS that the company file names.")] = False,
    role: Annotated[
        str, typer.Option(help="With --aws: the role taken in accounts other than the management account.")
    ] = MEMBER_ROLE,
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.TABLE,
) -> None:
    """Say what is still missing until Freehold works, and what to do about it. Changes nothing."""
    settings = Settings()
    found = tuple(_on_aws(settings, role) if aws else _on_a_laptop(settings))
    print_items((_row(one, output) for one in found), COLUMNS, output)
    _conclude(found)
    raise typer.Exit(_code(found))


def _on_a_laptop(settings: Settings) -> Iterable[Diagnosis]:
    from infra.doctor.laptop import CHECKS, Laptop

    return examine(CHECKS, Laptop(settings))


def _on_aws(settings: Settings, role: str) -> Iterable[Diagnosis]:
    """Raises BadInput when the company file is wrong, or says nothing about AWS."""
    from infra.doctor.aws import look
    from infra.doctor.sight import Sight
    from vending.core.aws import Aws
    from vending.core.company import load_company

    company = load_company(settings.config)
    aws = Aws.connect(company.landing_zone.home_region, member_role=role)
    deployment = company.deployed(settings.config)
    return look(Sight(company, deployment, aws, f"https://{deployment.portal.domain}"))


def _row(one: Diagnosis, output: Output) -> dict[str, Any]:
    """As a person reads it, the step has its number in the guide."""
    row = one.as_dict()
    return row if output is Output.JSON else row | {"step": _numbered(one.step), "state": _state(one)}


def _numbered(step: str) -> str:
    return f"{number_of(step)} {step}" if step in STEPS else step


def _state(one: Diagnosis) -> str:
    return one.state if one.needed or one.state is Verdict.OK else f"{one.state} (optional)"


def _conclude(found: Sequence[Diagnosis]) -> None:
    """Where to go on."""
    open_ones = [one for one in found if not one.well]
    if not open_ones:
        say(f"All {len(found)} checks are well.")
        return
    first = open_ones[0]
    count = {verdict: sum(one.state is verdict for one in open_ones) for verdict in (Verdict.MISSING, Verdict.UNKNOWN)}
    say(f"Of {len(found)} checks, {count[Verdict.MISSING]} are missing and {count[Verdict.UNKNOWN]} unknown.")
    title = STEPS.get(first.step)
    where = f"Step {number_of(first.step)} of the deploy guide, {title}. " if title else ""
    say(f"Next: {where}{first.what} {first.next}")


def _code(found: Sequence[Diagnosis]) -> int:
    """Of the contract: bad input and an AWS that does not answer are told from the rest."""
    states = {one.check: one.state for one in found}
    if states.get("company-file") is Verdict.MISSING:
        return BadInput.exit_code
    if states.get("credentials") is Verdict.UNKNOWN:
        return AwsFailed.exit_code
    return 0 if all(one.well for one in found) else 1
