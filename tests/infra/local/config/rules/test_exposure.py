"""The rules about services that should not face the internet."""

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


def test_a_service_nobody_called_has_nothing_to_judge(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    assert judge(cloud, account, "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS") == {}


def test_a_document_shared_with_everybody_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    ssm = cloud.session(account).client("ssm")
    ssm.create_document(
        Name="run-it",
        DocumentType="Command",
        DocumentFormat="JSON",
        Content='{"schemaVersion": "2.2", "mainSteps": []}',
    )
    before = judge(cloud, account, "SSM_DOCUMENT_NOT_PUBLIC")

    ssm.modify_document_permission(Name="run-it", PermissionType="Share", AccountIdsToAdd=["all"])

    assert before == {"run-it": "COMPLIANT"}
    assert judge(cloud, account, "SSM_DOCUMENT_NOT_PUBLIC") == {"run-it": "NON_COMPLIANT"}


def test_a_warehouse_on_the_internet_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    redshift = cloud.session(account).client("redshift")

    for name, public in (("open", True), ("inside", False)):
        redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            MasterUsername="admin1",
            MasterUserPassword="not-a-real-one-1",
            PubliclyAccessible=public,
        )

    found = judge(cloud, account, "REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK")
    assert found == {"open": "NON_COMPLIANT", "inside": "COMPLIANT"}


def test_a_launch_configuration_with_public_addresses_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    scaling = cloud.session(account).client("autoscaling")

    for name, public in (("open", True), ("inside", False)):
        scaling.create_launch_configuration(
            LaunchConfigurationName=name,
            ImageId="ami-12c6146b",
            InstanceType="t3.micro",
            AssociatePublicIpAddress=public,
        )

    found = judge(cloud, account, "AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED")
    assert found == {"open": "NON_COMPLIANT", "inside": "COMPLIANT"}
