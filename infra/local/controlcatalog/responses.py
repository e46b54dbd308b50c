"""The API of AWS Control Catalog, shaped by botocore's model."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.responses import ActionResult

from infra.local.controlcatalog.catalogue import Catalogue, Control
from infra.local.controlcatalog.models import ControlCatalogBackend, controlcatalog_backends
from infra.local.service import Refusal, ServiceResponse, page

RELEASED = datetime(2021, 11, 1, tzinfo=UTC)
"""CreateTime of every control: AWS publishes none."""

Mapping = tuple[Control, str, str]
"""A control, the framework and the item of it."""


class ControlCatalogResponse(ServiceResponse):
    """One call to AWS Control Catalog."""

    service: ClassVar[str] = "controlcatalog"

    @property
    def catalogue(self) -> Catalogue:
        """Every control."""
        backend: ControlCatalogBackend = controlcatalog_backends[self.current_account][self.partition]
        return backend.catalogue

    def get_control(self) -> ActionResult:
        """One control, by its global or its regional ARN."""
        control = self._control(self.params["ControlArn"])
        scope: dict[str, Any] = {"Scope": control.scope}
        if control.scope == "REGIONAL":
            scope["DeployableRegions"] = list(self.cloud.governed_regions)
        parameters = [
            {"Name": one.name, "Requirement": "REQUIRED" if one.required else "OPTIONAL"} for one in control.parameters
        ]
        return ActionResult(_describe(control) | {"RegionConfiguration": scope, "Parameters": parameters})

    def list_controls(self) -> ActionResult:
        """All controls, or those of one implementation or provider."""
        wanted = self.params.get("Filter") or {}
        implementations = wanted.get("Implementations") or {}
        found = [
            control
            for control in self.catalogue.controls
            if _is_in(control.implementation_type, implementations.get("Types"))
            and _is_in(control.implementation_id, implementations.get("Identifiers"))
            and _is_in("AWS", wanted.get("GovernedProviders"))
        ]
        items, token = self._page(found, 100)
        return ActionResult({"Controls": [_describe(control) for control in items]} | token)

    def list_control_mappings(self) -> ActionResult:
        """Which items of which frameworks the controls answer to.

        Only frameworks are modelled: mappings to common and to related controls, asked for by name, are not.
        """
        wanted = self.params.get("Filter") or {}
        if wanted.get("CommonControlArns") or set(wanted.get("MappingTypes") or ()) - {"FRAMEWORK"}:
            raise NotImplementedError("mappings to common controls and to related controls")
        arns = wanted.get("ControlArns")
        controls = [self._control(arn) for arn in arns] if arns else list(self.catalogue.controls)
        found: list[Mapping] = [(control, name, item) for control in controls for name, item in control.frameworks]
        items, token = self._page(found, 1000)
        return ActionResult({"ControlMappings": [_describe_mapping(*one) for one in items]} | token)

    def _control(self, arn: str) -> Control:
        control = self.catalogue.find(arn)
        if control is None:
            raise Refusal("ResourceNotFoundException", f"There is no control {arn}.")
        return control

    def _page(self, found: Sequence[Any], most: int) -> tuple[list[Any], dict[str, str]]:
        try:
            items, token = page(found, self.params.get("NextToken"), self.params.get("MaxResults"), most)
        except ValueError as error:
            raise Refusal("ValidationException", f"The NextToken is not valid: {error}.") from error
        return items, {"NextToken": token} if token else {}


def _describe(control: Control) -> dict[str, Any]:
    implementation = {"Type": control.implementation_type}
    if control.implementation_id:
        implementation["Identifier"] = control.implementation_id
    required = any(parameter.required for parameter in control.parameters)
    optional = "OPTIONAL" if control.parameters else "NONE"
    return {
        "Arn": control.arn,
        "Aliases": [control.alias],
        "Name": control.name,
        "Description": control.description,
        "Behavior": control.behavior.value,
        "Severity": control.severity,
        "ParameterRequirementSummary": "REQUIRED" if required else optional,
        "Implementation": implementation,
        "CreateTime": RELEASED,
        "GovernedResources": list(control.resources),
        "GovernedProviders": ["AWS"],
    }


def _describe_mapping(control: Control, framework: str, item: str) -> dict[str, Any]:
    return {
        "ControlArn": control.arn,
        "MappingType": "FRAMEWORK",
        "Mapping": {"Framework": {"Name": framework, "Item": item}},
    }


def _is_in(value: str | None, wanted: Sequence[str] | None) -> bool:
    return not wanted or value in wanted
