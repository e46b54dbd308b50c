"""Organisation conformance packs as guardrails need them: put, polled, taken back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import sleep
from typing import Any

from guardrails.compiler.packs import PREFIX
from guardrails.enforcement.operations import LOOKS, POLL, patiently
from guardrails.enforcement.step import Act, PackStep
from vending.core.aws import Aws
from vending.core.errors import AwsMissing

FOLLOWED_EVERY = timedelta(minutes=10)
"""How often packs are brought in step with where accounts are: walking the tree costs two calls for each OU, and AWS
takes few of them a second."""
_FAILED = "FAILED"
_RUNNING = "IN_PROGRESS"


@dataclass(frozen=True)
class DeployedPack:
    """An organisation conformance pack, in one region."""

    name: str
    region: str
    excluded: frozenset[str]
    status: str
    """`CREATE_SUCCESSFUL`, `UPDATE_FAILED`, …"""
    reason: str
    """AWS's words where it failed."""

    @property
    def failed(self) -> bool:
        """Whether AWS could not deploy it everywhere."""
        return self.status.endswith(_FAILED)

    @property
    def settled(self) -> bool:
        """Whether it is there to stay, and AWS is not at it."""
        return not self.status.startswith("DELETE") and not self.status.endswith(_RUNNING)


@dataclass(frozen=True)
class MemberState:
    """How the deployment of a pack went in one account."""

    status: str
    reason: str
    """AWS's words where it failed."""

    @property
    def in_progress(self) -> bool:
        """Whether it is still under way."""
        return self.status.endswith(_RUNNING)

    @property
    def failed(self) -> bool:
        """Whether it is not there, or going away."""
        return self.status.endswith(_FAILED) or self.status.startswith("DELETE")


class ConformancePacks:
    """Calls to Config in each region; `pause` waits for so many seconds. Every call raises AwsFailed."""

    def __init__(self, aws: Aws, pause: Callable[[float], None] = sleep) -> None:
        self._aws = aws
        self._pause = pause

    def deployed(self, regions: Sequence[str]) -> tuple[DeployedPack, ...]:
        """Our packs: what carries our name."""
        return tuple(found for region in regions for found in self._deployed_in(region))

    def _deployed_in(self, region: str) -> Iterator[DeployedPack]:
        config = self._aws.client("config", region)
        packs = [
            pack for pack in self._listed(region) if pack["OrganizationConformancePackName"].startswith(f"{PREFIX}-")
        ]
        statuses = {
            found["OrganizationConformancePackName"]: found
            for page in (config.pages("describe_organization_conformance_pack_statuses") if packs else ())
            for found in page["OrganizationConformancePackStatuses"]
        }
        for pack in packs:
            name = pack["OrganizationConformancePackName"]
            status = statuses.get(name, {})
            yield DeployedPack(name, region, _excluded(pack), status.get("Status", ""), status.get("ErrorMessage", ""))

    def _listed(self, region: str) -> Iterator[Mapping[str, Any]]:
        for page in self._aws.client("config", region).pages("describe_organization_conformance_packs"):
            yield from page["OrganizationConformancePacks"]

    def state_in(self, account_id: str, name: str, region: str) -> MemberState | None:
        """How a pack's deployment went in an account; None where Config says nothing of it.

        Raises:
            AwsMissing: when the organisation has no such pack.
        """
        pages = self._aws.client("config", region).pages(
            "get_organization_conformance_pack_detailed_status",
            OrganizationConformancePackName=name,
            Filters={"AccountId": account_id},
        )
        found = (row for page in pages for row in page["OrganizationConformancePackDetailedStatuses"])
        states = (MemberState(row["Status"], row.get("ErrorMessage", "")) for row in found)
        return next(states, None)

    def excluded(self, name: str, region: str) -> frozenset[str]:
        """The accounts that a pack leaves out."""
        found = (_excluded(pack) for pack in self._listed(region) if pack["OrganizationConformancePackName"] == name)
        return next(found, frozenset())

    def carry_out(self, step: PackStep) -> None:
        """Put or delete a pack; deleted already is fine."""
        config = self._aws.client("config", step.target)
        named = {"OrganizationConformancePackName": step.policy}
        if step.act is Act.PUT and step.pack:
            content: dict[str, Any] = {"TemplateBody": step.pack.template, "ExcludedAccounts": list(step.excluded)}
            patiently(config, self._pause, "put_organization_conformance_pack", **named, **content)
            return
        try:
            patiently(config, self._pause, "delete_organization_conformance_pack", **named)
        except AwsMissing:
            return

    def wait(self, step: PackStep) -> str:
        """Poll until a pack that was put is everywhere, or one that was deleted is gone; answers what went wrong."""
        for _ in range(LOOKS):
            found = next((each for each in self._deployed_in(step.target) if each.name == step.policy), None)
            if found is None:
                return "" if step.act is Act.DELETE else "Config does not know it any more"
            if not found.status.endswith(_RUNNING):
                return (found.reason or "Config gives no reason") if found.failed else ""
            self._pause(POLL)
        return "Config has not finished after two hours"


def _excluded(pack: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(pack.get("ExcludedAccounts", ()))
