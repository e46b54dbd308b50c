from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import reason, vend


def units(cloud: Cloud) -> dict[str, str]:
    organizations = cloud.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    found = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    return {"root": root} | {unit["Name"]: unit["Id"] for unit in found}


def move(cloud: Cloud, account_id: str, source: str, destination: str) -> None:
    cloud.client("organizations").move_account(
        AccountId=account_id, SourceParentId=source, DestinationParentId=destination
    )


def test_the_seed_has_the_contracts_units_directly_under_the_root(cloud: Cloud) -> None:
    assert set(units(cloud)) == {"root", "Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security"}


def test_the_security_unit_holds_log_archive_and_audit(cloud: Cloud) -> None:
    accounts = cloud.client("organizations").list_accounts_for_parent(ParentId=units(cloud)["Security"])["Accounts"]

    assert {account["Name"] for account in accounts} == {"Log Archive", "Audit"}


def test_a_moved_account_is_found_in_its_new_unit(cloud: Cloud) -> None:
    account_id, places = vend(cloud), units(cloud)

    move(cloud, account_id, places["root"], places["Prod"])

    organizations = cloud.client("organizations")
    account = organizations.describe_account(AccountId=account_id)["Account"]
    assert account["Paths"][0].endswith(f"/{places['root']}/{places['Prod']}/{account_id}/")
    assert organizations.list_parents(ChildId=account_id)["Parents"] == [
        {"Id": places["Prod"], "Type": "ORGANIZATIONAL_UNIT"}
    ]
    assert {"Id": account_id, "Type": "ACCOUNT"} in organizations.list_children(
        ParentId=places["Prod"], ChildType="ACCOUNT"
    )["Children"]


@behaviour("organizations.MoveAccount")
@pytest.mark.parametrize(
    ("account", "source", "destination", "expected"),
    [
        ("999999999999", "root", "Prod", "AccountNotFoundException"),
        ("ours", "Dev", "Prod", "SourceParentNotFoundException"),
        ("ours", "ou-none-00000000", "Prod", "SourceParentNotFoundException"),
        ("ours", "root", "ou-none-00000000", "DestinationParentNotFoundException"),
        ("ours", "root", "root", "DuplicateAccountException"),
        ("ours", "Dev", "root", "DuplicateAccountException"),
    ],
)
def test_a_move_is_checked(cloud: Cloud, account: str, source: str, destination: str, expected: str) -> None:
    account_id, places = vend(cloud), units(cloud)

    with pytest.raises(ClientError) as refused:
        move(
            cloud,
            account_id if account == "ours" else account,
            places.get(source, source),
            places.get(destination, destination),
        )

    assert reason(refused)[0] == expected


@behaviour("organizations.ListAccounts")
def test_lists_come_in_pages_of_twenty(cloud: Cloud) -> None:
    cloud.limits.enforced = False
    tree = organization()
    for number in range(40):
        tree.add_account(f"account-{number}", f"aws+{number}@acme.example")
    organizations = cloud.client("organizations")

    pages = [page["Accounts"] for page in organizations.get_paginator("list_accounts").paginate()]

    assert [len(page) for page in pages] == [20, 20, 3]
    with pytest.raises(ClientError) as too_many:
        organizations.list_accounts(MaxResults=21)
    assert reason(too_many) == ("InvalidInputException", "MAX_VALUE_EXCEEDED")
    with pytest.raises(ClientError) as wrong_token:
        organizations.list_accounts(NextToken="mine")
    assert reason(wrong_token) == ("InvalidInputException", "INVALID_NEXT_TOKEN")


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("describe_account", {}, "INPUT_REQUIRED"),
        ("describe_account", {"AccountId": "12"}, "INVALID_PATTERN"),
        ("list_policies", {"Filter": "SCP"}, "INVALID_ENUM"),
        ("create_account", {"AccountName": "a" * 51, "Email": "a@b.example"}, "MAX_LENGTH_EXCEEDED"),
        ("enable_aws_service_access", {"ServicePrincipal": "config"}, "UNRECOGNIZED_SERVICE_PRINCIPAL"),
    ],
)
def test_bad_input_is_refused_with_its_reason(
    cloud: Cloud, operation: str, parameters: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud.client("organizations"), operation)(**parameters)

    assert reason(refused) == ("InvalidInputException", expected)


