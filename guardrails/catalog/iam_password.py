"""iam.password: passwords of IAM users, where there are any, are long and new."""

from typing import Any

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsMissing

POLICY: dict[str, Any] = {
    "MinimumPasswordLength": 14,
    "PasswordReusePrevention": 24,
    "MaxPasswordAge": 90,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "AllowUsersToChangePassword": True,
}
"""CIS v3 1.8 and 1.9 ask for length 14 and 24 remembered; the rest is what the Config managed rule
IAM_PASSWORD_POLICY checks by default
(https://docs.aws.amazon.com/config/latest/developerguide/iam-password-policy.html)."""


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Once an account."""
    return Guardrail(
        id="iam.password",
        title="IAM password policy",
        intent="People sign in through Identity Center; a password that exists all the same is a strong one.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.8", "CIS v3 1.9", "CIS v5 1.7", "CIS v5 1.8", "NIST 800-53 IA-5"),
        parameters=dict(POLICY),
        seen_as="A short or used password is refused when an IAM user changes it.",
        exemption="There is no exemption; use Identity Center.",
        setting=Setting(
            regions=(),
            expected="at least 14 characters, 24 remembered, 90 days at most, all four kinds of character",
            read=_read,
            apply=_apply,
            holds=_holds,
            tell=_tell,
        ),
        allows=(State("as applied", POLICY), State("longer than asked", POLICY | {"MinimumPasswordLength": 20})),
        denies=(
            State("none was ever set", {}),
            State("too short", POLICY | {"MinimumPasswordLength": 8}),
            State("too few remembered", POLICY | {"PasswordReusePrevention": 5}),
            State("never expires", {k: v for k, v in POLICY.items() if k != "MaxPasswordAge"}),
        ),
    )


def _read(place: Place) -> Observed:
    try:
        answer = place.aws.client("iam", account_id=place.account_id).get_account_password_policy()
    except AwsMissing:
        return {}
    found = answer["PasswordPolicy"]
    return {name: found[name] for name in POLICY if name in found}


def _apply(place: Place) -> None:
    place.aws.client("iam", account_id=place.account_id).update_account_password_policy(**POLICY)


def _holds(observed: Observed) -> bool:
    kinds = [name for name in POLICY if name.startswith("Require")]
    return (
        observed.get("MinimumPasswordLength", 0) >= POLICY["MinimumPasswordLength"]
        and observed.get("PasswordReusePrevention", 0) >= POLICY["PasswordReusePrevention"]
        and 0 < observed.get("MaxPasswordAge", 0) <= POLICY["MaxPasswordAge"]
        and all(observed.get(name) for name in kinds)
    )


def _tell(observed: Observed) -> str:
    if not observed:
        return "no password policy is set"
    kinds = [name for name in POLICY if name.startswith("Require") and observed.get(name)]
    return (
        f"at least {observed.get('MinimumPasswordLength', 0)} characters, "
        f"{observed.get('PasswordReusePrevention', 0)} remembered, "
        f"{observed.get('MaxPasswordAge') or 'unlimited'} days at most, {len(kinds)} of 4 kinds of character"
    )
