"""The company file's part about AWS: which accounts Freehold lives in, and what it is reached by."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AccountId = Annotated[
    str,
    StringConstraints(pattern=r"^\d{12}$"),
    Field(title="account id", examples=["123456789012"]),
]
Complaint = tuple[tuple[int | str, ...], str, str]
"""Where, the reason, and the way out."""

PARTITION = "aws"
PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov", "eusc": "aws-eusc", "us-iso": "aws-iso", "us-isob": "aws-iso-b"}
"""How the regions of other partitions begin (AWS SDK, `partitions.json`)."""


class Part(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PortalDoor(Part):
    """What the portal is reached by."""

    domain: Annotated[
        str,
        StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]+$"),
        Field(title="host name", examples=["accounts.example.com"]),
    ]
    """The portal's host name. API Gateway's own would put a stage before every path, and the portal's links start at
    the root."""
    certificate: Annotated[
        str,
        StringConstraints(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/.+$"),
        Field(title="ARN of a certificate", examples=["arn:aws:acm:eu-west-1:123456789012:certificate/1a2b"]),
    ]
    """ACM certificate of that name, in the platform account and the home region."""
    saml_metadata: (
        Annotated[
            str,
            StringConstraints(pattern=r"^https://\S+$"),
            Field(title="address", examples=["https://portal.sso.eu-west-1.amazonaws.com/saml/metadata/Mz"]),
        ]
        | None
    ) = None
    """Address of the SAML metadata of the application that was made by hand in Identity Center; with it the portal
    gets a user pool that is federated to Identity Center. Without it `identity.issuer` says who signs people in."""
    requests_per_five_minutes: int = Field(default=2000, ge=10)
    """How many requests one address may make before the portal's firewall turns it away."""


class Delivery(Part):
    """Where the pipeline takes the code from."""

    repository: Annotated[
        str,
        StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$"),
        Field(title="repository", examples=["acme/freehold"]),
    ]
    """OWNER/NAME."""
    branch: str = "main"
    connection: Annotated[
        str,
        StringConstraints(pattern=r"^arn:aws[a-z-]*:code(connections|star-connections):.+$"),
        Field(
            title="ARN of a connection",
            examples=["arn:aws:codeconnections:eu-west-1:123456789012:connection/1a2b"],
        ),
    ]
    """ARN of the connection that was made by hand; it stays pending until somebody agrees to it in the console."""


class Deployment(Part):
    """Where Freehold runs on AWS. A laptop reads none of it."""

    organization: Annotated[
        str,
        StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$"),
        Field(title="id of an organisation", examples=["o-a1b2c3d4e5"]),
    ]
    management_account: AccountId
    platform_account: AccountId
    """Where the functions, the table and the findings are: the delegated administrator."""
    log_archive_account: AccountId
    """Where the evidence lies, out of the platform's reach."""
    organization_root: (
        Annotated[
            str,
            StringConstraints(pattern=r"^r-[a-z0-9]{4,32}$"),
            Field(title="id of a root", examples=["r-a1b2"]),
        ]
        | None
    ) = None
    """Id of the root. With it every account sends what Config says of it to the platform, and the audit knows within
    minutes; without it the audit learns with its next run."""
    portal: PortalDoor
    delivery: Delivery | None = None
    """Without it there is no pipeline: the stacks are deployed by hand."""
    evidence_days: int = Field(default=400, ge=1, le=36_500)
    """How long evidence cannot be deleted by anybody."""

    def complaints(self, home_region: str) -> Iterator[Complaint]:
        """What does not fit together, below `aws`."""
        accounts = {
            "management_account": self.management_account,
            "platform_account": self.platform_account,
            "log_archive_account": self.log_archive_account,
        }
        names = list(accounts)
        for number, name in enumerate(names[1:], start=1):
            if (
                same := next((other for other in names[:number] if accounts[other] == accounts[name]), None)
            ) is not None:
                yield ("aws", name), f"this is the {same} too", "Give each its own account."
        yield from self._arn_complaints(("aws", "portal", "certificate"), self.portal.certificate, home_region)
        if self.delivery is not None:
            yield from self._arn_complaints(("aws", "delivery", "connection"), self.delivery.connection, None)

    def _arn_complaints(self, where: tuple[str, ...], arn: str, region: str | None) -> Iterator[Complaint]:
        """Of something that was made by hand for a stack in the platform account."""
        _, partition, _, found, account, *_ = arn.split(":")
        if partition != PARTITION:
            remedy = f"Freehold's stacks are for the partition {PARTITION} alone."
            yield where, f"it is in the partition {partition}", remedy
        elif account != self.platform_account:
            yield where, f"it is in account {account}", f"Make it in the platform account, {self.platform_account}."
        elif region is not None and found != region:
            yield where, f"it is in {found}", f"Make it in the home region, {region}: a regional API takes no other."


def partition_of(region: str) -> str:
    """The partition that a region is in, by its name."""
    return next((found for prefix, found in PARTITIONS.items() if region.startswith(f"{prefix}-")), PARTITION)
