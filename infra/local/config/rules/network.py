"""Managed rules about VPCs, security groups and what they let in."""

from collections.abc import Iterable, Iterator

from moto.ec2.models.network_acls import NetworkAclEntry
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from infra.local.config.place import Place
from infra.local.config.rule import Compliance, ManagedRule, Setting, Trigger, Verdict, judge

GROUP = "AWS::EC2::SecurityGroup"
VPC = "AWS::EC2::VPC"
ACL = "AWS::EC2::NetworkAcl"
ROUTES = "AWS::EC2::RouteTable"
SUBNET = "AWS::EC2::Subnet"
ANYWHERE = ("0.0.0.0/0", "::/0")
SSH = 22
RDP = 3389
ALL_PROTOCOLS = "-1"
TCP_NUMBER = "6"


def groups(place: Place) -> Iterator[SecurityGroup]:
    """Every security group of the region."""
    for by_id in list(place.ec2.groups.values()):
        yield from list(by_id.values())


def judge_default_groups(place: Place, _: Setting) -> Iterator[Verdict]:
    """The default security group of each VPC lets nothing in and nothing out; other groups are not its business."""
    for group in groups(place):
        if group.name != "default":
            yield Verdict(GROUP, group.id, Compliance.NOT_APPLICABLE)
            continue
        fine = not group.ingress_rules and not group.egress_rules
        yield judge(GROUP, group.id, fine, "The default security group has inbound or outbound rules.")


def judge_ssh(place: Place, _: Setting) -> Iterator[Verdict]:
    """No security group lets the whole world in on TCP port 22."""
    return _judge_ports(place, [SSH])


def judge_common_ports(place: Place, setting: Setting) -> Iterator[Verdict]:
    """No security group lets the whole world in on one of the blocked TCP ports."""
    single = [setting.number(f"blockedPort{index}") for index in range(1, 6)]
    ports = [port for port in single if port is not None] + [int(one) for one in setting.listed("blockedPorts")]
    return _judge_ports(place, ports)


def judge_port_restriction(place: Place, setting: Setting) -> Iterator[Verdict]:
    """No security group opens the restricted ports (22 and 3389 unless set) to the whole world."""
    ports = [int(port) for port in setting.listed("restrictPorts")] or [SSH, RDP]
    return _judge_ports(place, ports)


def judge_flow_logs(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Each VPC has an active flow log, of the wanted traffic type where one is given."""
    wanted = setting.parameters.get("trafficType", "")
    logged = {
        log.resource_id
        for log in place.ec2.flow_logs.values()
        if log.flow_log_status == "ACTIVE" and wanted in ("", log.traffic_type)
    }
    for vpc_id in list(place.ec2.vpcs):
        yield judge(VPC, vpc_id, vpc_id in logged, "VPC flow logs are not enabled.")


def judge_network_acls(place: Place, _: Setting) -> Iterator[Verdict]:
    """No network ACL in use lets the whole world in on TCP ports 22 or 3389.

    The first entry that matches decides, as in VPC itself.
    """
    for acl in list(place.ec2.network_acls.values()):
        open_ports = [str(port) for port in (SSH, RDP) if _acl_lets_in(acl.network_acl_entries, port)]
        reason = f"The network ACL allows inbound traffic from anywhere on port {', '.join(open_ports)}."
        yield judge(ACL, acl.id, not open_ports, reason)


def judge_subnets(place: Place, _: Setting) -> Iterator[Verdict]:
    """No subnet hands public addresses to whatever starts in it."""
    for by_zone in list(place.ec2.subnets.values()):
        for subnet in list(by_zone.values()):
            fine = str(subnet.map_public_ip_on_launch).lower() != "true"
            yield judge(SUBNET, subnet.id, fine, "Subnet auto-assigns public IP addresses.")


def judge_routes(place: Place, setting: Setting) -> Iterator[Verdict]:
    """No route table, but those that are excused, sends everything to an internet gateway."""
    excused = setting.listed("routeTableIds")
    for table in list(place.ec2.route_tables.values()):
        opened = [
            route
            for route in table.routes
            if (route.destination_cidr_block or route.destination_ipv6_cidr_block) in ANYWHERE
            and str(route.gateway_id).startswith("igw-")
        ]
        fine = not opened or table.id in excused
        yield judge(ROUTES, table.id, fine, "A route sends all traffic to an internet gateway.")


def _judge_ports(place: Place, ports: Iterable[int]) -> Iterator[Verdict]:
    wanted = sorted(set(ports))
    for group in groups(place):
        found = [str(port) for port in wanted if any(_lets_in(rule, port) for rule in group.ingress_rules)]
        reason = f"Inbound traffic from anywhere is allowed on TCP port {', '.join(found)}."
        yield judge(GROUP, group.id, not found, reason)


def _lets_in(rule: SecurityGroupRule, port: int) -> bool:
    if rule.cidr_ipv4 not in ANYWHERE and rule.cidr_ipv6 not in ANYWHERE:
        return False
    if rule.ip_protocol == ALL_PROTOCOLS:
        return True
    return rule.ip_protocol == "tcp" and _spans(rule.from_port, rule.to_port, port)


def _spans(first: int | str | None, last: int | str | None, port: int) -> bool:
    if first is None or last is None or int(first) == -1:
        return True
    return int(first) <= port <= int(last)


def _acl_lets_in(entries: Iterable[NetworkAclEntry], port: int) -> bool:
    for entry in sorted(entries, key=lambda one: int(one.rule_number)):
        if _acl_entry_matches(entry, port):
            return entry.rule_action == "allow"
    return False


def _acl_entry_matches(entry: NetworkAclEntry, port: int) -> bool:
    inbound = str(entry.egress).lower() != "true"
    if not inbound or (entry.cidr_block or entry.ipv6_cidr_block) not in ANYWHERE:
        return False
    if entry.protocol == ALL_PROTOCOLS:
        return True
    return entry.protocol == TCP_NUMBER and _spans(entry.port_range_from, entry.port_range_to, port)


RULES = (
    ManagedRule("VPC_DEFAULT_SECURITY_GROUP_CLOSED", (GROUP,), Trigger.CHANGE, judge_default_groups),
    ManagedRule("INCOMING_SSH_DISABLED", (GROUP,), Trigger.BOTH, judge_ssh, page="restricted-ssh"),
    ManagedRule(
        "RESTRICTED_INCOMING_TRAFFIC",
        (GROUP,),
        Trigger.BOTH,
        judge_common_ports,
        page="restricted-common-ports",
    ),
    ManagedRule("VPC_SG_PORT_RESTRICTION_CHECK", (GROUP,), Trigger.PERIODIC, judge_port_restriction),
    ManagedRule("VPC_FLOW_LOGS_ENABLED", (VPC,), Trigger.PERIODIC, judge_flow_logs),
    ManagedRule("NACL_NO_UNRESTRICTED_SSH_RDP", (ACL,), Trigger.CHANGE, judge_network_acls),
    ManagedRule("NO_UNRESTRICTED_ROUTE_TO_IGW", (ROUTES,), Trigger.BOTH, judge_routes),
    ManagedRule("SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED", (SUBNET,), Trigger.CHANGE, judge_subnets),
)
