"""From a policy document to compiled statements, or to one sentence that says where it is wrong.

What AWS would not store is refused here too, as a guardrail that AWS refuses protects nobody. Only a missing
Version is accepted, with the meaning IAM gives to that (2008-10-17: no policy variables).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any, NoReturn

from guardrails.evaluator.condition import Condition, read_condition
from guardrails.evaluator.decision import Kind
from guardrails.evaluator.grantee import Grantees
from guardrails.evaluator.operator import OPERATORS, read_operator
from guardrails.evaluator.statement import Effect, Policy, Statement
from guardrails.evaluator.text import Matcher, read_text, render_plain, render_resource
from vending.core.errors import BadInput, FieldError

CURRENT, FIRST = "2012-10-17", "2008-10-17"
_POLICY_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
_FULL_ACCESS = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}

Document = str | Mapping[str, Any]


def parse_policy(document: Document, kind: Kind = Kind.SCP, *, name: str = "", place: str = "policy") -> Policy:
    """Compile a policy document, given as JSON text or as what JSON makes of it.

    Raises BadInput with the place, the reason and the way out. `name` comes back in explanations.
    """
    content = read_json(document, place) if isinstance(document, str) else document
    elements = _elements(content, _POLICY_ELEMENTS, place)
    version = _version(elements, kind, f"{place}.Version")
    statements = elements.get("Statement")
    items = statements if isinstance(statements, list) else [statements]
    if statements is None or not items:
        _refuse(f"{place}.Statement", "a policy needs at least one statement", "add one")
    parse = partial(_statement, kind=kind, variables=version == CURRENT)
    return Policy(
        kind,
        tuple(
            parse(item, index, place=f"{place}.Statement" + (f"[{index}]" if items is statements else ""))
            for index, item in enumerate(items)
        ),
        name,
    )


def read_json(text: str, place: str) -> Any:
    """JSON in which no object has a key twice, as IAM demands. Raises BadInput with line and column."""
    try:
        return json.loads(text, object_pairs_hook=partial(unique, place), parse_constant=partial(_no_number, place))
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        _refuse(place, reason, "correct the JSON")
    except (RecursionError, ValueError):
        _refuse(place, "JSON nested too deeply, or with a number too long", "no policy needs that: simplify it")


def _no_number(place: str, word: str) -> NoReturn:
    _refuse(place, f"not valid JSON: {word} is no number there", "write a number, or a text")


def unique(place: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs. Raises BadInput where a key stands twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        _refuse(place, f"the element {twice!r} stands twice in one object", "merge the two")
    return content


def _refuse(place: str, reason: str, remedy: str) -> NoReturn:
    raise BadInput.of(FieldError(place, reason, remedy))


def _elements(content: object, known: Sequence[str], place: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        _refuse(place, "expected a JSON object", "write it as { … }")
    for element in content:
        if element not in known:
            _refuse(f"{place}.{element}", f"there is no element {element!r} here", _nearest(str(element), known))
    return content


def _nearest(word: str, known: Sequence[str]) -> str:
    lower = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), lower, n=1, cutoff=0.5)
    return f"did you mean {lower[close[0]]}?" if close else f"use one of {', '.join(known)}"


def _version(elements: Mapping[str, Any], kind: Kind, place: str) -> str:
    version = elements.get("Version", CURRENT if kind is Kind.RCP else FIRST)
    if version not in (CURRENT, FIRST) or (kind is Kind.RCP and version != CURRENT):
        _refuse(place, f"{version!r} is no version of the policy language here", f'write "{CURRENT}"')
    return str(version)


def _statement(content: object, index: int, *, kind: Kind, variables: bool, place: str) -> Statement:
    elements = _elements(content, _STATEMENT_ELEMENTS, place)
    _check_kind(elements, kind, place)
    actions, but_actions = _either(elements, "Action", place)
    resources, but_resources = _either(elements, "Resource", place, optional=kind is Kind.RESOURCE)
    for number, action in enumerate(actions):
        _check_action(action, f"{place}.{'NotAction' if but_actions else 'Action'}[{number}]")
    for number, resource in enumerate(resources):
        _check_resource(resource, f"{place}.{'NotResource' if but_resources else 'Resource'}[{number}]")
    return Statement(
        index=index,
        sid=_sid(elements, place),
        effect=_effect(elements, place),
        actions=_action_matcher(actions),
        but_actions=but_actions,
        resources=_resource_matcher(resources, variables) if resources else None,
        but_resources=but_resources,
        conditions=_conditions(elements.get("Condition", {}), variables, f"{place}.Condition"),
        grantees=_grantees(elements, place) if kind is Kind.RESOURCE else None,
    )


def _check_kind(elements: Mapping[str, Any], kind: Kind, place: str) -> None:
    if kind is Kind.RCP:
        _check_rcp(elements, place)
    elif kind is not Kind.RESOURCE:
        for element in ("Principal", "NotPrincipal"):
            if element in elements:
                _refuse(
                    f"{place}.{element}",
                    f"{element} is not supported in {_ARTICLED[kind]}",
                    "use a condition on aws:PrincipalArn",
                )


_ARTICLED = {
    Kind.SCP: "an SCP",
    Kind.RCP: "an RCP",
    Kind.IDENTITY: "an identity policy",
    Kind.BOUNDARY: "a permissions boundary",
    Kind.SESSION: "a session policy",
    Kind.RESOURCE: "a resource policy",
}


def _check_rcp(elements: Mapping[str, Any], place: str) -> None:
    for element in ("NotAction", "NotPrincipal"):
        if element in elements:
            _refuse(f"{place}.{element}", f"{element} is not supported in an RCP", "name what is meant itself")
    if elements.get("Principal") != "*":
        _refuse(f"{place}.Principal", "an RCP speaks of every principal", 'write "*" and use conditions')
    if elements.get("Effect") == "Allow" and not _is_full_access(elements):
        _refuse(f"{place}.Effect", "an RCP can only deny; Allow is RCPFullAWSAccess alone", 'write "Deny"')
    if elements.get("Effect") == "Deny" and "Action" in elements:
        for action in _texts(elements["Action"], f"{place}.Action"):
            if "*" in action.partition(":")[0]:
                _refuse(f"{place}.Action", f"an RCP names the service, {action!r} does not", 'write "s3:*"')


def _is_full_access(elements: Mapping[str, Any]) -> bool:
    unwrapped = {key: value[0] if value == ["*"] else value for key, value in elements.items() if key != "Sid"}
    return unwrapped == _FULL_ACCESS


def _sid(elements: Mapping[str, Any], place: str) -> str:
    sid = elements.get("Sid", "")
    if not isinstance(sid, str):
        _refuse(f"{place}.Sid", "a Sid is a text", "quote it")
    return sid


def _effect(elements: Mapping[str, Any], place: str) -> Effect:
    effect = elements.get("Effect")
    if effect not in ("Allow", "Deny"):
        _refuse(f"{place}.Effect", f"{effect!r} is no effect", "write Allow or Deny, in this spelling")
    return Effect(effect)


def _either(
    elements: Mapping[str, Any], name: str, place: str, *, optional: bool = False
) -> tuple[tuple[str, ...], bool]:
    """The texts of an element or of its Not- twin, and whether it is the twin."""
    twin = f"Not{name}"
    if name in elements and twin in elements:
        _refuse(f"{place}.{twin}", f"{name} and {twin} exclude each other", "keep one of the two")
    if name not in elements and twin not in elements:
        if optional:
            return (), False
        _refuse(f"{place}.{name}", f"a statement needs {name} or {twin}", f"add {name}")
    given = name if name in elements else twin
    return _texts(elements[given], f"{place}.{given}"), given == twin


def _texts(value: object, place: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        _refuse(place, "expected a text or a list of texts", "write one, or a list that is not empty")
    return tuple(items)


def _check_action(action: str, place: str) -> None:
    service, _, operation = action.partition(":")
    if set(action) != {"*"} and not (service and operation):
        _refuse(place, f"{action!r} is no action", "write it as service:Operation")


def _check_resource(resource: str, place: str) -> None:
    if resource != "*" and not resource.startswith("arn:"):
        _refuse(place, f"{resource!r} is no ARN", 'write an ARN or "*"')


def _action_matcher(actions: Sequence[str]) -> Matcher:
    return Matcher(tuple(read_text(action.lower(), variables=False) for action in actions), render_plain)


def _resource_matcher(resources: Sequence[str], variables: bool) -> Matcher:
    return Matcher(tuple(read_text(each, variables=variables) for each in resources), render_resource)


def _conditions(content: object, variables: bool, place: str) -> tuple[Condition, ...]:
    if not isinstance(content, Mapping):
        _refuse(place, "expected an object of operators", 'write {"StringEquals": {"key": "value"}}')
    return tuple(
        condition
        for name, pairs in content.items()
        for condition in _of_operator(str(name), pairs, variables, f"{place}.{name}")
    )


def _of_operator(name: str, pairs: object, variables: bool, place: str) -> list[Condition]:
    operator = read_operator(name)
    if operator is None:
        _refuse(place, f"there is no condition operator {name!r}", _nearest(name, sorted(OPERATORS)))
    if not isinstance(pairs, Mapping):
        _refuse(place, "expected an object of keys and values", 'write {"key": "value"}')
    return [
        read_condition(operator, str(key), _values(value, f"{place}.{key}"), variables=variables)
        for key, value in pairs.items()
    ]


def _values(value: object, place: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | bool | int | float) for item in items):
        _refuse(place, "a condition compares with texts, numbers or true and false", "write one, or a list")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def _grantees(elements: Mapping[str, Any], place: str) -> Grantees:
    if ("Principal" in elements) == ("NotPrincipal" in elements):
        _refuse(f"{place}.Principal", "a resource policy needs either Principal or NotPrincipal", "say for whom")
    element = "Principal" if "Principal" in elements else "NotPrincipal"
    content = elements[element]
    if content == "*":
        return Grantees((("AWS", "*"),), element == "NotPrincipal")
    kinds = _elements(content, _PRINCIPAL_TYPES, f"{place}.{element}")
    entries = tuple(
        (kind, text) for kind, texts in kinds.items() for text in _texts(texts, f"{place}.{element}.{kind}")
    )
    return Grantees(entries, element == "NotPrincipal")
