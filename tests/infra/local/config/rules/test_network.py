"""The rules about networks, judged on VPCs and groups that plain boto3 made."""

from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge

EVERYWHERE = [{"CidrIp": "0.0.0.0/0"}]


@pytest.fixture
def account(cloud: Cloud) -> str:
    return enrol(cloud, "eu-west-1")


@pytest.fixture
def ec2(cloud: Cloud, account: str) -> Any:
    return cloud.session(account).client("ec2")


def make_group(ec2: Any, *ports: int, ranges: list[dict[str, str]] = EVERYWHERE) -> str:
    made: str = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    for port in ports:
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
    return made


def default_group(ec2: Any) -> Any:
    return ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]


def test_a_region_nobody_touched_has_a_default_group_that_is_not_closed(cloud: Cloud, account: str, ec2: Any) -> None:
    found = judge(cloud, account, "VPC_DEFAULT_SECURITY_GROUP_CLOSED")

    assert found == {default_group(ec2)["GroupId"]: "NON_COMPLIANT"}


def test_a_default_group_without_rules_is_closed(cloud: Cloud, account: str, ec2: Any) -> None:
    group = default_group(ec2)

    ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])

    assert judge(cloud, account, "VPC_DEFAULT_SECURITY_GROUP_CLOSED") == {group["GroupId"]: "COMPLIANT"}


def test_a_group_of_ones_own_is_no_business_of_the_default_group_rule(cloud: Cloud, account: str, ec2: Any) -> None:
    group = make_group(ec2)

    assert judge(cloud, account, "VPC_DEFAULT_SECURITY_GROUP_CLOSED")[group] == "NOT_APPLICABLE"


def test_ssh_from_anywhere_is_found_and_from_the_office_is_not(cloud: Cloud, account: str, ec2: Any) -> None:
    group = make_group(ec2, 22)
    before = judge(cloud, account, "INCOMING_SSH_DISABLED")[group]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": EVERYWHERE}
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission])

    office = permission | {"IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[office])

    assert before == "NON_COMPLIANT"
    assert judge(cloud, account, "INCOMING_SSH_DISABLED")[group] == "COMPLIANT"


def test_ssh_from_every_ipv6_address_is_found(cloud: Cloud, account: str, ec2: Any) -> None:
    group = make_group(ec2)
    permission = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}

    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    assert judge(cloud, account, "INCOMING_SSH_DISABLED")[group] == "NON_COMPLIANT"


@pytest.mark.parametrize(("port", "expected"), [(3389, "NON_COMPLIANT"), (443, "COMPLIANT")])
def test_the_common_ports_are_those_of_the_documentation(
    cloud: Cloud, account: str, ec2: Any, port: int, expected: str
) -> None:
    group = make_group(ec2, port)

    assert judge(cloud, account, "RESTRICTED_INCOMING_TRAFFIC")[group] == expected


def test_parameters_choose_the_blocked_ports(cloud: Cloud, account: str, ec2: Any) -> None:
    group = make_group(ec2, 8080)

    assert judge(cloud, account, "RESTRICTED_INCOMING_TRAFFIC", blockedPort1="8080")[group] == "NON_COMPLIANT"
    assert judge(cloud, account, "VPC_SG_PORT_RESTRICTION_CHECK", restrictPorts="8080")[group] == "NON_COMPLIANT"


def test_a_vpc_needs_a_flow_log(cloud: Cloud, account: str, ec2: Any) -> None:
    (vpc,) = (one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"])
    before = judge(cloud, account, "VPC_FLOW_LOGS_ENABLED")
    cloud.session(account).client("s3").create_bucket(
        Bucket="flows", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )

    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
    )

    assert before == {vpc: "NON_COMPLIANT"}
    assert judge(cloud, account, "VPC_FLOW_LOGS_ENABLED") == {vpc: "COMPLIANT"}
    assert judge(cloud, account, "VPC_FLOW_LOGS_ENABLED", trafficType="ALL") == {vpc: "NON_COMPLIANT"}


def test_the_default_network_acl_lets_everybody_in(cloud: Cloud, account: str) -> None:
    assert set(judge(cloud, account, "NACL_NO_UNRESTRICTED_SSH_RDP").values()) == {"NON_COMPLIANT"}


def test_an_earlier_denial_closes_a_network_acl(cloud: Cloud, account: str, ec2: Any) -> None:
    (acl,) = (one["NetworkAclId"] for one in ec2.describe_network_acls()["NetworkAcls"])

    for number, port in enumerate((22, 3389), 1):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            Protocol="6",
            RuleAction="deny",
            Egress=False,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": port, "To": port},
        )

    assert judge(cloud, account, "NACL_NO_UNRESTRICTED_SSH_RDP") == {acl: "COMPLIANT"}


def test_default_subnets_hand_out_public_addresses(cloud: Cloud, account: str) -> None:
    assert set(judge(cloud, account, "SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED").values()) == {"NON_COMPLIANT"}


def test_a_route_of_everything_to_an_internet_gateway_is_found(cloud: Cloud, account: str, ec2: Any) -> None:
    (vpc,) = (one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"])
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)

    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    assert judge(cloud, account, "NO_UNRESTRICTED_ROUTE_TO_IGW")[table] == "NON_COMPLIANT"
    assert judge(cloud, account, "NO_UNRESTRICTED_ROUTE_TO_IGW", routeTableIds=table)[table] == "COMPLIANT"


def test_a_region_without_vpcs_has_nothing_to_judge(cloud: Cloud, account: str, ec2: Any) -> None:
    (vpc,) = (one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"])
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])

    ec2.delete_vpc(VpcId=vpc)

    assert judge(cloud, account, "VPC_DEFAULT_SECURITY_GROUP_CLOSED") == {}
