"""The state every service of the local cloud shares: clock, chance, limits, agenda, counters.

One cloud a process, because moto keeps its own state in module-level dictionaries.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from infra.local.agenda import Agenda
from infra.local.clock import CloudClock
from infra.local.dice import Dice
from infra.local.estate.estate import Estate
from infra.local.estate.size import Size
from infra.local.faults.injection import Faults
from infra.local.faults.profile import Profile
from infra.local.limits import Limits, read_limits
from infra.local.mailbox import Mailbox
from vending.core.company import Company

MANAGEMENT_ACCOUNT_ID = "123456789012"
"""moto's own default: static credentials it does not know belong to this account."""


@dataclass(slots=True)
class LocalCloud:
    """One cloud. `lock` is held for the whole of each call, so a cap counts right with many clients."""

    clock: CloudClock
    dice: Dice
    limits: Limits
    company: Company
    """Whose organisation it is: regions, OUs, teams and people come from its file."""
    url: str = ""
    """Where it listens; known once a server has its port."""
    verify_token: Callable[[str], Mapping[str, Any]] | None = None
    """The claims of an access token of the local issuer; known once the issuer stands."""
    issuer_keys: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """JWK sets that STS can fetch, by the issuer's address without its scheme; the local issuer's is among them."""
    management_account_id: str = MANAGEMENT_ACCOUNT_ID
    agenda: Agenda = field(default_factory=Agenda)
    calls: Counter[str] = field(default_factory=Counter)
    not_modelled: Counter[str] = field(default_factory=Counter)
    """The calls of `calls` that were answered NotImplemented."""
    faults: Faults = field(default_factory=Faults)
    size: Size = field(default_factory=Size)
    """What the seed adds to the example's organisation."""
    estate: Estate | None = None
    """The generated accounts, where there are any."""
    mailbox: Mailbox = field(default_factory=Mailbox)
    lock: RLock = field(default_factory=RLock)
    on_settle: list[Callable[[datetime], None]] = field(default_factory=list)
    """Called with AWS time whenever what is due has happened; the seed fills it."""
    on_clear: list[Callable[[], None]] = field(default_factory=list)
    """Called when everything goes back to the seed: whoever remembers something of the old cloud forgets it here."""
    ready: bool = False

    @property
    def home_region(self) -> str:
        """Where Control Tower, Identity Center and the aggregator are."""
        return self.company.landing_zone.home_region

    @property
    def governed_regions(self) -> tuple[str, ...]:
        """The landing zone's regions, the home region first."""
        others = (region for region in self.company.landing_zone.regions if region != self.home_region)
        return (self.home_region, *others)

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        now = self.clock.now()
        self.agenda.run_due(now)
        for look in self.on_settle:
            look(now)

    def clear(self) -> None:
        """Back to nothing but the settings; the seed follows."""
        self.ready = False
        self.clock.rewind()
        self.dice.reset()
        self.limits.reset()
        self.agenda.clear()
        self.on_settle.clear()
        self.calls.clear()
        self.not_modelled.clear()
        self.faults.reset()
        self.estate = None
        self.mailbox.mails.clear()
        for forget in self.on_clear:
            forget()


_current: list[LocalCloud] = []


def build_cloud(
    clock: CloudClock,
    company: Company,
    seed: int = 0,
    faults: Profile | None = None,
    size: Size | None = None,
) -> LocalCloud:
    """A cloud with AWS's documented limits, made the one of this process.

    Without a profile of faults nothing goes wrong; without a size it has the example's accounts alone.
    """
    injected = Faults(seed, faults)
    cloud = LocalCloud(clock, Dice(seed), Limits(read_limits()), company, faults=injected, size=size or Size())
    _current[:] = [cloud]
    return cloud


def current() -> LocalCloud:
    """The cloud of this process; RuntimeError where none was built."""
    if not _current:
        raise RuntimeError("no local cloud was built in this process: call build_cloud first")
    return _current[0]
