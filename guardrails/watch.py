"""Whether the rules and controls that were compiled watch an account, as Config and Control Tower answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import sleep

from guardrails.compiler.conformance import ConformancePack, compile_conformance
from guardrails.enforcement.conformance_packs import FOLLOWED_EVERY, ConformancePacks
from guardrails.enforcement.control_tower import (
    DONE,
    DRIFTED,
    UNDER_CHANGE,
    CataloguedControl,
    ControlTower,
    EnabledControl,
)
from guardrails.enforcement.controls import TowerState
from guardrails.guardrail import Control, Guardrail
from guardrails.shared_reading import SharedReadings
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsMissing
from vending.ports import Holds, NewAccount, Reading


@dataclass(frozen=True)
class _Found:
    """What was found of one pack or control."""

    holds: Holds
    words: str
    settling: bool = False


class Watch:
    """Reads back what is deployed to an account from outside. Every call raises AwsFailed."""

    def __init__(
        self,
        aws: Aws,
        company: Company,
        catalogue: Sequence[Guardrail],
        clock: Clock,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._company = company
        self._catalogue = catalogue
        self._packs = ConformancePacks(aws, pause)
        self._tower = ControlTower(aws, pause)
        self._deployed: SharedReadings[dict[str, _Found]] = SharedReadings(clock)
        self._enabled: SharedReadings[tuple[EnabledControl, ...]] = SharedReadings(clock)

    def read_rules(self, account: NewAccount, guardrail: Guardrail) -> Reading:
        """Whether every pack that carries the guardrail's rules is in place in the account, in each of its regions."""
        mine = [pack for pack in self._compiled if account.ou_class in pack.ou_classes]
        reading = self._deployed.get(account.account_id, guardrail.id, lambda: self._look(mine, account.account_id))
        wanted = [pack for pack in mine if guardrail.id in pack.guardrails]
        found = [reading.found[_place(pack)] for pack in wanted]
        expected = f"conformance pack {', '.join(map(_place, wanted))}"
        holds = next((each for each in (Holds.NO, Holds.UNKNOWN) if each in {f.holds for f in found}), Holds.YES)
        told = [each for each in found if each.holds is holds]
        words = "; ".join(dict.fromkeys(each.words for each in told))
        settling = all(each.settling for each in told)
        return Reading(guardrail.id, holds, expected, words, reading.read_at, settling)

    def read_control(self, guardrail: Guardrail, control: Control, ou: str, ou_arn: str) -> Reading:
        """Whether the guardrail's control is in effect on the OU that holds the account."""
        known = self._controls
        reading = self._enabled.get(ou_arn, guardrail.id, lambda: self._tower.enabled([ou_arn], known))
        state = TowerState(known, reading.found, {})
        catalogued = state.find(control.alias)
        enabled = state.on(catalogued, ou_arn) if catalogued else None
        found = _tell_control(enabled, ou)
        expected = f"control {control.alias} enabled on OU {ou}"
        return Reading(guardrail.id, found.holds, expected, found.words, reading.read_at)

    @cached_property
    def _compiled(self) -> tuple[ConformancePack, ...]:
        return compile_conformance(self._catalogue, self._company.landing_zone.regions, self._company.ou_classes)

    @cached_property
    def _controls(self) -> tuple[CataloguedControl, ...]:
        return self._tower.catalogue()

    def _look(self, packs: Sequence[ConformancePack], account_id: str) -> dict[str, _Found]:
        return {_place(pack): self._look_at(pack, account_id) for pack in packs}

    def _look_at(self, pack: ConformancePack, account_id: str) -> _Found:
        where = _place(pack)
        try:
            state = self._packs.state_in(account_id, pack.name, pack.region)
            if state is None and account_id in self._packs.excluded(pack.name, pack.region):
                minutes = int(FOLLOWED_EVERY.total_seconds() // 60)
                words = f"{where} leaves the account out still; packs follow accounts every {minutes} minutes"
                return _Found(Holds.NO, words, settling=True)
        except AwsMissing:
            return _Found(Holds.NO, f"the organisation has no {where}")
        if state is None or state.in_progress:
            return _Found(Holds.UNKNOWN, f"AWS Config has not deployed {where} yet")
        if state.failed:
            return _Found(Holds.NO, f"AWS Config could not deploy {where}: {state.reason or state.status}")
        return _Found(Holds.YES, f"{where} is in place")


def _place(pack: ConformancePack) -> str:
    return f"{pack.name} in {pack.region}"


def _tell_control(enabled: EnabledControl | None, ou: str) -> _Found:
    if enabled is None:
        return _Found(Holds.NO, f"not enabled on OU {ou}")
    if enabled.status == UNDER_CHANGE:
        return _Found(Holds.UNKNOWN, f"Control Tower is changing it on OU {ou}")
    if enabled.status != DONE:
        return _Found(Holds.NO, f"Control Tower could not put it into effect on OU {ou}")
    if enabled.drift == DRIFTED:
        return _Found(Holds.NO, f"what it deployed on OU {ou} was changed by somebody")
    return _Found(Holds.YES, f"enabled on OU {ou}, without drift")
