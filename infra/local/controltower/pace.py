"""How long Control Tower takes for what it does."""

from dataclasses import dataclass

Minutes = tuple[float, float]
"""The shortest and the longest time, in minutes of AWS time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time that Control Tower's operations take.

    AWS promises for auto-enrolment "a few minutes, up to several hours" (Control Tower user guide, "Move and
    enroll accounts with auto-enrollment", read 2026-11-20) and nothing for the others; the defaults are
    those of a quiet day, and the profile of faults `slow-enrolment` is a busy one.
    """

    enrolment: Minutes = (4, 12)
    unenrolment: Minutes = (1, 4)
    control: Minutes = (1, 4)
    organizational_unit: Minutes = (10, 30)
    landing_zone: Minutes = (20, 40)
