from typing import Any

import pytest

from infra.runtime.lambdas import groups
from infra.runtime.lambdas.groups import read_ids
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.table import Table


@pytest.mark.parametrize(
    ("attribute", "ids"),
    [("", ()), ("a", ("a",)), ("[a]", ("a",)), ("[a, b]", ("a", "b")), ("a,b", ("a", "b"))],
)
def test_several_groups_arrive_in_one_attribute(attribute: str, ids: tuple[str, ...]) -> None:
    assert read_ids(attribute) == ids


def test_tokens_get_the_names_of_the_groups_and_the_name_that_people_know(cloud: Cloud, table: Table) -> None:
    asked = _signing_in(f"[{_group_id(cloud, 'team-payments')}, {_group_id(cloud, 'platform-approvers')}]")

    answer = groups.handler(asked, CONTEXT)

    told = answer["response"]["claimsAndScopeOverrideDetails"]
    assert told["groupOverrideDetails"]["groupsToOverride"] == ["team-payments", "platform-approvers"]
    assert told["accessTokenGeneration"]["claimsToAddOrOverride"] == {"preferred_username": "ada", "name": "Ada"}


def test_an_id_that_no_group_has_gives_no_rights(cloud: Cloud, table: Table) -> None:
    answer = groups.handler(_signing_in("00000000-0000-4000-8000-000000000000"), CONTEXT)

    told = answer["response"]["claimsAndScopeOverrideDetails"]
    assert told["groupOverrideDetails"]["groupsToOverride"] == []


def _signing_in(group_ids: str) -> dict[str, Any]:
    groups.directory.cache_clear()
    attributes = {"preferred_username": "ada", "name": "Ada", "custom:groups": group_ids}
    return {"version": "2", "request": {"userAttributes": attributes}, "response": {}}


def _group_id(cloud: Cloud, name: str) -> str:
    store = cloud.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    found = cloud.client("identitystore").list_groups(IdentityStoreId=store)["Groups"]
    return str(next(group["GroupId"] for group in found if group["DisplayName"] == name))
