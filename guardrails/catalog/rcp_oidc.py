"""rcp.oidc: machines sign in from the issuers and tenants that the company named."""

from collections.abc import Mapping

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, TEAM_WORKLOAD
from vending.core.company import Company

ACTION = ("sts:AssumeRoleWithWebIdentity",)


def build(company: Company) -> Guardrail:
    """A token names its issuer by the keys it brings: without a `sub` of a named issuer it comes from another one."""
    issuers = company.guardrails.oidc_issuers
    role = f"arn:aws:iam::{ACCOUNT}:role/deploy"

    def token(issuer: str, subject: str) -> Mapping[str, str]:
        return {f"{issuer}:sub": subject}

    tenants = tuple(
        Deny(
            f"RcpOidcTenant{number}",
            actions=ACTION,
            condition={"StringNotLike": {f"{issuer}:sub": pattern}, "Null": {f"{issuer}:sub": "false"}},
            principal="*",
        )
        for number, (issuer, pattern) in enumerate(issuers.items(), start=1)
    )
    strangers = Deny(
        "RcpOidc",
        actions=ACTION,
        condition={"Null": {f"{issuer}:sub": "true" for issuer in issuers}} if issuers else {},
        principal="*",
    )
    ours = tuple(
        Call(f"a job of the company at {issuer}", "*", ACTION[0], role, token(issuer, pattern.replace("*", "x")))
        for issuer, pattern in issuers.items()
    )
    theirs = tuple(
        Call(f"somebody else's job at {issuer}", "*", ACTION[0], role, token(issuer, "somebody:else"))
        for issuer, pattern in issuers.items()
        if pattern != "*"
    )
    return Guardrail(
        id="rcp.oidc",
        title="Web identities come from named issuers and tenants",
        intent="A role that trusts a build service without naming the tenant is open to every customer of it.",
        mechanism=Mechanism.RCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("≈NIST 800-53 IA-8",),
        parameters={"issuers": dict(issuers)},
        seen_as="Assuming a role with a token of another issuer or tenant answers AccessDenied.",
        exemption="Ask the security team: an issuer is named in the company file, with the tenant it is trusted for.",
        statements=(strangers, *tenants),
        allows=(Call("a workload assumes a role", TEAM_WORKLOAD, "sts:AssumeRole", role), *ours),
        denies=(
            Call("a token of an unknown issuer", "*", ACTION[0], role, token("issuer.example", "repo:acme/x")),
            *theirs,
        ),
    )
