"""d.iam: IAM users, where there are any, have fresh keys, strong passwords and no rights of their own."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company

KEPT = (
    State("a user with a second factor", {"mfa": True}, "IAM_USER_MFA_ENABLED"),
    State("no password at all", {"password": False, "mfa": False}, "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"),
    State("a password and a second factor", {"password": True, "mfa": True}, "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"),
    State("a key of last month", {"days": 30}, "ACCESS_KEYS_ROTATED"),
    State("rights by a group", {"policies": []}, "IAM_USER_NO_POLICIES_CHECK"),
    State("as the baseline sets it", {"length": 14, "remembered": 24}, "IAM_PASSWORD_POLICY"),
)
BROKEN = (
    State("a user without", {"mfa": False}, "IAM_USER_MFA_ENABLED"),
    State("a password alone", {"password": True, "mfa": False}, "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"),
    State("a key of last year", {"days": 365}, "ACCESS_KEYS_ROTATED"),
    State("rights of its own", {"policies": ["AdministratorAccess"]}, "IAM_USER_NO_POLICIES_CHECK"),
    State("never set", {}, "IAM_PASSWORD_POLICY"),
    State("too short", {"length": 8, "remembered": 24}, "IAM_PASSWORD_POLICY"),
)


def build(company: Company) -> Guardrail:
    """IAM is one for all regions, so its rules run in the home region alone."""
    return Guardrail(
        id="d.iam",
        title="IAM users are watched",
        intent="Most broken-into accounts were entered with an old key of a user whom nobody remembered.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=(
            "CIS v3 1.8",
            "CIS v3 1.9",
            "CIS v3 1.10",
            "CIS v3 1.14",
            "CIS v3 1.15",
            "NIST 800-53 IA-5",
            "PCI DSS 8.3",
        ),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=_rules((company.landing_zone.home_region,)),
        allows=KEPT,
        denies=BROKEN,
    )


def _rules(home: tuple[str, ...]) -> tuple[Rule, ...]:
    return (
        Rule(
            "IAM_USER_MFA_ENABLED",
            "every IAM user has a second factor",
            lambda observed: observed.get("mfa") is True,
            regions=home,
        ),
        Rule(
            "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
            "every IAM user with a password has a second factor",
            lambda observed: not observed["password"] or observed["mfa"],
            regions=home,
        ),
        Rule(
            "ACCESS_KEYS_ROTATED",
            "access keys are younger than 90 days",
            lambda observed: observed["days"] <= 90,
            parameters={"maxAccessKeyAge": "90"},
            regions=home,
            severity="medium",
        ),
        Rule(
            "IAM_USER_NO_POLICIES_CHECK",
            "no IAM user has a policy of its own",
            lambda observed: not observed["policies"],
            regions=home,
            severity="low",
        ),
        Rule(
            "IAM_PASSWORD_POLICY",
            "passwords have 14 characters, and 24 are remembered",
            lambda observed: observed.get("length", 0) >= 14 and observed.get("remembered", 0) >= 24,
            parameters={"MinimumPasswordLength": "14", "PasswordReusePrevention": "24"},
            regions=home,
            severity="medium",
        ),
    )
