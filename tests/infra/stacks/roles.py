"""The synthesised roles, put into the local cloud: the platform account with them, and AWS as each of them sees it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from infra.local.organizations.member import furnish
from infra.local.organizations.models import organization
from infra.local.provision import make_evidence_bucket
from infra.stacks.names import Names
from infra.stacks.rights.roles import rights_of
from tests.cloud import Cloud, Credentials
from tests.infra.stacks.conftest import Synthesised
from tests.vending.parts import acme
from vending.core.aws import Aws
from vending.core.company import Company

ADMINISTRATOR = "OrganizationAccountAccessRole"
KEY = "arn:aws:kms:eu-west-1:222222222222:key/00000000-0000-4000-8000-000000000000"
QUEUE = "arn:aws:sqs:eu-west-1:222222222222:freehold-dead-letters"
Document = dict[str, Any]


@cache
def names() -> Names:
    """Of the example company."""
    company = acme()
    assert company.aws is not None, "the example says where it runs"
    return Names.of(company, company.aws)


@dataclass(frozen=True)
class Role:
    """A synthesised role: where it is, whom it trusts, and what it may."""

    arn: str
    trust: Document
    policies: Mapping[str, Document]

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def statements(self) -> list[Document]:
        return [statement for document in self.policies.values() for statement in document["Statement"]]


def synthesised_roles(synthesised: Synthesised) -> Iterator[Role]:
    """Every role of every stack; what CloudFormation would fill in is filled in with ARNs of its form."""
    for part, _, resource in synthesised.of("AWS::IAM::Role"):
        properties = _filled(resource["Properties"])
        if "RoleName" in properties:
            account = synthesised[part].stack.account
            policies = {one["PolicyName"]: one["PolicyDocument"] for one in properties.get("Policies", ())}
            arn = f"arn:aws:iam::{account}:role/{properties['RoleName']}"
            yield Role(arn, properties["AssumeRolePolicyDocument"], policies)


def settle(cloud: Cloud) -> Aws:
    """The platform account, there and not yet delegated to; AWS as its administrator sees it."""
    tree, platform = organization(), names().account
    account = tree.add_account("Platform", "aws+platform@acme.example", platform)
    account.parent = tree.unit_named("Security")
    furnish(account, tree.management_account_id)
    _make_management_administrator(cloud)
    session = _session(cloud.assume(f"arn:aws:iam::{platform}:role/{ADMINISTRATOR}"))
    return Aws(session, "eu-west-1", management_role=f"arn:aws:iam::{tree.management_account_id}:role/{ADMINISTRATOR}")


def put(cloud: Cloud, role: Role) -> None:
    """Make a role where it belongs, with its own trust."""
    here = role.account == names().management
    iam = cloud.client("iam") if here else cloud.session(role.account).client("iam")
    trust = _trusting_the_tester(role) if _of_lambda(role) else role.trust
    iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=json.dumps(trust))
    for name, document in role.policies.items():
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(document))


def keep_evidence(cloud: Cloud, synthesised: Synthesised) -> None:
    """The evidence's bucket in the log archive, with the policy that its stack gives it."""
    given = cloud.assume(f"arn:aws:iam::{names().log_archive}:role/{ADMINISTRATOR}")
    archive = Aws(_session(given), "eu-west-1")
    make_evidence_bucket(archive, names().evidence)
    said = synthesised["Evidence"].one("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    allowed = [one for one in said if one["Effect"] == "Allow"]  # moto denies without looking at a condition
    policy = {"Version": "2012-10-17", "Statement": _of_bucket(allowed)}
    archive.client("s3").put_bucket_policy(Bucket=names().evidence, Policy=json.dumps(policy))


def _of_bucket(value: Any) -> Any:
    """With what CloudFormation fills in: the bucket's ARN, and the partition."""
    if isinstance(value, list):
        return [_of_bucket(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return f"arn:aws:s3:::{names().evidence}"
    if "Ref" in value:
        return "aws"
    if "Fn::Join" in value:
        return "".join(_of_bucket(value["Fn::Join"][1]))
    return {name: _of_bucket(one) for name, one in value.items()}


def as_function(cloud: Cloud, name: str) -> Aws:
    """AWS as a function sees it: its own role's credentials, and its role in the management account where needed."""
    given = cloud.assume(names().role_arn(name))
    there = names().management_role(name) if rights_of(name, names()).management else None
    return Aws(_session(given), "eu-west-1", management_role=there)


def _session(given: Credentials) -> boto3.Session:
    return boto3.Session(given.access_key, given.secret_key, given.token, region_name="eu-west-1")


def _of_lambda(role: Role) -> bool:
    return bool(role.trust["Statement"][0]["Principal"].get("Service") == "lambda.amazonaws.com")


def _trusting_the_tester(role: Role) -> Document:
    """Lambda hands a function its role's credentials; here the administrator of the organisation takes them."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": names().management}, "Action": "sts:AssumeRole"}],
    }


def _make_management_administrator(cloud: Cloud) -> None:
    """For the test's own hands, which reach into the management account from the platform's."""
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": names().account}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_role(
        RoleName=ADMINISTRATOR, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=ADMINISTRATOR, PolicyName="everything", PolicyDocument=document)


def _filled(value: Any) -> Any:
    """Without CloudFormation's functions: all that roles refer to are the key and the dead-letter queue."""
    if isinstance(value, list):
        return [_filled(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return QUEUE if value["Fn::GetAtt"][0].startswith("DeadLetters") else KEY
    if "Fn::ImportValue" in value:
        return KEY
    return {name: _filled(one) for name, one in value.items()}


def fewer_regions(company: Company) -> Company:
    """A company file after a change that replaces policies."""
    zone = company.landing_zone.model_copy(update={"regions": company.landing_zone.regions[:-1]})
    return company.model_copy(update={"landing_zone": zone})
