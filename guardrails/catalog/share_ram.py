"""share.ram: resources are shared inside the organisation only."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, TEAM_ADMIN
from vending.core.company import Company

KEY = "ram:RequestedAllowsExternalPrincipals"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """A new share that says nothing allows outsiders (the API's default), so there silence is denied as well."""
    return Guardrail(
        id="share.ram",
        title="No resource shares to outside the organisation",
        intent="A subnet or a resolver that is shared with a stranger is a way in.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("≈NIST 800-53 AC-4",),
        seen_as="Making a share without `--no-allow-external-principals` answers AccessDenied.",
        exemption="Ask the security team, naming the other company's account.",
        statements=(
            Deny(
                "ShareRam",
                actions=("ram:CreateResourceShare",),
                condition={"BoolIfExists": {KEY: "true"}, **EXEMPTION},
            ),
            Deny("ShareRamLater", actions=("ram:UpdateResourceShare",), condition={"Bool": {KEY: "true"}, **EXEMPTION}),
        ),
        allows=(
            Call("a team shares inside", TEAM_ADMIN, "ram:CreateResourceShare", "*", {KEY: "false"}),
            Call("a team renames a share", TEAM_ADMIN, "ram:UpdateResourceShare"),
        ),
        denies=(
            Call("a team shares with strangers", TEAM_ADMIN, "ram:CreateResourceShare", "*", {KEY: "true"}),
            Call("a team says nothing about strangers", TEAM_ADMIN, "ram:CreateResourceShare"),
            Call("a team opens a share later", TEAM_ADMIN, "ram:UpdateResourceShare", "*", {KEY: "true"}),
        ),
    )
