"""The template of a conformance pack: CloudFormation with Config rules and nothing else.

https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

RULE = "AWS::Config::ConfigRule"
NO_VALUE = "AWS::NoValue"


class BadTemplate(ValueError):
    """A template that cannot be deployed, with the reason."""


@dataclass(frozen=True)
class _Scope:
    """What references and conditions are resolved with."""

    parameters: Mapping[str, str]
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """A part of the template with its functions answered; None where it has no value."""
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (function := self._functions().get(next(iter(value)))):
            return function(next(iter(value.values())))
        resolved = {key: self.resolve(one) for key, one in value.items()}
        return {key: one for key, one in resolved.items() if one is not None}

    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._refer,
            "Fn::If": lambda parts: self.resolve(parts[1] if self._holds(parts[0]) else parts[2]),
            "Fn::Equals": lambda parts: self.resolve(parts[0]) == self.resolve(parts[1]),
            "Fn::Not": lambda parts: not self.resolve(parts[0]),
        }

    def _refer(self, name: str) -> str | None:
        if name == NO_VALUE:
            return None
        if name not in self.parameters:
            raise BadTemplate(f"The template refers to {name}, which is no parameter.")
        return self.parameters[name]

    def _holds(self, condition: str) -> bool:
        if condition not in self.conditions:
            raise BadTemplate(f"The template has no condition {condition}.")
        return bool(self.resolve(self.conditions[condition]))


def read_template(body: str, given: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    """The rules of a template as PutConfigRule takes them, its parameters filled in.

    Raises:
        BadTemplate: for what is no template, or one with anything but Config rules.
    """
    template = _load(body)
    declared = template.get("Parameters") or {}
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    scope = _Scope({**defaults, **given}, template.get("Conditions") or {})
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise BadTemplate("The template has no resources.")
    return tuple(_read_rule(name, one, scope) for name, one in resources.items())


def _load(body: str) -> dict[str, Any]:
    try:
        template = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise BadTemplate("The template is neither JSON nor YAML.") from error
    if not isinstance(template, dict):
        raise BadTemplate("The template is not a structure.")
    return template


def _read_rule(name: str, resource: Any, scope: _Scope) -> Mapping[str, Any]:
    if not isinstance(resource, dict) or resource.get("Type") != RULE:
        raise BadTemplate(f"The resource {name} is no {RULE}.")
    rule = scope.resolve(resource.get("Properties") or {})
    if "Source" not in rule:
        raise BadTemplate(f"The rule {name} has no source.")
    parameters = rule.pop("InputParameters", None)
    rule.setdefault("ConfigRuleName", name)
    return {**rule, **({"InputParameters": json.dumps(parameters)} if parameters else {})}
