"""acct.identity: an account's name, address, contacts and end are the platform's."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = (
    "account:AcceptPrimaryEmailUpdate",
    "account:CloseAccount",
    "account:DeleteAlternateContact",
    "account:PutAccountName",
    "account:PutAlternateContact",
    "account:PutContactInformation",
    "account:StartPrimaryEmailUpdate",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The lock to the setting `acct.contacts`, and to what vending keeps in its ledger of addresses."""
    return Guardrail(
        id="acct.identity",
        title="Name, address and contacts of an account stay",
        intent="Whoever holds the address of an account can take it over, and AWS must reach the company's desks.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈CIS v3 1.2", "≈NIST 800-53 AC-6"),
        seen_as="Changing the account's name, e-mail or contacts, or closing it, answers AccessDenied.",
        exemption="Ask for it in the portal: an account is renamed, handed over and given back there.",
        exemptible=False,
        statements=(Deny("AcctIdentity", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team reads the contacts", TEAM_ADMIN, "account:GetAlternateContact"),
            Call("the platform names the account", PLATFORM, "account:PutAccountName"),
        ),
        denies=(
            Call("a team closes the account", TEAM_ADMIN, "account:CloseAccount"),
            Call("a team redirects the security contact", TEAM_ADMIN, "account:PutAlternateContact"),
            Call("a workload changes the address", TEAM_WORKLOAD, "account:StartPrimaryEmailUpdate"),
        ),
    )
