"""vpc.default: no network that nobody designed."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.aws import Client
from vending.core.company import Company
from vending.core.errors import Conflict


def build(company: Company) -> Guardrail:
    """In every governed region; one that is in use is never torn down."""
    return Guardrail(
        id="vpc.default",
        title="No default VPC",
        intent="The default VPC gives every instance a public address; a network is made on purpose or not at all.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SC-7", "≈NIST 800-53 CM-7"),
        parameters={"regions": list(company.landing_zone.regions)},
        seen_as="Launching without naming a subnet fails with VPCIdNotSpecified (no default VPC).",
        exemption="No exemption is needed: make a VPC of your own, or ask for the network template.",
        setting=Setting(
            regions=company.landing_zone.regions,
            expected="no default VPC",
            read=_read,
            apply=_apply,
            holds=lambda observed: not observed["default_vpcs"],
            tell=lambda observed: (
                f"default VPC {', '.join(observed['default_vpcs'])}" if observed["default_vpcs"] else "no default VPC"
            ),
        ),
        allows=(State("there is none", {"default_vpcs": []}),),
        denies=(State("it is there", {"default_vpcs": ["vpc-0a1b2c3d"]}),),
    )


def _read(place: Place) -> Observed:
    return {"default_vpcs": _default_vpcs(_ec2(place))}


def _apply(place: Place) -> None:
    ec2 = _ec2(place)
    for vpc in _default_vpcs(ec2):
        _refuse_if_used(ec2, vpc, place)
        _remove(ec2, vpc)


def _ec2(place: Place) -> Client:
    return place.aws.client("ec2", place.region, place.account_id)


def _default_vpcs(ec2: Client) -> list[str]:
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return [vpc["VpcId"] for vpc in found]


def _refuse_if_used(ec2: Client, vpc: str, place: Place) -> None:
    used = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"]
    if used:
        raise Conflict(
            f"The default VPC {vpc} of account {place.account_id} in {place.region} is in use by "
            f"{len(used)} network interfaces, the first being {used[0]['NetworkInterfaceId']}.",
            "Move what runs there to another VPC, then resume.",
        )


def _remove(ec2: Client, vpc: str) -> None:
    """In the order AWS asks for: gateways and subnets before the VPC, which takes its other defaults along."""
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
