"""Which ARNs a call is about."""

from typing import Any

import pytest

from infra.local.authorize.kinds import Place
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.resources import resources_of

ACCOUNT = "111122223333"
ORGANIZATION = {
    "444455556666": f"arn:aws:organizations::{ACCOUNT}:account/o-a/444455556666",
    "ou-a-1": f"arn:aws:organizations::{ACCOUNT}:ou/o-a/ou-a-1",
    "p-1": f"arn:aws:organizations::{ACCOUNT}:policy/o-a/service_control_policy/p-1",
}
PLACE = Place("eu-west-1", ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/team/ada", ORGANIZATION.get)


def resources(action: str, **parameters: Any) -> list[str]:
    return list(resources_of(action, Mentions(parameters), PLACE))


@pytest.mark.parametrize(
    ("action", "parameters", "expected"),
    [
        ("ec2:DescribeVpcs", {}, ["*"]),
        ("ec2:DeleteVpc", {"VpcId": "vpc-1"}, [f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-1"]),
        ("ec2:CreateVpc", {"CidrBlock": "10.0.0.0/16"}, [f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/*"]),
        (
            "ec2:TerminateInstances",
            {"InstanceIds": ["i-1", "i-2"]},
            [f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-2"],
        ),
        ("s3:ListAllMyBuckets", {}, ["*"]),
        ("s3:CreateBucket", {"Bucket": "b"}, ["arn:aws:s3:::b"]),
        ("s3:PutObject", {"Bucket": "b", "Key": "a/c"}, ["arn:aws:s3:::b/a/c"]),
        (
            "s3:DeleteObject",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
            ["arn:aws:s3:::b/x", "arn:aws:s3:::b/y"],
        ),
        ("s3:PutAccountPublicAccessBlock", {"AccountId": ACCOUNT}, ["*"]),
        (
            "dynamodb:Query",
            {"TableName": "t", "IndexName": "i"},
            [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t/index/i"],
        ),
        ("dynamodb:GetItem", {"TableName": "t"}, [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"]),
        (
            "dynamodb:BatchWriteItem",
            {"RequestItems": {"t": [], "u": []}},
            [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{name}" for name in "tu"],
        ),
        (
            "account:PutAlternateContact",
            {"AccountId": "444455556666", "AlternateContactType": "BILLING"},
            [f"arn:aws:account::{ACCOUNT}:account/o-a/444455556666"],
        ),
        ("account:PutAlternateContact", {"Name": "n"}, [f"arn:aws:account::{ACCOUNT}:account"]),
        ("organizations:CreateAccount", {"Email": "a@b.example"}, ["*"]),
        ("organizations:DescribeAccount", {"AccountId": "444455556666"}, [ORGANIZATION["444455556666"]]),
        (
            "organizations:AttachPolicy",
            {"PolicyId": "p-1", "TargetId": "ou-a-1"},
            [ORGANIZATION["p-1"], ORGANIZATION["ou-a-1"]],
        ),
        ("organizations:DescribeAccount", {"AccountId": "000000000000"}, ["*"]),
        (
            "sts:AssumeRole",
            {"RoleArn": "arn:aws:iam::444455556666:role/a/b"},
            ["arn:aws:iam::444455556666:role/a/b"],
        ),
        ("iam:CreateRole", {"RoleName": "r", "Path": "/team/"}, [f"arn:aws:iam::{ACCOUNT}:role/team/r"]),
        (
            "lambda:InvokeFunction",
            {"FunctionName": "f"},
            [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"],
        ),
        (
            "sso:CreateAccountAssignment",
            {
                "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
                "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
                "TargetId": ACCOUNT,
            },
            [
                f"arn:aws:sso:::account/{ACCOUNT}",
                "arn:aws:sso:::instance/ssoins-1",
                "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
            ],
        ),
        ("unknown:Thing", {"Name": "x"}, ["*"]),
    ],
)
def test_resources_of_an_action(action: str, parameters: dict[str, Any], expected: list[str]) -> None:
    assert resources(action, **parameters) == expected


def test_launch_is_about_everything_it_needs() -> None:
    found = resources("ec2:RunInstances", ImageId="ami-1", SubnetId="subnet-1", SecurityGroupIds=["sg-1"])

    assert "arn:aws:ec2:eu-west-1::image/ami-1" in found
    assert f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*" in found
    assert f"arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/subnet-1" in found
    assert f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-1" in found


def test_no_object_of_the_largest_batch_goes_unjudged() -> None:
    found = resources("s3:DeleteObject", Bucket="b", Delete={"Objects": [{"Key": str(n)} for n in range(1000)]})

    assert len(found) == 1000
