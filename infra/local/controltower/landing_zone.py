"""The landing zone: its version, what it governs, and whether it has drifted."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from infra.local.controltower import refusals
from infra.local.controltower.ground import Ground
from infra.local.controltower.operation import Kind, Operation

VERSIONS = ("3.3", "4.0")
"""Versions that can be set up or updated to, the newest last (release notes of 2025-11)."""

LANDING_ZONE_KINDS = frozenset({Kind.CREATE_LANDING_ZONE, Kind.UPDATE_LANDING_ZONE, Kind.RESET_LANDING_ZONE})


@dataclass
class LandingZone:
    """The one landing zone of the organisation."""

    ground: Ground
    arn: str = ""
    manifest: dict[str, Any] = field(default_factory=dict)
    failed: bool = False

    def __post_init__(self) -> None:
        self.arn = self.ground.arn("landingzone")
        self.manifest = _manifest(self.ground)

    def describe(self, drifted: bool) -> dict[str, Any]:
        """As GetLandingZone answers it."""
        setup = self.ground.setup
        remediation = {"remediationTypes": ["INHERITANCE_DRIFT"]} if setup.auto_enrol else {}
        return {
            "arn": self.arn,
            "version": setup.version,
            "latestAvailableVersion": setup.latest_version,
            "status": self._status(),
            "driftStatus": {"status": "DRIFTED" if drifted else "IN_SYNC"},
            "manifest": self.manifest,
            **remediation,
        }

    def update(self, version: str, manifest: dict[str, Any] | None, remediation: list[str]) -> Operation:
        """Begin to change version, manifest or remediation types."""
        if version not in VERSIONS or version < self.ground.setup.version:
            raise refusals.invalid(f"The landing zone cannot be updated to version {version}.")
        if manifest is not None and set(manifest.get("governedRegions", ())) != set(self.manifest["governedRegions"]):
            raise NotImplementedError("changing the governed regions")
        operation = self._begin(Kind.UPDATE_LANDING_ZONE)

        def finish(_: datetime) -> None:
            self.manifest = self.manifest | (manifest or {})
            self.ground.setup = replace(
                self.ground.setup, version=version, auto_enrol="INHERITANCE_DRIFT" in remediation
            )

        self.ground.cloud.agenda.at(operation.ends_at, finish)
        return operation

    def reset(self) -> Operation:
        """Begin to put right what has drifted; the caller does it when the operation ends."""
        return self._begin(Kind.RESET_LANDING_ZONE)

    def mark_failed(self) -> None:
        """The last operation failed; the next that succeeds makes the landing zone ACTIVE again."""
        self.failed = True

    def operations(self) -> list[Operation]:
        """Every operation on the landing zone, the newest first."""
        known = [one for one in self.ground.operations.values() if one.kind in LANDING_ZONE_KINDS]
        return sorted(known, key=lambda operation: operation.starts_at, reverse=True)

    def check(self, identifier: str) -> None:
        """Refuse an identifier that is not this landing zone's."""
        if identifier not in (self.arn, self.arn.rpartition("/")[2]):
            raise refusals.missing(f"There is no landing zone {identifier}.")

    def _status(self) -> str:
        running = any(operation.kind in LANDING_ZONE_KINDS for operation in self.ground.running())
        if running:
            return "PROCESSING"
        return "FAILED" if self.failed else "ACTIVE"

    def _begin(self, kind: Kind) -> Operation:
        if next(self.ground.running(), None) is not None:
            raise refusals.conflict("Another AWS Control Tower operation is in progress.")
        self.failed = False
        lasts = self.ground.draw(self.ground.pace.landing_zone, kind.call)
        return self.ground.begin(kind, self.arn, self.ground.now(), lasts)


def _manifest(ground: Ground) -> dict[str, Any]:
    """In the form of landing zone 4.0 (user guide, "Landing zone schemas")."""
    setup = ground.setup
    retention = {"loggingBucket": {"retentionDays": 365}, "accessLoggingBucket": {"retentionDays": 3650}}
    return {
        "governedRegions": list(ground.cloud.governed_regions),
        "accessManagement": {"enabled": True},
        "securityRoles": {"enabled": True, "accountId": setup.audit_account},
        "centralizedLogging": {
            "enabled": True,
            "accountId": setup.log_archive_account,
            "configurations": retention,
        },
        "config": {"enabled": True, "accountId": setup.audit_account, "configurations": retention},
        "backup": {"enabled": False},
    }
