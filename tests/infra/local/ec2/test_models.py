from tests.cloud import Cloud


def test_a_deleted_vpc_takes_its_default_network_acl_along(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    before = ec2.describe_network_acls(Filters=mine)["NetworkAcls"]

    ec2.delete_vpc(VpcId=vpc)

    assert [acl["IsDefault"] for acl in before] == [True]
    assert ec2.describe_network_acls(Filters=mine)["NetworkAcls"] == []
