"""The least time that what a cloud was asked for could have taken: from AWS's limits and the cloud's own draws."""

from collections import defaultdict
from datetime import timedelta

from infra.local.cloud import LocalCloud
from infra.local.controltower.models import control_tower
from infra.local.organizations.models import organizations
from infra.local.ssoadmin.change import Kind
from infra.local.ssoadmin.models import identity_center


def bound_seconds(cloud: LocalCloud) -> float:
    """The largest of what each limit asks for, and then the steps that the longest single request has left.

    For a token bucket that is (calls - burst) / rate; for a cap, the sum of the durations drawn / cap; for an OU, the
    sum of its enrolments.
    """
    return max(cloud.limits.least_seconds(), _creations(cloud), _enrolments(cloud)) + _afterwards()


def _creations(cloud: LocalCloud) -> float:
    made = organizations().creations.requests.values()
    drawn = sum(((one.completed - one.requested for one in made if one.completed)), timedelta())
    return drawn.total_seconds() / cloud.limits.value("organizations.creations_in_progress")


def _enrolments(cloud: LocalCloud) -> float:
    """One at a time in each OU, and so many in all; none without Control Tower."""
    tower = control_tower()
    if tower is None:
        return 0.0
    drawn = tower.baselines.queue.seconds_drawn
    together = sum(drawn.values()) / cloud.limits.value("controltower.account_operations")
    return max(together, *(seconds for ou, seconds in drawn.items() if ou), 0.0)


def _afterwards() -> float:
    """What follows an enrolment and takes AWS time: the team's access."""
    lasts: defaultdict[str | None, float] = defaultdict(float)
    for change in identity_center().changes.values():
        if change.kind is Kind.CREATION:
            lasts[change.account_id] += (change.ends_at - change.asked_at).total_seconds()
    return max(lasts.values(), default=0.0)
