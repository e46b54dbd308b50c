"""What the environment says: ports, addresses and names; nothing secret but the caller's token."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at start-up from `FREEHOLD_*`."""

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_", frozen=True, extra="ignore")

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
    issuer: str = ""
    """The OIDC issuer; the company file's if empty."""
    session_key: SecretStr = SecretStr("")
    """Signs the portal's session cookie; drawn at start-up if empty."""
    state: Path = Path(".state")
    """Where a run on a laptop keeps its files, in a folder named by its port."""

    @property
    def portal_url(self) -> str:
        """The portal's address as the command line sees it."""
        return (self.url or f"http://127.0.0.1:{self.port}").rstrip("/")
