"""The API of AWS Control Tower, shaped by botocore's model."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from moto.core.responses import ActionResult, EmptyResult

from infra.local.controltower import refusals
from infra.local.controltower.baseline import BASELINES, Baseline, EnabledBaseline
from infra.local.controltower.baselines import EnabledBaselines
from infra.local.controltower.controls import EnabledControls, View
from infra.local.controltower.models import ControlTower, ControlTowerBackend, controltower_backends
from infra.local.controltower.operation import Kind, Operation
from infra.local.service import ServiceResponse, page

Test = Callable[[Any], Any]


class ControlTowerResponse(ServiceResponse):
    """One call to AWS Control Tower."""

    service: ClassVar[str] = "controltower"

    @property
    def backend(self) -> ControlTowerBackend:
        """The state as the caller's account and region see it."""
        backend: ControlTowerBackend = controltower_backends[self.current_account][self.region]
        return backend

    @property
    def tower(self) -> ControlTower:
        """The landing zone."""
        return self.backend.tower

    @property
    def baselines(self) -> EnabledBaselines:
        """What is enabled of baselines."""
        return self.tower.baselines

    @property
    def controls(self) -> EnabledControls:
        """What is enabled of controls."""
        return self.tower.controls

    # --- landing zone

    def list_landing_zones(self) -> ActionResult:
        """The one landing zone; none from a region that is not its home, and none where none was set up."""
        there = self.backend.is_home and self.backend.is_set_up
        found = [{"arn": self.tower.landing_zone.arn}] if there else []
        return ActionResult({"landingZones": found})

    def get_landing_zone(self) -> ActionResult:
        """Version, status, drift, manifest."""
        zone = self.tower.landing_zone
        zone.check(self.params["landingZoneIdentifier"])
        return ActionResult({"landingZone": zone.describe(self.tower.has_drifted())})

    def update_landing_zone(self) -> ActionResult:
        """Begin to change it."""
        zone = self.tower.landing_zone
        zone.check(self.params["landingZoneIdentifier"])
        operation = zone.update(
            self.params["version"], self.params.get("manifest"), self.params.get("remediationTypes") or []
        )
        return _started(operation)

    def reset_landing_zone(self) -> ActionResult:
        """Begin to repair its drift."""
        self.tower.landing_zone.check(self.params["landingZoneIdentifier"])
        return _started(self.tower.reset_landing_zone())

    def get_landing_zone_operation(self) -> ActionResult:
        """How an operation on the landing zone goes."""
        operation = self._operation(lambda kind: not kind.is_control and not kind.is_baseline)
        return ActionResult({"operationDetails": operation.describe(self.tower.ground.now())})

    def list_landing_zone_operations(self) -> ActionResult:
        """Operations on the landing zone, the newest first."""
        now, wanted = self.tower.ground.now(), self.params.get("filter") or {}
        found = [
            operation
            for operation in self.tower.landing_zone.operations()
            if _fits(wanted, types=operation.kind.value, statuses=operation.status(now))
        ]
        return self._page(
            "landingZoneOperations",
            found,
            lambda one: _only(one.describe(now), "operationIdentifier", "operationType", "status"),
            100,
        )

    # --- baselines

    def list_baselines(self) -> ActionResult:
        """What AWS offers."""
        return self._page("baselines", BASELINES, self._describe_baseline, 100)

    def get_baseline(self) -> ActionResult:
        """One of them."""
        return ActionResult(self._describe_baseline(self._baseline(self.params["baselineIdentifier"])))

    def list_enabled_baselines(self) -> ActionResult:
        """What is enabled where; member accounts' only with includeChildren."""
        wanted = self.params.get("filter") or {}
        found = [
            enabled
            for enabled in self.baselines.all(bool(self.params.get("includeChildren")))
            if self._baseline_fits(wanted, enabled)
        ]
        return self._page("enabledBaselines", found, self._describe_enabled_baseline, 100)

    def get_enabled_baseline(self) -> ActionResult:
        """One of them, with its parameters."""
        enabled = self.baselines.find(self.params["enabledBaselineIdentifier"])
        parameters = [{"key": key, "value": value} for key, value in enabled.parameters]
        return ActionResult(
            {"enabledBaselineDetails": self._describe_enabled_baseline(enabled) | {"parameters": parameters}}
        )

    def enable_baseline(self) -> ActionResult:
        """Begin to register an OU."""
        enabled, operation = self.baselines.enable(
            self._baseline(self.params["baselineIdentifier"]),
            self.params["baselineVersion"],
            self.params["targetIdentifier"],
            _pairs(self.params.get("parameters")),
        )
        self.tower.tags[enabled.arn] = dict(self.params.get("tags") or {})
        return ActionResult({"operationIdentifier": operation.identifier, "arn": enabled.arn})

    def reset_enabled_baseline(self) -> ActionResult:
        """Begin to apply it again to the OU and its accounts."""
        return _started(self.baselines.reset(self.params["enabledBaselineIdentifier"]))

    def update_enabled_baseline(self) -> ActionResult:
        """Begin to apply a version with parameters."""
        return _started(
            self.baselines.update(
                self.params["enabledBaselineIdentifier"],
                self.params["baselineVersion"],
                _pairs(self.params.get("parameters")),
            )
        )

    def disable_baseline(self) -> ActionResult:
        """Begin to deregister an OU."""
        return _started(self.baselines.disable(self.params["enabledBaselineIdentifier"]))

    def get_baseline_operation(self) -> ActionResult:
        """How an operation on a baseline goes."""
        operation = self._operation(lambda kind: kind.is_baseline)
        return ActionResult({"baselineOperation": operation.describe(self.tower.ground.now())})

    # --- controls

    def list_enabled_controls(self) -> ActionResult:
        """What is enabled on an OU, or everywhere; as the accounts have it only with includeChildren."""
        wanted, target = self.params.get("filter") or {}, self.params.get("targetIdentifier")
        views = self.controls.views(bool(self.params.get("includeChildren")))
        found = views if not wanted and target is None else self._chosen(views, wanted, target)
        return self._page("enabledControls", found, self._describe_enabled_control, 200)

    def get_enabled_control(self) -> ActionResult:
        """One of them, with its regions and parameters."""
        view = self.controls.find(self.params["enabledControlIdentifier"])
        regions = [{"name": region} for region in self.cloud.governed_regions]
        parameters = [{"key": key, "value": value} for key, value in view.enabled.parameters]
        details = self._describe_enabled_control(view) | {"targetRegions": regions, "parameters": parameters}
        return ActionResult({"enabledControlDetails": details})

    def enable_control(self) -> ActionResult:
        """Begin to enable a control on an OU."""
        enabled, operation = self.controls.enable(
            self.params["controlIdentifier"],
            self.params["targetIdentifier"],
            _pairs(self.params.get("parameters")),
        )
        self.tower.tags[enabled.arn] = dict(self.params.get("tags") or {})
        return ActionResult({"operationIdentifier": operation.identifier, "arn": enabled.arn})

    def disable_control(self) -> ActionResult:
        """Begin to disable a control, named by its ARN or by control and OU."""
        return _started(self.controls.disable(self._enabled_arn()))

    def update_enabled_control(self) -> ActionResult:
        """Begin to give it other parameters."""
        return _started(
            self.controls.update(self.params["enabledControlIdentifier"], _pairs(self.params.get("parameters")))
        )

    def reset_enabled_control(self) -> ActionResult:
        """Begin to deploy it again."""
        return _started(self.controls.reset(self.params["enabledControlIdentifier"]))

    def get_control_operation(self) -> ActionResult:
        """How an operation on a control goes."""
        operation = self._operation(lambda kind: kind.is_control)
        return ActionResult({"controlOperation": self._describe_control_operation(operation)})

    def list_control_operations(self) -> ActionResult:
        """Operations on controls, the newest first."""
        now, wanted = self.tower.ground.now(), self.params.get("filter") or {}
        found = [
            operation
            for operation in self.tower.ground.operations.values()
            if operation.kind.is_control
            and _fits(
                wanted,
                controlIdentifiers=operation.control_identifier,
                targetIdentifiers=operation.target_arn,
                enabledControlIdentifiers=operation.enabled_arn,
                statuses=operation.status(now),
                controlOperationTypes=operation.kind.value,
            )
        ]
        found.sort(key=lambda operation: operation.starts_at, reverse=True)
        return self._page("controlOperations", found, self._describe_control_operation, 100)

    # --- tags

    def list_tags_for_resource(self) -> ActionResult:
        """The tags of an enabled baseline or control."""
        return ActionResult({"tags": self._tags(self.uri_match["resourceArn"])})

    def tag_resource(self) -> ActionResult:
        """Add tags."""
        self._tags(self.uri_match["resourceArn"]).update(self.params["tags"])
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Take tags away."""
        tags = self._tags(self.uri_match["resourceArn"])
        for key in self.params["tagKeys"]:
            tags.pop(key, None)
        return EmptyResult()

    def _tags(self, arn: str) -> dict[str, str]:
        known = {*self.baselines.parents, *self.controls.enabled, self.tower.landing_zone.arn}
        if arn not in known:
            raise refusals.missing(f"There is no resource {arn}.")
        return self.tower.tags.setdefault(arn, {})

    # --- shapes

    def _page(self, key: str, found: Iterable[Any], describe: Test, most: int) -> ActionResult:
        try:
            items, token = page(found, self.params.get("nextToken"), self.params.get("maxResults"), most)
        except ValueError as error:
            raise refusals.invalid(f"The nextToken is not valid: {error}.") from error
        return ActionResult({key: [describe(item) for item in items]} | ({"nextToken": token} if token else {}))

    def _operation(self, is_kind: Callable[[Kind], bool]) -> Operation:
        operation = self.tower.operation(self.params["operationIdentifier"])
        if not is_kind(operation.kind):
            raise refusals.missing(f"There is no such operation {operation.identifier}.")
        return operation

    def _baseline(self, arn: str) -> Baseline:
        found = next((one for one in BASELINES if arn.endswith(f":baseline/{one.identifier}")), None)
        if found is None:
            raise refusals.missing(f"There is no baseline {arn}.")
        return found

    def _describe_baseline(self, baseline: Baseline) -> dict[str, Any]:
        return {
            "arn": baseline.arn(self.cloud.home_region),
            "name": baseline.name,
            "description": baseline.description,
        }

    def _describe_enabled_baseline(self, enabled: EnabledBaseline) -> dict[str, Any]:
        drift = self.baselines.inheritance(enabled)
        types = {} if drift is None else {"inheritance": {"status": drift}}
        return {
            "arn": enabled.arn,
            "baselineIdentifier": enabled.baseline.arn(self.cloud.home_region),
            "baselineVersion": enabled.version,
            "driftStatusSummary": {"types": types},
            "targetIdentifier": enabled.target_arn,
            "statusSummary": {
                "status": enabled.status.value,
                "lastOperationIdentifier": enabled.operation_id,
            },
            **({"parentIdentifier": enabled.parent_arn} if enabled.parent_arn else {}),
        }

    def _baseline_fits(self, wanted: dict[str, list[str]], enabled: EnabledBaseline) -> bool:
        if not _fits(
            wanted,
            targetIdentifiers=enabled.target_arn,
            baselineIdentifiers=enabled.baseline.arn(self.cloud.home_region),
            parentIdentifiers=enabled.parent_arn,
            statuses=enabled.status.value,
            sourceDriftStatuses=None,
        ):
            return False
        drift = wanted.get("inheritanceDriftStatuses")
        return not drift or self.baselines.inheritance(enabled) in drift

    def _describe_enabled_control(self, view: View) -> dict[str, Any]:
        enabled = view.enabled
        drift, inheritance = self.controls.drift(enabled), self.controls.inheritance(enabled)
        return {
            "arn": view.arn,
            "controlIdentifier": enabled.identifier,
            "targetIdentifier": self._target_of(view),
            "statusSummary": {
                "status": enabled.status.value,
                "lastOperationIdentifier": enabled.operation_id,
            },
            "driftStatusSummary": {
                "driftStatus": drift.value,
                "types": {
                    "inheritance": {"status": inheritance.value},
                    "resource": {"status": drift.value},
                },
            },
            **({"parentIdentifier": view.parent_arn} if view.parent_arn else {}),
        }

    def _target_of(self, view: View) -> str:
        if view.account_id is None:
            return view.enabled.target_arn
        return self.baselines.children[view.account_id].target_arn

    def _chosen(self, views: Iterable[View], wanted: dict[str, list[str]], target: str | None) -> Iterator[View]:
        for view in views:
            on_target = target in (None, view.enabled.target_arn, self._target_of(view))
            if on_target and self._control_fits(wanted, view):
                yield view

    def _control_fits(self, wanted: dict[str, list[str]], view: View) -> bool:
        enabled = view.enabled
        if not _fits(
            wanted,
            controlIdentifiers=enabled.identifier,
            statuses=enabled.status.value,
            parentIdentifiers=view.parent_arn,
        ):
            return False
        drift = {key: wanted[key] for key in ("driftStatuses", "resourceDriftStatuses") if wanted.get(key)}
        if drift and not _fits(drift, **dict.fromkeys(drift, self.controls.drift(enabled).value)):
            return False
        inheritance = wanted.get("inheritanceDriftStatuses")
        return not inheritance or self.controls.inheritance(enabled).value in inheritance

    def _describe_control_operation(self, operation: Operation) -> dict[str, Any]:
        return operation.describe(self.tower.ground.now()) | {
            "controlIdentifier": operation.control_identifier,
            "targetIdentifier": operation.target_arn,
            "enabledControlIdentifier": operation.enabled_arn,
        }

    def _enabled_arn(self) -> str:
        given = self.params.get("enabledControlIdentifier")
        if given:
            return str(given)
        control, target = self.params.get("controlIdentifier"), self.params.get("targetIdentifier")
        if not control or not target:
            raise refusals.invalid("Give an enabledControlIdentifier, or a controlIdentifier and a targetIdentifier.")
        return self.controls.named(control, target)


def _started(operation: Operation) -> ActionResult:
    return ActionResult({"operationIdentifier": operation.identifier})


def _pairs(parameters: list[dict[str, Any]] | None) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in parameters or []}


def _fits(wanted: dict[str, list[str]], **values: str | None) -> bool:
    """Whether every filter that was given and is known here has the value among its values."""
    return all(not wanted.get(name) or value in wanted[name] for name, value in values.items())


def _only(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}
