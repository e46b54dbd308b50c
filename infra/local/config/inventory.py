"""The configuration items Config would have recorded: what is in moto, in Config's own words.

The types below are the ones modelled; the list of all that Config supports is at
https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ec2.models import EC2Backend

from infra.local.config.place import Place


@dataclass(frozen=True)
class Item:
    """One resource as Config knows it."""

    place: Place
    resource_type: str
    resource_id: str
    arn: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    captured: Callable[[], datetime] | None = None
    """Tells when it last changed, where that is known; else it is now."""


Collect = Callable[[Place], Iterable[Item]]


def collect(place: Place, resource_type: str) -> Iterable[Item]:
    """Every resource of a type in a place.

    Raises:
        NotImplementedError: for a type that is not modelled.
    """
    if resource_type not in COLLECTORS:
        raise NotImplementedError(f"configuration items of {resource_type} are not modelled")
    return COLLECTORS[resource_type](place)


def _buckets(place: Place) -> Iterator[Item]:
    for bucket in place.buckets:
        tags = place.s3.tagger.get_tag_dict_for_resource(bucket.arn) if place.s3 else {}
        configuration = {
            "name": bucket.name,
            "region": bucket.region_name,
            "creationDate": bucket.creation_date_ISO8601,
        }
        yield Item(place, "AWS::S3::Bucket", bucket.name, bucket.arn, bucket.name, tags, configuration)


def _ec2(name: str, kind: str, held: Callable[[EC2Backend], Iterable[Any]], *shown: str) -> Collect:
    """A collector of an EC2 type: its ARN's kind, where its resources are, and the attributes to show."""

    def gather(place: Place) -> Iterator[Item]:
        for one in list(held(place.ec2)):
            arn = f"arn:{place.partition}:ec2:{place.region}:{place.account_id}:{kind}/{one.id}"
            configuration = {_camel(attribute): _plain(getattr(one, attribute)) for attribute in shown}
            tags = dict(place.ec2.tags.get(one.id, {}))
            yield Item(place, f"AWS::EC2::{name}", one.id, arn, "", tags, configuration)

    return gather


def _instances(ec2: EC2Backend) -> Iterator[Any]:
    for reservation in ec2.reservations.values():
        yield from reservation.instances


def _nested(held: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    for inner in held.values():
        yield from inner.values()


def _databases(place: Place) -> Iterator[Item]:
    for database in place.rds.databases.values() if place.rds else ():
        name = database.db_instance_identifier
        tags = {tag["Key"]: tag["Value"] for tag in database.tags}
        shown = {
            "dBInstanceIdentifier": name,
            "storageEncrypted": bool(database.storage_encrypted),
            "publiclyAccessible": bool(database.publicly_accessible),
        }
        yield Item(place, "AWS::RDS::DBInstance", name, database.arn, name, tags, shown)


def _keys(place: Place) -> Iterator[Item]:
    for key in place.customer_keys:
        tags = place.kms.tagger.get_tag_dict_for_resource(key.id) if place.kms else {}
        shown = {"keyId": key.id, "keyState": key.key_state, "keyManager": key.key_manager}
        yield Item(place, "AWS::KMS::Key", key.id, key.arn, key.id, tags, shown)


def _trails(place: Place) -> Iterator[Item]:
    for trail in place.trails:
        shown = {
            "isMultiRegionTrail": bool(trail.is_multi_region),
            "isOrganizationTrail": bool(trail.is_org_trail),
            "logFileValidationEnabled": bool(trail.log_validation),
        }
        yield Item(place, "AWS::CloudTrail::Trail", trail.trail_name, trail.arn, trail.trail_name, {}, shown)


def _users(place: Place) -> Iterator[Item]:
    for user in place.iam.users.values() if place.iam else ():
        tags = {tag["Key"]: tag["Value"] for tag in user.tags or []}
        shown = {"userName": user.name, "path": user.path}
        yield Item(place, "AWS::IAM::User", user.id, user.arn, user.name, tags, shown)


def _roles(place: Place) -> Iterator[Item]:
    for role in place.iam.roles.values() if place.iam else ():
        tags = {tag["Key"]: tag["Value"] for tag in role.tags}
        shown = {"roleName": role.name, "path": role.path}
        yield Item(place, "AWS::IAM::Role", role.id, role.arn, role.name, tags, shown)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


COLLECTORS: Mapping[str, Collect] = {
    "AWS::CloudTrail::Trail": _trails,
    "AWS::EC2::Instance": _ec2("Instance", "instance", _instances, "instance_type", "image_id"),
    "AWS::EC2::InternetGateway": _ec2(
        "InternetGateway", "internet-gateway", lambda ec2: ec2.internet_gateways.values()
    ),
    "AWS::EC2::NetworkAcl": _ec2("NetworkAcl", "network-acl", lambda ec2: ec2.network_acls.values(), "vpc_id"),
    "AWS::EC2::RouteTable": _ec2("RouteTable", "route-table", lambda ec2: ec2.route_tables.values(), "vpc_id"),
    "AWS::EC2::SecurityGroup": _ec2(
        "SecurityGroup", "security-group", lambda ec2: _nested(ec2.groups), "group_name", "vpc_id"
    ),
    "AWS::EC2::Subnet": _ec2("Subnet", "subnet", lambda ec2: _nested(ec2.subnets), "cidr_block", "vpc_id"),
    "AWS::EC2::VPC": _ec2("VPC", "vpc", lambda ec2: ec2.vpcs.values(), "cidr_block", "is_default", "state"),
    "AWS::EC2::Volume": _ec2("Volume", "volume", lambda ec2: ec2.volumes.values(), "encrypted", "size"),
    "AWS::IAM::Role": _roles,
    "AWS::IAM::User": _users,
    "AWS::KMS::Key": _keys,
    "AWS::RDS::DBInstance": _databases,
    "AWS::S3::Bucket": _buckets,
}
