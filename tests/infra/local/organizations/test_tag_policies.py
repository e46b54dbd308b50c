import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

COST_CENTRE = {
    "costcenter": {
        "tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["100", "2*"]},
        "enforced_for": {"@@assign": ["organizations:account"]},
    }
}


def attach(cloud: Cloud, tags: dict[str, Any], target: str | None = None, name: str = "tags") -> None:
    client = cloud.client("organizations")
    made = client.create_policy(Type="TAG_POLICY", Name=name, Description="", Content=json.dumps({"tags": tags}))
    target_id = target or organization().root.id
    client.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target_id)


def create(cloud: Cloud, name: str, **tags: str) -> None:
    cloud.client("organizations").create_account(
        AccountName=name, Email=f"{name}@acme.example", Tags=[{"Key": key, "Value": tags[key]} for key in tags]
    )


@behaviour(
    "organizations.CreateAccount",
    "organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html",
)
@pytest.mark.parametrize("tags", [{"CostCenter": "300"}, {"costcenter": "100"}, {"COSTCENTER": "100"}])
def test_a_tag_against_an_enforced_policy_fails_the_whole_request(cloud: Cloud, tags: dict[str, str]) -> None:
    attach(cloud, COST_CENTRE)

    with pytest.raises(ClientError) as refused:
        create(cloud, "payments", **tags)

    assert refused.value.response["Error"]["Code"] == "ConstraintViolationException"
    assert refused.value.response["Reason"] == "TAG_POLICY_VIOLATION"
    assert cloud.client("organizations").list_create_account_status()["CreateAccountStatuses"] == []


@behaviour(
    "organizations.CreateAccount",
    "organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html",
)
@pytest.mark.parametrize("tags", [{}, {"CostCenter": "100"}, {"CostCenter": "277"}, {"other": "300"}])
def test_a_policy_does_not_ask_for_a_tag_but_for_its_value(cloud: Cloud, tags: dict[str, str]) -> None:
    attach(cloud, COST_CENTRE)

    create(cloud, "payments", **tags)

    assert cloud.client("organizations").list_create_account_status()["CreateAccountStatuses"]


def test_a_policy_that_is_not_enforced_refuses_nothing(cloud: Cloud) -> None:
    attach(cloud, {"costcenter": {"tag_value": {"@@assign": ["100"]}}})

    create(cloud, "payments", CostCenter="300")


def test_enforcement_is_for_the_types_it_names(cloud: Cloud) -> None:
    attach(cloud, COST_CENTRE)
    client, tree = cloud.client("organizations"), organization()
    wrong = [{"Key": "CostCenter", "Value": "300"}]

    client.tag_resource(ResourceId=tree.unit_named("Dev").id, Tags=wrong)
    with pytest.raises(ClientError) as refused:
        client.tag_resource(ResourceId=tree.management_account_id, Tags=wrong)

    assert refused.value.response["Reason"] == "TAG_POLICY_VIOLATION"


def test_a_lower_level_adds_to_the_values_of_the_one_above(cloud: Cloud) -> None:
    attach(cloud, COST_CENTRE)
    more = {"costcenter": {"tag_value": {"@@append": ["300"], "@@remove": ["100"]}}}
    attach(cloud, more, organization().management_account_id, "more")

    create(cloud, "payments", CostCenter="300")
    with pytest.raises(ClientError):
        create(cloud, "search", CostCenter="100")
