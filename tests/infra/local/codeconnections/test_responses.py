import pytest
from botocore.exceptions import ClientError

from infra.local.codeconnections.models import codeconnections_backends
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

HOME = "eu-west-1"


@behaviour("codeconnections.CreateConnection")
def test_a_connection_is_pending_until_somebody_agrees_to_it(cloud: Cloud) -> None:
    connections = cloud.client("codeconnections")
    arn = connections.create_connection(ConnectionName="code", ProviderType="GitHub")["ConnectionArn"]

    before = connections.get_connection(ConnectionArn=arn)["Connection"]
    codeconnections_backends[cloud.state.management_account_id][HOME].agree(arn)
    after = connections.get_connection(ConnectionArn=arn)["Connection"]

    assert (before["ConnectionStatus"], after["ConnectionStatus"]) == ("PENDING", "AVAILABLE")
    assert [one["ConnectionArn"] for one in connections.list_connections()["Connections"]] == [arn]
    assert connections.list_connections(ProviderTypeFilter="GitLab")["Connections"] == []


@behaviour("codeconnections.GetConnection")
def test_a_connection_that_is_deleted_is_not_found(cloud: Cloud) -> None:
    connections = cloud.client("codeconnections")
    arn = connections.create_connection(ConnectionName="code", ProviderType="GitHub")["ConnectionArn"]
    connections.delete_connection(ConnectionArn=arn)

    with pytest.raises(ClientError) as refused:
        connections.get_connection(ConnectionArn=arn)

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
