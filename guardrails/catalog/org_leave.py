"""org.leave: an account stays in the organisation."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import BREAK_GLASS, PLATFORM, ROOT_USER, TEAM_ADMIN
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """No exemption: nobody ever needs to leave by themselves."""
    return Guardrail(
        id="org.leave",
        title="An account cannot leave the organisation",
        intent="Outside the organisation no guardrail holds and no audit sees, so accounts stay inside.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 AC-3", "≈NIST 800-53 CM-5"),
        seen_as="`aws organizations leave-organization` answers AccessDenied with an explicit deny.",
        exemption="There is no exemption. To give an account away, ask the platform team to transfer it.",
        exemptible=False,
        statements=(Deny("OrgLeave", actions=("organizations:LeaveOrganization",)),),
        allows=(Call("a team looks at its organisation", TEAM_ADMIN, "organizations:DescribeOrganization"),),
        denies=(
            Call("a team's administrator leaves", TEAM_ADMIN, "organizations:LeaveOrganization"),
            Call("the root user leaves", ROOT_USER, "organizations:LeaveOrganization"),
            Call("a platform role leaves", PLATFORM, "organizations:LeaveOrganization"),
            Call("break-glass leaves", BREAK_GLASS, "organizations:LeaveOrganization"),
        ),
    )
