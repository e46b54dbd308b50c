"""The company file's part about the landing zone: who enrols accounts, and in which regions."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from vending.core.deployment import PARTITION, Complaint, Part, partition_of

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$"),
    Field(title="region", examples=["eu-west-1"]),
]
BucketName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"),
    Field(title="name of a bucket", examples=["acme-organization-logs"]),
]


class LandingZone(Part):
    """How the organisation is governed, and where."""

    kind: Literal["control-tower", "organizations"]
    """Whether Control Tower enrols accounts, or Freehold does with Organizations and Config alone."""
    home_region: Region
    regions: tuple[Region, ...] = Field(min_length=1)
    """The governed regions: the only ones teams may use."""
    log_bucket: BucketName | None = None
    """Where Config delivers what it records in every account, where there is no Control Tower to say so."""

    @property
    def control_tower(self) -> bool:
        """Whether there is a Control Tower."""
        return self.kind == "control-tower"

    def complaints(self) -> Iterator[Complaint]:
        """What does not fit together, below `landing_zone`."""
        if self.home_region not in self.regions:
            reason = f"{self.home_region} is not one of the governed regions"
            yield ("landing_zone", "home_region"), reason, "Add it to `landing_zone.regions`, or name one of those."
        for number, region in enumerate(self.regions):
            if region in self.regions[:number]:
                yield ("landing_zone", "regions", number), f"{region} stands there twice", "Take one of them out."
            if (partition := partition_of(region)) != PARTITION:
                reason = f"{region} is in the partition {partition}"
                yield ("landing_zone", "regions", number), reason, f"Freehold governs the partition {PARTITION} alone."
        if self.control_tower and self.log_bucket is not None:
            reason = "Control Tower has a bucket of its own"
            yield ("landing_zone", "log_bucket"), reason, "Leave it out, or set `kind: organizations`."
        elif not self.control_tower and self.log_bucket is None:
            reason = "`log_bucket` is missing: without Control Tower nobody else says where Config delivers"
            yield ("landing_zone",), reason, "Name a bucket of the log archive that lets config.amazonaws.com in."
