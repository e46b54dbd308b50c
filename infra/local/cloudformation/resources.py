"""The resources of one stack: moto's, each made, changed and deleted only where whoever the stack acts for may."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.cloudformation.parsing import (
    ResourceMap,
    get_references_from_template,
    parse_and_update_resource,
    parse_resource_and_generate_name,
    resource_class_from_type,
    resource_name_property_from_type,
)
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException
from moto.moto_api._internal import mock_random
from werkzeug.exceptions import HTTPException

from infra.local.authorize.forwarded import Forwarded
from infra.local.cloudformation.asks import PHYSICAL_ID, Ask
from infra.local.cloudformation.handlers import HANDLERS, WITHOUT_CALLS

Told = Callable[[str, str, str, str | None], None]
"""Hears what becomes of a resource: its logical name, type and state, and the reason."""

_REFUSALS = (ServiceException, HTTPException)
"""What moto's services raise where AWS's would refuse."""

_LOST = (AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError)
"""What moto's models raise for properties that they take for granted, or take for something else."""


class ResourceFailed(Exception):
    """A resource was refused, by the rights of whoever asks or by its service."""

    def __init__(self, logical_id: str, kind: str, reason: str):
        super().__init__(f"{logical_id}: {reason}")
        self.logical_id, self.kind, self.reason = logical_id, kind, reason


