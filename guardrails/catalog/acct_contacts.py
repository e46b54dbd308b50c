"""acct.contacts: AWS knows whom to call about an account."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company, Contact
from vending.core.errors import AwsMissing

KINDS = ("SECURITY", "OPERATIONS", "BILLING")
FIELDS = {"name": "Name", "title": "Title", "email": "EmailAddress", "phone": "PhoneNumber"}


def build(company: Company) -> Guardrail:
    """The three alternate contacts of the company file, put from the management account."""
    wanted = {kind: _wanted(getattr(company.contacts, kind.lower())) for kind in KINDS}
    return Guardrail(
        id="acct.contacts",
        title="Alternate contacts",
        intent="When AWS sees abuse, an outage or a bill, somebody who can act hears of it.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.2", "CIS v5 1.2", "PCI DSS 12.10"),
        parameters={"contacts": wanted},
        seen_as="It is not seen: AWS's mails go to the company's desks.",
        exemption="Ask the platform team for another address; it stands in the company file.",
        setting=Setting(
            regions=(),
            expected="; ".join(f"{kind}: {wanted[kind]['EmailAddress']}" for kind in KINDS),
            read=_read,
            apply=lambda place: _apply(place, wanted),
            holds=lambda observed: dict(observed) == wanted,
            tell=lambda observed: _tell(observed, wanted),
        ),
        allows=(State("all three are the company's", wanted),),
        denies=(
            State("none is set", dict.fromkeys(KINDS)),
            State("one is missing", wanted | {"SECURITY": None}),
            State("one is somebody else's", wanted | {"BILLING": wanted["SECURITY"]}),
        ),
    )


def _wanted(contact: Contact) -> dict[str, str]:
    return {theirs: getattr(contact, ours) for ours, theirs in FIELDS.items()}


def _read(place: Place) -> Observed:
    return {kind: _read_one(place, kind) for kind in KINDS}


def _read_one(place: Place, kind: str) -> dict[str, str] | None:
    client = place.aws.client("account")
    try:
        answer = client.get_alternate_contact(AccountId=place.account_id, AlternateContactType=kind)
    except AwsMissing:
        return None
    return {name: answer["AlternateContact"].get(name, "") for name in FIELDS.values()}


def _apply(place: Place, wanted: dict[str, dict[str, str]]) -> None:
    client = place.aws.client("account")
    for kind, contact in wanted.items():
        client.put_alternate_contact(AccountId=place.account_id, AlternateContactType=kind, **contact)


def _tell(observed: Observed, wanted: dict[str, dict[str, str]]) -> str:
    return "; ".join(f"{kind}: {_tell_one(observed.get(kind), wanted[kind])}" for kind in KINDS)


def _tell_one(found: dict[str, str] | None, wanted: dict[str, str]) -> str:
    if found is None:
        return "not set"
    wrong = [name for name in FIELDS.values() if found.get(name) != wanted[name]]
    return found["EmailAddress"] + (f" (differs: {', '.join(wrong)})" if wrong else "")
