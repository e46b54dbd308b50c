import pytest

from infra.local.provision import make_bucket, make_permission_sets, make_table
from tests.cloud import Cloud
from tests.vending.parts import acme
from tests.vending.web.ground import Session
from vending.core.aws import Aws
from vending.core.clock import SystemClock
from vending.core.table import Document, Table


@pytest.fixture
def aws(cloud: Cloud) -> Aws:
    cloud.limits.enforced = False
    return Aws(Session(cloud), "eu-west-1")


def test_a_table_is_made_once_and_keeps_what_is_in_it(aws: Aws) -> None:
    make_table(aws, "freehold")
    table = Table(aws, "freehold", SystemClock())
    table.put(Document("A", "B", {"kept": True}))

    make_table(aws, "freehold")

    found = table.get("A", "B")
    assert found is not None
    assert found.body == {"kept": True}


def test_the_bucket_of_findings_has_versions(aws: Aws, cloud: Cloud) -> None:
    for _ in range(2):
        make_bucket(aws, "freehold-findings-123456789012")

    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket="freehold-findings-123456789012")["Status"] == "Enabled"
    location = s3.get_bucket_location(Bucket="freehold-findings-123456789012")["LocationConstraint"]
    assert location == "eu-west-1"


def test_every_access_of_a_template_is_a_permission_set_with_its_policy(aws: Aws, cloud: Cloud) -> None:
    company = acme()

    for _ in range(2):
        make_permission_sets(aws, company)

    admin = cloud.client("sso-admin")
    instance = admin.list_instances()["Instances"][0]["InstanceArn"]
    names = []
    for arn in admin.list_permission_sets(InstanceArn=instance)["PermissionSets"]:
        found = admin.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
        attached = admin.list_managed_policies_in_permission_set(InstanceArn=instance, PermissionSetArn=arn)
        names.append(found["Name"])
        assert attached["AttachedManagedPolicies"]
    wanted = {template.access for template in company.templates.values()}
    assert wanted <= set(names)
    assert len(names) == len(set(names))