class JudgedResources(ResourceMap):
    """What a template's resources have become."""

    acts_for: Callable[[], Forwarded]
    """Looked up for each operation on the stack; set by the stack."""

    tell: Told

    def __getitem__(self, key: str) -> Any:
        """The resource of that logical name, made if it is not there; ResourceFailed where it may not be."""
        resource = self._resource_json_map.get(key)
        if key in self._parsed_resources or resource is None or resource["Type"] in WITHOUT_CALLS:
            return self._parsed_resources.get(key) if key in self._parsed_resources else super().__getitem__(key)
        condition = resource.get("Condition")
        if condition and not self.lazy_condition_map[condition]:
            return None
        made = self._parsed_resources[key] = self._make(key, resource)
        return made

    def _make(self, key: str, resource: Mapping[str, Any]) -> Any:
        kind = str(resource["Type"])
        model, filled, name = self._filled(key, resource)
        self.tell(key, kind, "CREATE_IN_PROGRESS", None)
        self._judge(key, kind, HANDLERS[kind].to_create(filled["Properties"]), filled["Properties"])
        about = {"LogicalId": key, "StackId": self.stack_id, "ResourceType": kind}
        try:
            made = model.create_from_cloudformation_json(name, filled, self._account_id, self._region_name, **about)
        except _REFUSALS as why:
            raise ResourceFailed(key, kind, _by_handler(str(getattr(why, "message", why)), kind)) from why
        except _LOST as why:
            raise NotImplementedError(f"a resource of the type {kind} with the properties of {key}") from why
        made.cf_resource_type, made.logical_resource_id = kind, key
        self.tell(key, kind, "CREATE_COMPLETE", None)
        return made

    def _filled(self, key: str, resource: Mapping[str, Any]) -> tuple[type[CloudFormationModel], dict[str, Any], str]:
        """With every reference resolved, and the name that it has been given or is to have."""
        model, filled, name = parse_resource_and_generate_name(key, dict(resource), self)
        named = resource_name_property_from_type(str(resource["Type"]))
        if named:
            filled["Properties"].setdefault(named, name)
        return model, filled, name

    def _judge(self, key: str, kind: str, asks: Iterable[Ask], properties: Mapping[str, Any]) -> None:
        forwarded = self.acts_for()
        for one in asks:
            for parameters in one.parameters(properties):
                refusal = forwarded.refusal(one.service, one.operation, parameters)
                if refusal is not None:
                    raise ResourceFailed(key, kind, _by_handler(refusal, kind, denied=True))

    def update(self, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
        """Judge the changes, make what is new, change, and then delete what is gone.

        Raises:
            ResourceFailed: what was made new is gone again, and nothing is changed.
            NotImplementedError: for a change whose calls are not known; nothing is done.
        """
        diff = self.build_resource_diff(template, parameters)
        changed = {name: self._changed(name, template, parameters) for name in diff["Modify"]}
        asks = {name: self._asks_of_change(name, properties) for name, properties in changed.items()}
        before = (self._template, self._resource_json_map, self.input_parameters, dict(self._parsed_resources))
        ready = False
        try:
            self._take(template, parameters)
            for name, wanted in asks.items():
                self._judge_change(name, wanted)
            for name in diff["Add"]:
                _ = self[name]
            ready = True
        finally:
            if not ready:
                self._give_back(before)
        for name in diff["Modify"]:
            self._change(name)
        for name in diff["Remove"]:
            self._remove(name, before[1][name])

    def _changed(self, name: str, template: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> list[str]:
        """The properties that a template or its parameters change."""
        old, new = (_properties(each) for each in (self._resource_json_map[name], template["Resources"][name]))
        moved = {key for key, value in (parameters or {}).items() if self.input_parameters.get(key) != value}
        return [
            key
            for key in dict.fromkeys([*old, *new])
            if old.get(key) != new.get(key) or moved & set(get_references_from_template({"of": new.get(key)}))
        ]

    def _asks_of_change(self, name: str, changed: list[str]) -> list[Ask]:
        kind = str(self._resource_json_map[name]["Type"])
        asks = HANDLERS[kind].to_change(changed)
        model = resource_class_from_type(kind)
        if asks is None or hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
            raise NotImplementedError(f"a change of {', '.join(changed)} in a resource of the type {kind}")
        return asks

    def _take(self, template: dict[str, Any], parameters: dict[str, Any] | None) -> None:
        self._template, self._resource_json_map = template, template["Resources"]
        self.input_parameters = parameters or self.input_parameters
        self.load_mapping()
        self.load_parameters()
        self.load_conditions()

    def _give_back(self, before: tuple[Any, Any, Any, dict[str, Any]]) -> None:
        for name in [name for name in self._parsed_resources if name not in before[3] and name in self.resources]:
            self._remove(name, self._resource_json_map[name])
        self._template, self._resource_json_map, self.input_parameters, self._parsed_resources = before

    def _judge_change(self, name: str, asks: list[Ask]) -> None:
        resource = self._resource_json_map[name]
        _, filled, _ = self._filled(name, resource)
        self._judge(name, str(resource["Type"]), asks, filled["Properties"])

    def _change(self, name: str) -> None:
        where = {"account_id": self._account_id, "region_name": self._region_name}
        self._parsed_resources[name] = parse_and_update_resource(name, self._resource_json_map[name], self, **where)
        self.tell(name, str(self._resource_json_map[name]["Type"]), "UPDATE_COMPLETE", None)

    def _remove(self, name: str, resource: Mapping[str, Any]) -> None:
        made = self._parsed_resources.get(name)
        if made is not None:
            self._delete_resource(made, dict(resource))
            del self._parsed_resources[name]

    def _delete_resource(self, parsed_resource: Any, resource_json: dict[str, Any]) -> None:
        """Moto's, where the rights suffice."""
        kind, name = str(resource_json["Type"]), str(parsed_resource.logical_resource_id)
        made_as = getattr(parsed_resource, "physical_resource_id", parsed_resource.logical_resource_id)
        properties = {**_properties(resource_json), PHYSICAL_ID: made_as}
        handler = HANDLERS[kind]
        self.tell(name, kind, "DELETE_IN_PROGRESS", None)
        self._judge(name, kind, [handler.delete] if handler.delete else [], properties)
        try:
            super()._delete_resource(parsed_resource, resource_json)
        except _REFUSALS as why:
            raise ResourceFailed(name, kind, _by_handler(str(getattr(why, "message", why)), kind)) from why
        except _LOST as why:
            raise ResourceFailed(name, kind, f"The local cloud does not model the deletion of this {kind}.") from why
        self.tell(name, kind, "DELETE_COMPLETE", None)

    def made(self) -> dict[str, str]:
        """The types of what is there, by logical name."""
        there = [name for name in self.resources if self._parsed_resources.get(name) is not None]
        return {name: str(self._resource_json_map[name]["Type"]) for name in there}

    def forget_the_rest(self) -> None:
        """Make nothing more: moto makes what it is asked about and does not find."""
        there = self.made()
        self._resource_json_map = {name: one for name, one in self._resource_json_map.items() if name in there}


def is_deletable(kind: str) -> bool:
    """Whether moto deletes a resource of that type, rather than leave it."""
    model = resource_class_from_type(kind)
    return hasattr(model, "delete") or not hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__")


def _properties(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return resource.get("Properties") or {}


def _by_handler(message: str, kind: str, *, denied: bool = False) -> str:
    """As the events of a stack say it: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html"""
    service = kind.split("::")[1]
    status, code = (403, "AccessDenied") if denied else (400, "InvalidRequest")
    told = f"{message} (Service: {service}, Status Code: {status})"
    return (
        f'Resource handler returned message: "{told}" (RequestToken: {mock_random.uuid4()}, HandlerErrorCode: {code})'
    )
