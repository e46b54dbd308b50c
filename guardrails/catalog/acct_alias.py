"""acct.alias: the account has a name that people can read on the sign-in page."""

import re

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsConflict

LONGEST = 63
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html"""


def build(company: Company) -> Guardrail:
    """The company's name and the account's; where somebody in the world has that alias, the account's id too."""
    return Guardrail(
        id="acct.alias",
        title="The account has an alias",
        intent="Twelve digits look like any other twelve digits, and people act in the wrong account.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-8",),
        parameters={"pattern": f"{company.name}-<name of the account>"},
        seen_as="The console and its sign-in page show the alias beside the account's number.",
        exemption="No exemption is needed: an alias that is there already is left as it is.",
        setting=Setting(
            regions=(),
            expected="an alias",
            read=_read,
            apply=lambda place: _apply(place, company.name),
            holds=lambda observed: bool(observed["aliases"]),
            tell=lambda observed: ", ".join(observed["aliases"]) or "no alias",
        ),
        allows=(State("an alias", {"aliases": ["acme-payments-lab"]}),),
        denies=(State("none", {"aliases": []}),),
    )


def alias_of(company: str, name: str) -> str:
    """Letters, digits and single hyphens, as IAM takes them."""
    return re.sub(r"[^a-z0-9]+", "-", f"{company}-{name}".lower()).strip("-")[:LONGEST].strip("-")


def _read(place: Place) -> Observed:
    return {"aliases": place.aws.client("iam", account_id=place.account_id).list_account_aliases()["AccountAliases"]}


def _apply(place: Place, company: str) -> None:
    name = place.aws.client("organizations").describe_account(AccountId=place.account_id)["Account"]["Name"]
    iam = place.aws.client("iam", account_id=place.account_id)
    try:
        iam.create_account_alias(AccountAlias=alias_of(company, name))
    except AwsConflict as error:
        if error.aws_code != "EntityAlreadyExists":
            raise
        unique = f"{alias_of(company, name)[: LONGEST - 13].strip('-')}-{place.account_id}"
        iam.create_account_alias(AccountAlias=unique)
