"""cli.login: no command line with the console's session where it matters most."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import TEAM_ADMIN
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """`aws login` exchanges a console session for credentials on a laptop."""
    return Guardrail(
        id="cli.login",
        title="No credentials out of a console session",
        intent="Credentials for regulated accounts come from the access portal, which asks who and for how long.",
        mechanism=Mechanism.SCP,
        ou_classes=("regulated",),
        frameworks=("≈NIST 800-53 AC-12",),
        seen_as="`aws login` answers AccessDenied; `aws sso login` works.",
        exemption="No exemption is needed: use `aws sso login`.",
        statements=(Deny("CliLogin", actions=("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")),),
        allows=(Call("a team asks who it is", TEAM_ADMIN, "sts:GetCallerIdentity"),),
        denies=(
            Call("a team authorises its command line", TEAM_ADMIN, "signin:AuthorizeOAuth2Access"),
            Call("a team fetches a token", TEAM_ADMIN, "signin:CreateOAuth2Token"),
        ),
    )
