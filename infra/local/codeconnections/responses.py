"""The API of CodeConnections, shaped by botocore's model."""

from typing import Any, ClassVar

from moto.core.responses import ActionResult, EmptyResult

from infra.local.codeconnections.models import CodeConnectionsBackend, Connection, codeconnections_backends
from infra.local.service import Refusal, ServiceResponse, page

MOST = 100
"""Connections of a page."""


class CodeConnectionsResponse(ServiceResponse):
    """One call to CodeConnections."""

    service: ClassVar[str] = "codeconnections"

    @property
    def backend(self) -> CodeConnectionsBackend:
        """State of the caller's account and region."""
        found: CodeConnectionsBackend = codeconnections_backends[self.current_account][self.region]
        return found

    def create_connection(self) -> ActionResult:
        """A connection, pending until somebody agrees to it."""
        made = self.backend.create(self.params["ConnectionName"], self.params.get("ProviderType", "GitHub"))
        return ActionResult({"ConnectionArn": made.arn})

    def get_connection(self) -> ActionResult:
        """One connection and how it stands."""
        return ActionResult({"Connection": _described(self.backend.get(self.params["ConnectionArn"]))})

    def list_connections(self) -> ActionResult:
        """Every connection of the account, or those to one provider."""
        wanted = self.params.get("ProviderTypeFilter")
        found = [one for one in self.backend.connections.values() if wanted in (None, one.provider)]
        try:
            items, token = page(found, self.params.get("NextToken"), self.params.get("MaxResults"), MOST)
        except ValueError as error:
            raise Refusal("ValidationException", f"Invalid NextToken: {error}") from error
        return ActionResult({"Connections": [_described(one) for one in items], "NextToken": token})

    def delete_connection(self) -> ActionResult:
        """A connection that is not there any more."""
        self.backend.delete(self.params["ConnectionArn"])
        return EmptyResult()


def _described(connection: Connection) -> dict[str, Any]:
    return {
        "ConnectionName": connection.name,
        "ConnectionArn": connection.arn,
        "ProviderType": connection.provider,
        "OwnerAccountId": connection.owner,
        "ConnectionStatus": connection.status,
    }