@behaviour("organizations.CreateOrganizationalUnit", "organizations/latest/userguide/orgs_reference_limits.html")
def test_units_nest_five_deep_and_have_names_of_their_own(cloud: Cloud) -> None:
    cloud.limits.change("organizations.CreateOrganizationalUnit", 100)
    organizations, parent = cloud.client("organizations"), units(cloud)["Sandbox"]
    for level in range(2, 6):
        cloud.clock.advance(1)
        made = organizations.create_organizational_unit(ParentId=parent, Name=f"level-{level}")
        parent = made["OrganizationalUnit"]["Id"]

    with pytest.raises(ClientError) as too_deep:
        organizations.create_organizational_unit(ParentId=parent, Name="level-6")
    cloud.clock.advance(1)
    with pytest.raises(ClientError) as taken:
        organizations.create_organizational_unit(ParentId=units(cloud)["root"], Name="Sandbox")

    assert reason(too_deep) == ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")
    assert reason(taken)[0] == "DuplicateOrganizationalUnitException"


@behaviour("organizations.DeleteOrganizationalUnit")
def test_a_unit_with_something_in_it_stays(cloud: Cloud) -> None:
    organizations, places = cloud.client("organizations"), units(cloud)

    with pytest.raises(ClientError) as refused:
        organizations.delete_organizational_unit(OrganizationalUnitId=places["Security"])
    organizations.delete_organizational_unit(OrganizationalUnitId=places["Dev"])

    assert reason(refused)[0] == "OrganizationalUnitNotEmptyException"
    assert "Dev" not in units(cloud)


@behaviour("organizations.LeaveOrganization")
def test_a_young_account_cannot_leave_and_an_old_one_needs_means_of_its_own(cloud: Cloud) -> None:
    account_id = vend(cloud)
    inside = cloud.session(account_id).client("organizations")

    with pytest.raises(ClientError) as too_young:
        inside.leave_organization()
    cloud.clock.advance(timedelta(days=4).total_seconds())
    with pytest.raises(ClientError) as without_means:
        inside.leave_organization()
    organization().account(account_id).can_stand_alone = True
    inside.leave_organization()

    assert reason(too_young) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    assert reason(without_means) == ("ConstraintViolationException", "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
    assert account_id not in organization().targets


@behaviour("organizations.DescribeOrganization")
def test_a_member_account_sees_its_organisation_but_not_the_other_accounts(cloud: Cloud) -> None:
    inside = cloud.session(vend(cloud)).client("organizations")

    seen = inside.describe_organization()["Organization"]
    with pytest.raises(ClientError) as refused:
        inside.list_accounts()

    assert seen["MasterAccountId"] == "123456789012"
    assert reason(refused)[0] == "AccessDeniedException"


@behaviour("organizations.RegisterDelegatedAdministrator", "organizations/latest/userguide/orgs_delegate_policies.html")
def test_a_delegated_administrator_may_read(cloud: Cloud) -> None:
    account_id = vend(cloud)
    organizations = cloud.client("organizations")

    organizations.register_delegated_administrator(AccountId=account_id, ServicePrincipal="config.amazonaws.com")

    inside = cloud.session(account_id).client("organizations")
    assert account_id in {account["Id"] for account in inside.list_accounts()["Accounts"]}
    administrators = organizations.list_delegated_administrators()["DelegatedAdministrators"]
    assert [administrator["Id"] for administrator in administrators] == [account_id]
    with pytest.raises(ClientError) as not_trusted:
        organizations.register_delegated_administrator(AccountId=account_id, ServicePrincipal="guardduty.amazonaws.com")
    assert reason(not_trusted) == ("ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")


@pytest.mark.parametrize("operation", ["list_handshakes_for_account", "describe_resource_policy"])
def test_what_organizations_does_here_not_model_is_refused_loudly(cloud: Cloud, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud.client("organizations"), operation)()

    assert reason(refused)[0] == "NotImplemented"
