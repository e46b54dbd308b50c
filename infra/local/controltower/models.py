"""State of AWS Control Tower: one landing zone a cloud, in the management account and the home region."""

from datetime import datetime

from moto.core.base_backend import BackendDict

from infra.local.cloud import current
from infra.local.controltower import refusals
from infra.local.controltower.baselines import EnabledBaselines
from infra.local.controltower.controls import Drift, EnabledControls
from infra.local.controltower.ground import Ground, LandingZoneSetup
from infra.local.controltower.landing_zone import LandingZone
from infra.local.controltower.operation import Operation
from infra.local.controltower.pace import Pace
from infra.local.organizations.entities import Account, Target
from infra.local.organizations.models import organizations
from infra.local.service import Refusal, ServiceBackend


class ControlTower:
    """A landing zone with everything that is enabled in it."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.tags: dict[str, dict[str, str]] = {}
        """By ARN of what carries them."""
        self.landing_zone = LandingZone(ground)
        self.baselines = EnabledBaselines(
            ground,
            on_enrolled=self._enrolled,
            on_unit_reset=self._unit_reset,
            on_unit_left=self._unit_left,
        )
        self.controls = EnabledControls(ground, self.baselines)
        ground.organization.before_move.append(self._check_move)
        ground.organization.on_move.append(self._moved)

    @property
    def pace(self) -> Pace:
        """How long operations take; assign another to make them faster, slower or fail."""
        return self.ground.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self.ground.pace = pace

    def has_drifted(self) -> bool:
        """Whether a policy that Control Tower manages was changed by somebody else."""
        return any(self.controls.drift(one) is Drift.DRIFTED for one in self.controls.enabled.values())

    def reset_landing_zone(self) -> Operation:
        """Begin to put the managed policies of every OU right again."""
        operation = self.landing_zone.reset()
        self.ground.at_end(operation, lambda _: self._apply_everywhere(), self.landing_zone.mark_failed)
        return operation

    def operation(self, identifier: str) -> Operation:
        """An operation by its id; refused where there is none."""
        if identifier not in self.ground.operations:
            raise refusals.missing(f"There is no operation {identifier}.")
        return self.ground.operations[identifier]

    def _apply_everywhere(self) -> None:
        for ou_id in {enabled.ou_id for enabled in self.controls.enabled.values()}:
            self.controls.apply_to_unit(ou_id)

    def _enrolled(self, account_id: str, ou_id: str) -> None:
        self.controls.apply_to_account(account_id, ou_id)

    def _unit_reset(self, ou_id: str) -> None:
        self.controls.apply_to_unit(ou_id)

    def _unit_left(self, ou_id: str) -> None:
        self.controls.drop_unit(ou_id)

    def _check_move(self, _account: Account, _source: Target, destination: Target) -> None:
        """One move into an OU at a time: auto-enrolment of the account before must have ended.

        The rule is in the design's facts (Control Tower user guide, autumn 2026); which error AWS answers
        is not documented, ConcurrentModificationException is the one MoveAccount has for it.
        """
        if self.ground.setup.auto_enrol and self.baselines.queue.is_busy(destination.id):
            raise Refusal(
                "ConcurrentModificationException",
                "The target of the operation is currently being modified by a different request. Try again later.",
            )

    def _moved(self, account: Account, _source: Target, destination: Target, at: datetime) -> None:
        self.baselines.account_moved(account.id, destination.id, at)


class ControlTowerBackend(ServiceBackend):
    """Control Tower as one account sees it in one region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._tower: ControlTower | None = None

    @property
    def is_home(self) -> bool:
        """Whether this is where the landing zone is managed from."""
        return (self.account_id, self.region_name) == (self.cloud.management_account_id, self.cloud.home_region)

    @property
    def is_set_up(self) -> bool:
        """Whether the landing zone is here."""
        return self._tower is not None

    @property
    def tower(self) -> ControlTower:
        """The landing zone; refused from anywhere but the management account's home region."""
        if self.account_id != self.cloud.management_account_id:
            raise refusals.denied("AWS Control Tower is managed from the management account.")
        if self._tower is None:
            raise refusals.invalid(f"AWS Control Tower is not set up in {self.region_name}.")
        return self._tower

    def set_up(self, setup: LandingZoneSetup) -> ControlTower:
        """Set up the landing zone at once, with nothing registered yet."""
        state = organizations()
        self._tower = ControlTower(Ground(self.cloud, state.organization, state.policies, setup))
        return self._tower


controltower_backends = BackendDict(ControlTowerBackend, "controltower")


def control_tower() -> ControlTower | None:
    """The landing zone of this process's cloud, None where none was set up."""
    cloud = current()
    backend: ControlTowerBackend = controltower_backends[cloud.management_account_id][cloud.home_region]
    return backend.tower if backend.is_set_up else None
