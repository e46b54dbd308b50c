"""What the stack writes into the environment of a function, and the place that follows from it."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from infra.runtime.place import Place
from vending.core.aws import Aws
from vending.core.clock import SystemClock
from vending.core.company import Company, load_company
from vending.requests.engine import LambdaEngine

PREFIX = "FREEHOLD_"
CACHE = Path("/tmp/freehold")  # noqa: S108 (Lambda's own: the only folder a function may write to)


class Environment(BaseModel):
    """Read once, with the first call of a function. Plain pydantic: pydantic-settings would slow down every start."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    config: Path
    """The company file within the bundle, relative to the bundle's root."""
    table: str
    bucket: str
    """The findings' ledger."""
    evidence: str = ""
    """What audit runs were made of, under Object Lock."""
    function: str
    """ARN of the workflow's alias."""
    signing_key: str
    """Alias of the key that signs evidence."""
    portal: str
    """The portal's address."""
    management_role: str | None = None
    """ARN of the role for the calls that only the management account may make; none for a function without such."""

    @classmethod
    def read(cls) -> Self:
        """What stands in the environment under `FREEHOLD_`.

        Raises:
            ValidationError: naming each variable that is missing.
        """
        given = {
            name.removeprefix(PREFIX).lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)
        }
        return cls.model_validate(given)

    def company(self) -> Company:
        """The company file, as it was when the stack was made.

        Raises:
            BadInput: when the file is not what the bundle was made with.
        """
        return load_company(self.config)

    def place(self, company: Company) -> Place:
        """AWS itself, with the function's own credentials."""
        aws = Aws.connect(company.landing_zone.home_region, self.management_role)
        return Place(
            aws,
            SystemClock(),
            LambdaEngine(aws, self.function),
            self.table,
            self.bucket,
            CACHE,
            signing_key=self.signing_key,
            evidence=self.evidence,
            portal=self.portal,
        )


class PortalEnvironment(Environment):
    """What only the portal needs."""

    issuer: str
    """The OIDC issuer, exactly as it stands in its tokens."""
    session_secret: str
    """ARN of the secret whose value signs the session cookies."""
    portal_client: str | None = None
    """What the issuer calls the portal, where the stack drew that name; else the company file says it."""
    cli_client: str | None = None
    """What it calls the command line, likewise."""

    def company(self) -> Company:
        """With the ids of the clients as the issuer knows them."""
        company = super().company()
        drawn = {"portal_client": self.portal_client, "cli_client": self.cli_client}
        known = {name: client for name, client in drawn.items() if client is not None}
        identity = company.identity.model_copy(update=known)
        return company.model_copy(update={"identity": identity})
