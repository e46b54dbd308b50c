"""A template as CloudFormation reads it, before anything of it is made."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from yaml import YAMLError

from infra.local.cloudformation.handlers import HANDLERS, WITHOUT_CALLS

_NAMED_BY = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
_OF_IAM = frozenset({*_NAMED_BY, "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"})
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html, `Capabilities`"""


def read_template(body: str) -> Mapping[str, Any]:
    """The template; ValidationError, in CloudFormation's words, where it is none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
    """
    try:
        template = Stack.parse_template(body)
    except (YAMLError, ValueError, RecursionError) as why:
        raise _wrong("JSON or YAML not well-formed.") from why
    if not isinstance(template, Mapping):
        raise _wrong("unsupported structure.")
    resources = template.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise _wrong("At least one Resources member must be defined.")
    for name, one in resources.items():
        _check_resource(name, one)
    _check_references(template)
    return template


def _check_resource(name: Any, one: Any) -> None:
    if not isinstance(one, Mapping):
        raise _wrong(f"[/Resources/{name}] resource definition is malformed")
    if not isinstance(one.get("Type"), str):
        raise _wrong(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    if not isinstance(one.get("Properties") or {}, Mapping):
        raise _wrong(f"[/Resources/{name}/Properties] 'Properties' must be an object")


_PSEUDO = "AWS::"
_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9:]+)[^}]*\}")


def _check_references(template: Mapping[str, Any]) -> None:
    """What a resource refers to is in the template, and no two wait for each other."""
    resources, conditions = template["Resources"], template.get("Conditions") or {}
    known = {*resources, *(template.get("Parameters") or {})}
    needs = {name: set(_references(one)) for name, one in resources.items()}
    for block, names in (
        ("Resources", set().union(*needs.values())),
        ("Outputs", _references(template.get("Outputs"))),
    ):
        unknown = sorted({name for name in names if not name.startswith(_PSEUDO)} - known)
        if unknown:
            listed = ", ".join(unknown)
            raise _wrong(f"Unresolved resource dependencies [{listed}] in the {block} block of the template")
    for name, one in resources.items():
        if one.get("Condition") is not None and one["Condition"] not in conditions:
            raise _wrong(f"[/Resources/{name}] Unresolved condition dependency {one['Condition']}")
    try:
        TopologicalSorter({name: each & set(resources) for name, each in needs.items()}).prepare()
    except CycleError as circle:
        raise ValidationError(message=f"Circular dependency between resources: [{', '.join(circle.args[1])}]") from None


def _references(value: Any) -> Iterator[str]:
    """The names that stand in a resource for another, a parameter or the place."""
    if isinstance(value, list):
        yield from (name for one in value for name in _references(one))
    if not isinstance(value, Mapping):
        return
    for key, one in value.items():
        if key in ("DependsOn", "Ref"):
            yield from (str(name) for name in (one if isinstance(one, list) else [one]))
        elif key == "Fn::GetAtt":
            yield str(one).partition(".")[0] if isinstance(one, str) else str(one[0] if one else "")
        elif key == "Fn::Sub" and isinstance(one, str):
            yield from _IN_TEXT.findall(one)
        else:
            yield from _references(one)


def _wrong(sentence: str) -> ValidationError:
    return ValidationError(message=f"Template format error: {sentence}")


def check_types(template: Mapping[str, Any]) -> None:
    """NotImplementedError for a template with a type that cannot be judged."""
    for name, resource in (template.get("Resources") or {}).items():
        kind = str(resource["Type"])
        if kind not in WITHOUT_CALLS and kind not in HANDLERS:
            raise NotImplementedError(f"resources of the type {kind}, such as {name}")


def capability_of(template: Mapping[str, Any]) -> str | None:
    """What has to be acknowledged of a template: that it makes identities, or makes them by name."""
    of_iam = [one for one in template["Resources"].values() if one["Type"] in _OF_IAM]
    named = any(_NAMED_BY.get(one["Type"]) in (one.get("Properties") or {}) for one in of_iam)
    return "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM" if of_iam else None
