"""Regions of one account: on from the start, or switched on and off by request, which takes time."""

from enum import StrEnum

from infra.local.cloud import LocalCloud
from infra.local.service import Refusal

DEFAULT = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""Launched before 20 March 2019: always on."""

OPT_IN = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
)
"""Off until asked for (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html)."""

CHANGE_SECONDS = (180, 1_800)
"""AWS says minutes for most accounts and hours for some."""


class OptStatus(StrEnum):
    """Whether a region can be used."""

    ENABLED_BY_DEFAULT = "ENABLED_BY_DEFAULT"
    ENABLED = "ENABLED"
    ENABLING = "ENABLING"
    DISABLED = "DISABLED"
    DISABLING = "DISABLING"


CHANGING = (OptStatus.ENABLING, OptStatus.DISABLING)


class Regions:
    """The regions of one account."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._chosen = dict.fromkeys(OPT_IN, OptStatus.DISABLED)

    def statuses(self) -> dict[str, OptStatus]:
        """Every region of the partition, by name."""
        fixed = dict.fromkeys(DEFAULT, OptStatus.ENABLED_BY_DEFAULT)
        return dict(sorted((fixed | self._chosen).items()))

    def status(self, region: str) -> OptStatus:
        """One region; ValidationException for a name that is none."""
        statuses = self.statuses()
        if region not in statuses:
            raise _invalid(f"{region} is not a valid Region name.")
        return statuses[region]

    def changing(self) -> int:
        """How many are on their way."""
        return sum(status in CHANGING for status in self._chosen.values())

    def enable(self, region: str) -> None:
        """Begin to switch a region on; one that is on stays on."""
        if self._check(region, wanted=OptStatus.ENABLED, opposite=OptStatus.DISABLING):
            self._change(region, OptStatus.ENABLING, OptStatus.ENABLED)

    def disable(self, region: str) -> None:
        """Begin to switch a region off; one that is off stays off."""
        if self._check(region, wanted=OptStatus.DISABLED, opposite=OptStatus.ENABLING):
            self._change(region, OptStatus.DISABLING, OptStatus.DISABLED)

    def _check(self, region: str, wanted: OptStatus, opposite: OptStatus) -> bool:
        """Whether there is something to do; ConflictException where the opposite is being done."""
        status = self.status(region)
        if status is OptStatus.ENABLED_BY_DEFAULT:
            raise _invalid(f"{region} is enabled by default and cannot be enabled or disabled.")
        if status is opposite:
            raise Refusal("ConflictException", f"{region} is in a status of {status.value}.")
        most = self.cloud.limits.count("account.region_changes_in_progress")
        idle = status not in CHANGING and status is not wanted
        if idle and self.cloud.limits.enforced and self.changing() >= most:
            raise Refusal("TooManyRequestsException", f"No more than {most} region-opt requests can be in progress.")
        return idle

    def _change(self, region: str, during: OptStatus, after: OptStatus) -> None:
        self._chosen[region] = during
        when = self.cloud.clock.now() + self.cloud.dice.seconds(*CHANGE_SECONDS)
        self.cloud.agenda.at(when, lambda _: self._arrive(region, after))

    def _arrive(self, region: str, status: OptStatus) -> None:
        self._chosen[region] = status


def _invalid(sentence: str) -> Refusal:
    return Refusal("ValidationException", sentence, reason="invalidRegionOptTarget")
