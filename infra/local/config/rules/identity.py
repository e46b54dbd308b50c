"""Managed rules about the root user, IAM users, keys, passwords and policies."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import AccessKey, AccountPasswordPolicy, ManagedPolicy, User

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict, judge, judge_account
from infra.local.s3.publicness import statements, values

USER = "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
ROLE = "AWS::IAM::Role"
POLICY = "AWS::IAM::Policy"
REQUIRED_CHARACTERS = {
    "RequireUppercaseCharacters": "require_uppercase_characters",
    "RequireLowercaseCharacters": "require_lowercase_characters",
    "RequireSymbols": "require_symbols",
    "RequireNumbers": "require_numbers",
}


def users(place: Place) -> list[User]:
    """The IAM users of the account."""
    return list(place.iam.users.values()) if place.iam else []


def judge_password_policy(place: Place, setting: Setting) -> Iterable[Verdict]:
    """The account has a password policy at least as strict as the parameters; none at all is not strict."""
    policy = place.iam.account_password_policy if place.iam else None
    if policy is None:
        return judge_account(place, False, "The account has no password policy.")
    loose = list(_loose_points(policy, setting))
    return judge_account(place, not loose, f"The password policy is too weak: {', '.join(loose)}.")


def judge_root_keys(place: Place, _: Setting) -> Iterable[Verdict]:
    """The root user has no access key."""
    present = bool(_summary(place).get("AccountAccessKeysPresent"))
    return judge_account(place, not present, "The root user has an access key.")


def judge_root_mfa(place: Place, _: Setting) -> Iterable[Verdict]:
    """The root user signs in with a second factor."""
    enabled = bool(_summary(place).get("AccountMFAEnabled"))
    return judge_account(place, enabled, "MFA is not enabled for the root user.")


def judge_user_policies(place: Place, _: Setting) -> Iterator[Verdict]:
    """No user holds a policy directly: permissions come through groups and roles."""
    for user in users(place):
        fine = not user.policies and not user.managed_policies
        yield judge(USER, user.id, fine, f"User {user.name} has policies attached directly.")


def judge_inline_policies(place: Place, _: Setting) -> Iterator[Verdict]:
    """No user, group or role carries an inline policy."""
    if place.iam is None:
        return
    kinds: tuple[tuple[str, Mapping[str, Any]], ...] = (
        (USER, place.iam.users),
        (GROUP, place.iam.groups),
        (ROLE, place.iam.roles),
    )
    for resource_type, held in kinds:
        for one in list(held.values()):
            yield judge(resource_type, one.id, not one.policies, f"{one.name} has an inline policy.")


def judge_key_age(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Active access keys are younger than the greatest age allowed, in days."""
    limit = setting.number("maxAccessKeyAge") or 90
    for user in users(place):
        old = [key.access_key_id for key in user.access_keys if _is_old(key, setting.now, limit)]
        yield judge(USER, user.id, not old, f"Access keys older than {limit} days: {', '.join(old)}.")


def judge_user_mfa(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each user has a second factor."""
    for user in users(place):
        yield judge(USER, user.id, bool(user.mfa_devices), f"User {user.name} has no MFA device.")


def judge_console_mfa(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each user with a console password has a second factor."""
    for user in users(place):
        if user.password is not None:
            yield judge(USER, user.id, bool(user.mfa_devices), f"User {user.name} signs in without MFA.")


def judge_admin_policies(place: Place, _: Setting) -> Iterator[Verdict]:
    """No customer managed policy allows every action on every resource."""
    policies = list(place.iam.managed_policies.values()) if place.iam else []
    for policy in policies:
        if ":iam::aws:policy/" not in policy.arn:
            yield judge(POLICY, policy.id, not _is_admin(policy), f"{policy.name} allows * on *.")


def _summary(place: Place) -> dict[str, Any]:
    return place.iam.account_summary.summary_map if place.iam else {}


def _loose_points(policy: AccountPasswordPolicy, setting: Setting) -> Iterator[str]:
    for name, attribute in REQUIRED_CHARACTERS.items():
        if setting.is_true(name) and not getattr(policy, attribute):
            yield name
    if policy.minimum_password_length < (setting.number("MinimumPasswordLength") or 0):
        yield "MinimumPasswordLength"
    if (policy.password_reuse_prevention or 0) < (setting.number("PasswordReusePrevention") or 0):
        yield "PasswordReusePrevention"
    oldest = setting.number("MaxPasswordAge")
    if oldest and not 0 < (policy.max_password_age or 0) <= oldest:
        yield "MaxPasswordAge"


def _is_old(key: AccessKey, now: datetime, limit: int) -> bool:
    created = key.create_date.replace(tzinfo=UTC) if key.create_date.tzinfo is None else key.create_date
    return key.status == "Active" and (now - created).days >= limit


def _is_admin(policy: ManagedPolicy) -> bool:
    current = next(one for one in policy.versions if one.version_id == policy.default_version_id)
    for statement in statements(current.document):
        actions, resources = values(statement.get("Action", [])), values(statement.get("Resource", []))
        if statement.get("Effect") == "Allow" and "*" in actions and "*" in resources:
            return True
    return False


RULES = (
    ManagedRule("IAM_PASSWORD_POLICY", (ACCOUNT,), Trigger.PERIODIC, judge_password_policy),
    ManagedRule("IAM_ROOT_ACCESS_KEY_CHECK", (ACCOUNT,), Trigger.PERIODIC, judge_root_keys),
    ManagedRule("ROOT_ACCOUNT_MFA_ENABLED", (ACCOUNT,), Trigger.PERIODIC, judge_root_mfa),
    ManagedRule("IAM_USER_NO_POLICIES_CHECK", (USER,), Trigger.CHANGE, judge_user_policies),
    ManagedRule("IAM_NO_INLINE_POLICY_CHECK", (USER, GROUP, ROLE), Trigger.CHANGE, judge_inline_policies),
    ManagedRule("ACCESS_KEYS_ROTATED", (USER,), Trigger.PERIODIC, judge_key_age),
    ManagedRule("IAM_USER_MFA_ENABLED", (USER,), Trigger.PERIODIC, judge_user_mfa),
    ManagedRule("MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS", (USER,), Trigger.PERIODIC, judge_console_mfa),
    ManagedRule("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", (POLICY,), Trigger.CHANGE, judge_admin_policies),
)
