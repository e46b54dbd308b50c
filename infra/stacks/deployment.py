"""What the stacks must be told beside the company file: values of CDK's context under `freehold:`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from vending.core.errors import BadInput, FieldError

CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"
PREFIX = "freehold:"

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


class Deployment(BaseModel):
    """Where a company deploys to. `cdk.json` has the example's values; `cdk deploy -c freehold:KEY=VALUE` overrides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    management_account: AccountId
    organization: Annotated[str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$")]
    portal_domain: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]+$")]
    """The portal's host name. API Gateway's own would put a stage before every path, and the portal's links start at
    the root."""
    certificate: Annotated[str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+$")]
    """ACM certificate of the portal's host name, in the home region."""
    issuer: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    """The OIDC issuer, exactly as it stands in its tokens."""
    requests_per_five_minutes: int = Field(default=2000, ge=10)
    """How many requests one address may make before the portal's firewall turns it away."""


def read_deployment(context: Mapping[str, Any]) -> Deployment:
    """The deployment that the context describes.

    Raises:
        BadInput: naming each key that is missing, unknown or wrong.
    """
    given = {key.removeprefix(PREFIX): value for key, value in context.items() if key.startswith(PREFIX)}
    try:
        return Deployment.model_validate(given)
    except ValidationError as error:
        raise BadInput.of(*(_explain(details["loc"], details["msg"]) for details in error.errors())) from error


def read_context(cdk_json: Path = CDK_JSON) -> dict[str, Any]:
    """The context that the CDK command line hands over, or without it the one of `cdk.json`."""
    given = os.environ.get("CDK_CONTEXT_JSON")
    context: dict[str, Any] = json.loads(given) if given else json.loads(cdk_json.read_text())["context"]
    return context


def _explain(where: tuple[int | str, ...], reason: str) -> FieldError:
    key = f"{PREFIX}{where[0]}"
    return FieldError(key, reason[0].lower() + reason[1:], f"Write it into cdk.json, or give `-c {key}=VALUE`.")
