"""What the environment says: ports, addresses and names; nothing secret but the caller's token."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from vending.core.errors import BadInput, FieldError

PREFIX = "FREEHOLD_"


class Settings(BaseSettings):
    """Read once at start-up from `FREEHOLD_*`.

    Raises:
        BadInput: naming each variable whose value is not one of its kind.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    port: int = Field(default=8080, ge=1, le=65535)
    """Where the portal listens on 127.0.0.1."""
    cloud_port: int = Field(default=8081, ge=1, le=65535)
    """Where the local cloud listens on 127.0.0.1."""
    speed: float = Field(default=60.0, gt=0)
    """AWS seconds per real second on the local cloud."""
    config: Path = Path("examples/acme/freehold.yaml")
    """The company file."""
    url: str = ""
    """Where the command line finds the portal; `http://127.0.0.1:{port}` if empty."""
    token: SecretStr = SecretStr("")
    """The bearer token the command line shows the portal."""
    table: str = "freehold"
    """The DynamoDB table."""
    findings_bucket: str = "freehold-findings"
    """The S3 bucket of the findings' ledger; the account id is appended."""
    evidence_bucket: str = "freehold-evidence"
    """The S3 bucket of the audit's evidence, under Object Lock; the account id is appended."""
    issuer: str = ""
    """The OIDC issuer; the company file's if empty."""
    session_key: SecretStr = SecretStr("")
    """Signs the portal's session cookie; drawn at start-up if empty."""
    state: Path = Path(".state")
    """Where a run on a laptop keeps its files, in a folder named by its port."""

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise BadInput.of(*(_explain(details) for details in error.errors())) from error

    @property
    def portal_url(self) -> str:
        """The portal's address as the command line sees it."""
        return (self.url or f"http://127.0.0.1:{self.port}").rstrip("/")


def _explain(details: Any) -> FieldError:
    name = "_".join(map(str, details["loc"])).upper()
    reason = details["msg"][0].lower() + details["msg"][1:]
    return FieldError(f"{PREFIX}{name}", f"{reason}, not {details['input']!r}", "Unset it, or give it another value.")
