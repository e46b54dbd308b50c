"""Exemption closure: whoever is exempt by name, by tag or by what a session says of itself, only the exempt can make.

A statement that spares `role/x*` is worth nothing where a team can create `role/xyz`, and one that spares who carries
a tag is worth nothing where a team can tag. So for everything that any statement of a document spares people by, every
action that makes, changes or borrows such a principal must be denied to a team by the documents attached together.
What no policy can protect is refused. An RCP binds callers of other organisations too, who name and tag themselves as
they like: it may spare nobody but roles of a named account.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from guardrails.evaluator import Denied, Kind, Policy, parse_policy
from guardrails.gates.exempt import ARN, REFUSED, SAML, SOURCE, TAG, USER, Spared, find_spared
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call
from guardrails.principals import ACCOUNT, LOOKALIKE, ROLE_ACTIONS, TEAM_ADMIN, TEAM_WORKLOAD
from guardrails.trial import decide

TEAM = (TEAM_ADMIN, TEAM_WORKLOAD, LOOKALIKE)
_ANY = f"arn:aws:iam::{ACCOUNT}:role/any"
_OF_ONE_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*::\d{12}:.*")
TAG_ACTIONS = ("iam:CreateRole", "iam:TagRole", "iam:CreateUser", "iam:TagUser", "sts:AssumeRole", "sts:TagSession")
"""Everything that gives a principal a tag."""
USER_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:UpdateUser",
    "iam:UploadSigningCertificate",
)
"""Everything that makes a user, gives it a name, or gives somebody its credentials."""
SAML_ACTIONS = ("iam:CreateSAMLProvider", "iam:UpdateSAMLProvider")

Named = tuple[str, str]
"""A document's name and content."""


def check_closure(scps: Sequence[Named], rcps: Sequence[Named], where: str) -> Iterator[Objection]:
    """An objection for everything by which documents of `where` spare people, and which a team could make its own.

    A pattern itself stands for the role: a Resource that matches the pattern's text, its stars taken as characters,
    matches every role that the pattern matches. Only `?` would break that, so a pattern may not have one.
    """
    return (Objection(Gate.CLOSURE, f"{where}, {what}") for what in _complaints(tuple(scps), tuple(rcps)))


@lru_cache(maxsize=256)
def _complaints(scps: tuple[Named, ...], rcps: tuple[Named, ...]) -> tuple[str, ...]:
    """What is wrong, in words; OUs that hold the same documents are asked about once."""
    policies, guarding = _read(scps, Kind.SCP), _read(rcps, Kind.RCP)
    told = (
        *((places, _of(spared, policies)) for spared, places in _gathered(policies)),
        *((places, _of_outsider(spared)) for spared, places in _gathered(guarding)),
    )
    return tuple(f"{_placed(places)}: {what}" for places, what in told if what)


def _read(documents: Sequence[Named], kind: Kind) -> tuple[Policy, ...]:
    return tuple(parse_policy(content, kind, name=name) for name, content in documents)


def _gathered(policies: Sequence[Policy]) -> list[tuple[Spared, list[Spared]]]:
    """Everybody that is spared, once, with every statement that does it."""
    found: dict[tuple[str, str], list[Spared]] = {}
    for spared in (each for policy in policies for each in find_spared(policy)):
        found.setdefault((spared.key, spared.value), []).append(spared)
    return [(places[0], places) for _, places in sorted(found.items())]


def _placed(places: Sequence[Spared]) -> str:
    first, *others = places
    return f"statement {first.sid} of {first.policy}" + (f" (and {len(others)} more)" if others else "")


def _of(spared: Spared, policies: Sequence[Policy]) -> str:
    """Why an exemption from an SCP is open; empty where it is closed."""
    if spared.key == ARN:
        return _of_pattern(spared.value, policies)
    if why := REFUSED.get(spared.key):
        return f"nobody may be exempt by {spared.key}: {why}. Exempt a role by aws:PrincipalArn."
    if spared.key == USER:
        users = (f"arn:aws:iam::{ACCOUNT}:user/{path}{spared.value}" for path in ("", "any/"))
        found = next(filter(None, (_open(policies, USER_ACTIONS, user) for user in users)), "")
        return found and f"the IAM user {spared.value} is exempt, but a team may call {found} on one of that name."
    if spared.key == SOURCE:
        found = _open(policies, ("sts:SetSourceIdentity",), _ANY, {"sts:SourceIdentity": spared.value})
        return (
            found and f"a session with the source identity {spared.value} is exempt, but a team may set it by {found}."
        )
    if spared.key.startswith(SAML):
        found = _open(policies, SAML_ACTIONS, f"arn:aws:iam::{ACCOUNT}:saml-provider/any")
        return found and f"whose {spared.key} is {spared.value} is exempt, but a team may claim it by {found}."
    given = {f"aws:RequestTag/{spared.tag}": spared.value, "aws:TagKeys": [spared.tag]}
    found = _open(policies, TAG_ACTIONS, _ANY, given)
    return found and f"who carries the tag {spared.tag}={spared.value} is exempt, but a team may give it by {found}."


def _of_pattern(pattern: str, policies: Sequence[Policy]) -> str:
    if "?" in pattern:
        return f"the exemption {pattern} has a `?`; write the name or a `*`."
    found = _open(policies, ROLE_ACTIONS, pattern)
    return found and f"roles that fit {pattern} are exempt, but a team may call {found} on one."


def _of_outsider(spared: Spared) -> str:
    """Why an exemption from an RCP is open; empty where it is closed."""
    if spared.key == ARN:
        if _OF_ONE_ACCOUNT.fullmatch(spared.value):
            return ""
        anybody = "anybody can make one in an account of their own; name yours"
        return f"roles that fit {spared.value} are exempt, and {anybody}."
    key = f"the tag {spared.tag}" if spared.key.startswith(TAG) else spared.key
    return f"who has {key} is exempt, and callers from other organisations give it to themselves."


def _open(
    policies: Sequence[Policy],
    actions: Sequence[str],
    resource: str,
    context: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """The first action that a team may call, and how many more; empty where each is denied to each of its roles."""
    found = [action for action in actions if not _is_denied(policies, action, resource, context)]
    return f"{found[0]} (and {len(found) - 1} more actions)" if len(found) > 1 else "".join(found)


def _is_denied(policies: Sequence[Policy], action: str, resource: str, context: Mapping[str, Any]) -> bool:
    calls = (Call("a team takes what is exempt", principal, action, resource, context) for principal in TEAM)
    return all(isinstance(decide(call, policies), Denied) for call in calls)
