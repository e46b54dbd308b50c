"""sec.svc: the security services stay on."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

ACTIONS = (
    "access-analyzer:DeleteAnalyzer",
    "access-analyzer:UpdateAnalyzer",
    "detective:DeleteGraph",
    "detective:DisassociateMembership",
    "guardduty:DeleteDetector",
    "guardduty:DeleteMembers",
    "guardduty:DeletePublishingDestination",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DisassociateMembers",
    "guardduty:StopMonitoringMembers",
    "guardduty:UpdateDetector",
    "guardduty:UpdatePublishingDestination",
    "inspector2:Disable",
    "inspector2:DisassociateMember",
    "inspector2:UpdateConfiguration",
    "macie2:DisableMacie",
    "macie2:DisassociateFromAdministratorAccount",
    "macie2:DisassociateFromMasterAccount",
    "macie2:UpdateMacieSession",
    "securityhub:BatchDisableStandards",
    "securityhub:DeleteMembers",
    "securityhub:DisableSecurityHub",
    "securityhub:DisableSecurityHubV2",
    "securityhub:DisassociateFromAdministratorAccount",
    "securityhub:DisassociateFromMasterAccount",
    "securityhub:DisassociateMembers",
    "securityhub:UpdateSecurityHubConfiguration",
    "securityhub:UpdateStandardsControl",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Switching off, leaving the administrator and blinding; reading and handling findings stays free."""
    detector = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/12abc34d567e8fa901bc2d34e56789f0"
    return Guardrail(
        id="sec.svc",
        title="Security services cannot be switched off",
        intent="Threat detection that whoever broke in can switch off detects nothing.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SI-4", "PCI DSS 11.5"),
        seen_as="Disabling GuardDuty, Security Hub, Macie, Inspector, Detective or an analyzer answers AccessDenied.",
        exemption="Ask the security team; findings that are wrong are suppressed there, the service stays on.",
        statements=(Deny("SecSvc", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team reads its findings", TEAM_ADMIN, "guardduty:GetFindings", detector),
            Call("a team archives a finding", TEAM_ADMIN, "guardduty:ArchiveFindings", detector),
            Call("a team makes an analyzer", TEAM_ADMIN, "access-analyzer:CreateAnalyzer"),
            Call("the platform tunes the detector", PLATFORM, "guardduty:UpdateDetector", detector),
        ),
        denies=(
            Call("a team deletes the detector", TEAM_ADMIN, "guardduty:DeleteDetector", detector),
            Call("a workload disables Security Hub", TEAM_WORKLOAD, "securityhub:DisableSecurityHub"),
            Call("a team leaves Macie's administrator", TEAM_ADMIN, "macie2:DisassociateFromAdministratorAccount"),
            Call("a team deletes the analyzer", TEAM_ADMIN, "access-analyzer:DeleteAnalyzer"),
            Call("a team disables Inspector", TEAM_ADMIN, "inspector2:Disable"),
        ),
    )
