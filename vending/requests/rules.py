"""What a request must meet before AWS is asked, as far as the company file tells."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vending.core.company import ApprovalRule, Company
from vending.core.controls import has_controls
from vending.core.errors import BadInput, FieldError, Malformed
from vending.requests.model import AccountRequest

EMAIL = re.compile(r"""(?!\.)[^\s"'()<>\[\]:;,\\|%&@\x00-\x20\x7f-\U0010ffff]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+""")
"""What CreateAccount takes (Organizations API reference): 7-bit, no dot in front, a domain with a dot."""
EMAIL_MAX = 64
"""Longest e-mail that CreateAccount takes (Organizations API reference)."""
RESERVED_TAG_PREFIXES = ("aws:", "freehold:")
REASONS = {
    "string_pattern_mismatch": "it has a length or characters that are not allowed",
    "missing": "it is missing",
    "string_too_short": "it is too short",
    "string_too_long": "it is too long",
    "string_type": "it is no text",
    "int_parsing": "it is no whole number",
    "int_from_float": "it is no whole number",
    "int_type": "it is no whole number",
    "greater_than": "it is too small",
    "less_than_equal": "it is too large",
    "tuple_type": "it is no list",
    "too_short": "none is named",
    "too_long": "there are too many",
}
"""Words for what pydantic says too technically."""
REMEDIES = {
    "name": "Use 3 to 40 of a-z, 0-9 and '-', starting with a letter.",
    "monthly_budget_usd": "Give a whole number of US dollars above 0.",
    "regions": "Name at least one governed region.",
    "purpose": "Say in 3 to 300 characters what the account is for.",
    "tags": "Give at most 40 tags; keys up to 128, values up to 256 letters, digits, spaces or _.:/=+@-.",
}


def parse(body: Any, company: Company) -> AccountRequest:
    """The request that a body asks for.

    Raises:
        Malformed: when the body is no JSON object.
        BadInput: naming every field that is wrong, why, and the way out.
    """
    if not isinstance(body, Mapping):
        raise Malformed("-: the body is no JSON object", "Send an object with the fields of an account request.")
    try:
        asked = AccountRequest.model_validate(dict(body))
    except ValidationError as error:
        broken = {details["loc"][0] for details in error.errors()}
        sound = {name: value for name, value in body.items() if name not in broken}
        raise BadInput.of(*map(_explain, error.errors()), *_complaints(sound, company)) from error
    if errors := tuple(_complaints(asked.model_dump(), company)):
        raise BadInput.of(*errors)
    return asked.model_copy(update={"regions": tuple(dict.fromkeys(asked.regions))})


@dataclass(frozen=True)
class Standing:
    """What a team has already, the account in question left out."""

    accounts: int
    """Accounts that are not closed, and those still to be made."""
    committed_usd: int
    """What they may spend a month."""


@dataclass(frozen=True)
class Ruling:
    """The rule that decides, and the facts it was judged by."""

    rule: ApprovalRule
    because: str


def rule_for(asked: AccountRequest, company: Company, standing: Standing) -> Ruling:
    """The first approval rule that fits."""
    ou_class, team = company.templates[asked.template].ou_class, company.teams[asked.team]
    spent = standing.committed_usd + asked.monthly_budget_usd
    rule = next(
        rule
        for rule in company.approval
        if (not rule.templates or asked.template in rule.templates)
        and (not rule.ou_classes or ou_class in rule.ou_classes)
        and (not rule.data_classes or asked.data_class in rule.data_classes)
        and (rule.up_to_usd is None or asked.monthly_budget_usd <= rule.up_to_usd)
        and (not rule.within_team_budget or spent <= team.monthly_budget_usd)
        and (rule.up_to_accounts is None or standing.accounts < rule.up_to_accounts)
    )
    because = (
        f"{asked.template} is of class {ou_class}, the data are {asked.data_class}, "
        f"{asked.monthly_budget_usd:,} USD a month make {spent:,} of the team's {team.monthly_budget_usd:,}, "
        f"and it is the team's account number {standing.accounts + 1}"
    )
    return Ruling(rule, because)


def email_for(asked: AccountRequest, company: Company, request_id: str) -> str:
    """The root e-mail of the account, derived from the request's id.

    Raises:
        BadInput: when AWS would not take it.
    """
    email = company.email.format(id=request_id, name=asked.name, team=asked.team)
    if len(email) > EMAIL_MAX:
        reason = f"the account's e-mail would be {email}, {len(email)} characters; AWS takes {EMAIL_MAX}"
        remedy = "Choose a shorter name, or ask the platform team to shorten `email` in the company file."
        raise BadInput.of(FieldError("name", reason, remedy))
    if not EMAIL.fullmatch(email):
        reason = f"the account's e-mail would be {email!r}, which is no address that AWS takes"
        raise BadInput.of(FieldError("name", reason, "Ask the platform team to mend `email` in the company file."))
    return email


def _explain(details: ErrorDetails) -> FieldError:
    where = [str(part) for part in details["loc"] if part != "[key]"]
    field = ".".join(where) or "-"
    if details["type"] == "extra_forbidden":
        return FieldError(field, "there is no such field", _nearest(field, AccountRequest.model_fields, "Known fields"))
    reason = REASONS.get(details["type"]) or details["msg"][0].lower() + details["msg"][1:]
    return FieldError(field, reason, REMEDIES.get(where[0] if where else "", "Mend the field and send it again."))


def _complaints(given: Mapping[str, Any], company: Company) -> Iterator[FieldError]:
    """What the company refuses in those fields whose shape is sound."""
    yield from _unknown("team", given, company.teams, "Teams")
    yield from _unknown("data_class", given, company.data_classes, "Data classes")
    yield from _unknown("template", given, company.templates, "Templates")
    if has_controls(given.get("purpose", "").strip()):
        remedy = "Write it in one line, without tabs and other control characters."
        yield FieldError("purpose", "it holds control characters or line breaks", remedy)
    for region in given.get("regions", ()):
        if region not in company.landing_zone.regions:
            governed = f"Governed regions: {', '.join(company.landing_zone.regions)}."
            yield FieldError("regions", f"{region!r} is not a governed region", governed)
    for key in given.get("tags", ()):
        if key.lower().startswith(RESERVED_TAG_PREFIXES):
            yield FieldError(f"tags.{key}", "tags starting with aws: or freehold: are reserved", "Choose another key.")
    yield from _over_the_limit(given, company)


def _unknown(field: str, given: Mapping[str, Any], known: Iterable[str], label: str) -> Iterator[FieldError]:
    if field in given and given[field] not in known:
        name = given[field]
        reason = f"there is no {field.replace('_', ' ')} {name!r}" if name else "none is chosen"
        yield FieldError(field, reason, _nearest(name, known, label))


def _over_the_limit(given: Mapping[str, Any], company: Company) -> Iterator[FieldError]:
    template, budget = company.templates.get(given.get("template", "")), given.get("monthly_budget_usd", 0)
    if template and budget > template.max_monthly_budget_usd:
        reason = f"{budget} is over the {template.max_monthly_budget_usd} USD of {given['template']}"
        yield FieldError("monthly_budget_usd", reason, "Ask for less, or choose another template.")


def _nearest(given: str, known: Iterable[str], label: str) -> str:
    names = list(known)
    near = difflib.get_close_matches(given, names, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}{label}: {', '.join(names)}."
