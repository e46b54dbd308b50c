"""State of CodeConnections: connections, each pending until somebody agrees to it in the console."""

from dataclasses import dataclass, replace

from boto3 import Session
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

from infra.local.service import Refusal, ServiceBackend


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection to a provider of repositories."""

    arn: str
    name: str
    provider: str
    owner: str
    status: str = "PENDING"


class CodeConnectionsBackend(ServiceBackend):
    """CodeConnections of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connections: dict[str, Connection] = {}

    def create(self, name: str, provider: str) -> Connection:
        """A connection that is pending."""
        where = f"arn:aws:codeconnections:{self.region_name}:{self.account_id}:connection"
        made = Connection(f"{where}/{mock_random.uuid4()}", name, provider, self.account_id)
        self.connections[made.arn] = made
        return made

    def get(self, arn: str) -> Connection:
        """One connection; ResourceNotFoundException where there is none."""
        if arn not in self.connections:
            raise Refusal("ResourceNotFoundException", f"Resource not found for ConnectionArn: {arn}")
        return self.connections[arn]

    def delete(self, arn: str) -> None:
        """Forget a connection."""
        del self.connections[self.get(arn).arn]

    def agree(self, arn: str) -> None:
        """What a person does in the console, at the provider of the repositories."""
        self.connections[arn] = replace(self.get(arn), status="AVAILABLE")


codeconnections_backends = BackendDict(
    CodeConnectionsBackend,
    "codeconnections",
    use_boto3_regions=False,
    additional_regions=Session().get_available_regions("codepipeline"),
)
"""boto3 does not know where the service is; it is for CodePipeline."""
