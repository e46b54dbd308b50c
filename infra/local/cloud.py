"""The state every service of the local cloud shares: clock, chance, limits, agenda, counters.

One cloud a process, because moto keeps its own state in module-level dictionaries.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import RLock

from infra.local.agenda import Agenda
from infra.local.clock import CloudClock
from infra.local.dice import Dice
from infra.local.limits import Limits, read_limits
from infra.local.mailbox import Mailbox

MANAGEMENT_ACCOUNT_ID = "123456789012"
"""moto's own default: static credentials it does not know belong to this account."""

HOME_REGION = "eu-west-1"
GOVERNED_REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")


@dataclass(slots=True)
class LocalCloud:
    """One cloud. `lock` is held for the whole of each call, so a cap counts right with many clients."""

    clock: CloudClock
    dice: Dice
    limits: Limits
    home_region: str = HOME_REGION
    governed_regions: tuple[str, ...] = GOVERNED_REGIONS
    management_account_id: str = MANAGEMENT_ACCOUNT_ID
    agenda: Agenda = field(default_factory=Agenda)
    calls: Counter[str] = field(default_factory=Counter)
    mailbox: Mailbox = field(default_factory=Mailbox)
    lock: RLock = field(default_factory=RLock)
    ready: bool = False

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        self.agenda.run_due(self.clock.now())

    def clear(self) -> None:
        """Back to nothing but the settings; the seed follows."""
        self.ready = False
        self.clock.rewind()
        self.dice.reset()
        self.limits.reset()
        self.agenda.clear()
        self.calls.clear()
        self.mailbox.mails.clear()


_current: list[LocalCloud] = []


def build_cloud(clock: CloudClock, seed: int = 0, governed_regions: Iterable[str] = GOVERNED_REGIONS) -> LocalCloud:
    """A cloud with AWS's documented limits, made the one of this process."""
    cloud = LocalCloud(clock, Dice(seed), Limits(read_limits()), governed_regions=tuple(governed_regions))
    _current[:] = [cloud]
    return cloud


def current() -> LocalCloud:
    """The cloud of this process; RuntimeError where none was built."""
    if not _current:
        raise RuntimeError("no local cloud was built in this process: call build_cloud first")
    return _current[0]
