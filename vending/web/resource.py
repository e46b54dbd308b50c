"""What a program has to know before anybody is signed in: who issues the tokens that this portal takes.

OAuth 2.0 Protected Resource Metadata, RFC 9728; section 2 lets a resource add names of its own.
"""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from vending.core.company import Company
from vending.web.signin import SCOPE

PATH = "/.well-known/oauth-protected-resource"


class Resource(BaseModel):
    """The document."""

    model_config = ConfigDict(frozen=True)

    resource: str = Field(description="The portal's address, as the caller wrote it.")
    resource_name: str
    authorization_servers: tuple[str, ...] = Field(description="The OIDC issuer, exactly as it stands in its tokens.")
    scopes_supported: tuple[str, ...]
    bearer_methods_supported: tuple[str, ...] = ("header",)
    freehold_cli_client_id: str = Field(description="What the issuer calls the command line: a public client.")


def routes(company: Company, issuer: str) -> APIRouter:
    """One document, for everybody."""
    router = APIRouter(tags=["health"])

    @router.get(PATH, summary="Who issues the tokens that are taken here")
    def describe(request: Request) -> Resource:
        return Resource(
            resource=str(request.base_url).rstrip("/"),
            resource_name=f"Freehold of {company.name}",
            authorization_servers=(issuer,),
            scopes_supported=tuple(SCOPE.split()),
            freehold_cli_client_id=company.identity.cli_client,
        )

    return router


def location(request: Request) -> str:
    """Where the document of this portal is."""
    return f"{str(request.base_url).rstrip('/')}{PATH}"
