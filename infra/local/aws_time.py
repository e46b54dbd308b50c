"""AWS time for moto's own services too: what they stamp, and what they judge by age, follows the cloud's clock.

The one exception is how long credentials last (see `sts`): clients compare that with their own clock.
"""

import datetime as real
from importlib import import_module
from types import SimpleNamespace

from infra.local.cloud import current

ASKS_FOR_THE_TIME = ("moto.core.utils", "moto.s3.models")
"""Nearly all of moto asks `moto.core.utils.utcnow`; buckets ask for themselves."""


class AwsTime(real.datetime):
    """A moment whose `now` is AWS's."""

    @classmethod
    def now(cls, tz: real.tzinfo | None = None) -> real.datetime:  # type: ignore[override]
        """AWS time in that zone; without one, in UTC without saying so."""
        moment = current().clock.now()
        return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)


def follow_the_clock() -> None:
    """Give moto a calendar whose now is the cloud's."""
    calendar = SimpleNamespace(**vars(real) | {"datetime": AwsTime})
    for name in ASKS_FOR_THE_TIME:
        setattr(import_module(name), "datetime", calendar)  # noqa: B010 - moto offers no other way in
