from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import LONGEST_CREATION, create, status_of, vend

CONTACT = {
    "AlternateContactType": "SECURITY",
    "Name": "Security desk",
    "Title": "Security",
    "EmailAddress": "security@acme.example",
    "PhoneNumber": "+4930123456",
}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


@behaviour("account.PutAlternateContact")
def test_the_management_account_names_the_contact_of_a_member(cloud: Cloud) -> None:
    account_id, client = vend(cloud), cloud.client("account")

    client.put_alternate_contact(AccountId=account_id, **CONTACT)

    seen = client.get_alternate_contact(AccountId=account_id, AlternateContactType="SECURITY")["AlternateContact"]
    inside = cloud.session(account_id).client("account").get_alternate_contact(AlternateContactType="SECURITY")
    with pytest.raises(ClientError) as own:
        client.get_alternate_contact(AlternateContactType="SECURITY")
    assert seen == inside["AlternateContact"] == CONTACT
    assert code(own) == "ResourceNotFoundException"


@behaviour("account.DeleteAlternateContact")
def test_a_deleted_contact_is_gone(cloud: Cloud) -> None:
    account_id, client = vend(cloud), cloud.client("account")
    client.put_alternate_contact(AccountId=account_id, **CONTACT)

    client.delete_alternate_contact(AccountId=account_id, AlternateContactType="SECURITY")

    with pytest.raises(ClientError) as refused:
        client.delete_alternate_contact(AccountId=account_id, AlternateContactType="SECURITY")
    assert code(refused) == "ResourceNotFoundException"


@behaviour("account.GetAlternateContact")
def test_nobody_names_an_account_they_do_not_administer(cloud: Cloud) -> None:
    first, second = vend(cloud, "first"), vend(cloud, "second")
    management, member = cloud.client("account"), cloud.session(first).client("account")

    for client, named in (
        (management, "123456789012"),
        (management, "999999999999"),
        (member, second),
        (member, first),
    ):
        with pytest.raises(ClientError) as refused:
            client.get_account_information(AccountId=named)
        assert code(refused) == "AccessDeniedException"


@behaviour("account.PutAccountName")
def test_a_new_name_shows_in_the_organisation(cloud: Cloud) -> None:
    account_id = vend(cloud)

    cloud.client("account").put_account_name(AccountId=account_id, AccountName="payments-prod-2")

    account = cloud.client("organizations").describe_account(AccountId=account_id)["Account"]
    information = cloud.client("account").get_account_information(AccountId=account_id)
    assert account["Name"] == information["AccountName"] == "payments-prod-2"
    assert information["AccountCreatedDate"] == account["JoinedTimestamp"]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_account_name", {"AccountName": ""}),
        ("put_account_name", {"AccountName": "<script>"}),
        ("put_alternate_contact", CONTACT | {"EmailAddress": "nobody"}),
        ("get_alternate_contact", {"AlternateContactType": "FRIENDS"}),
        ("get_region_opt_status", {"RegionName": "eu-nowhere-1"}),
        ("list_regions", {"NextToken": "mine"}),
    ],
)
def test_bad_input_is_a_validation_exception(cloud: Cloud, operation: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud.client("account"), operation)(**parameters)

    assert code(refused) == "ValidationException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@behaviour("account.EnableRegion")
def test_a_region_is_enabled_after_a_while(cloud: Cloud) -> None:
    account_id, client = vend(cloud), cloud.client("account")

    def status() -> str:
        answer = client.get_region_opt_status(AccountId=account_id, RegionName="eu-south-1")
        return str(answer["RegionOptStatus"])

    before = status()
    client.enable_region(AccountId=account_id, RegionName="eu-south-1")
    during = status()
    with pytest.raises(ClientError) as conflict:
        client.disable_region(AccountId=account_id, RegionName="eu-south-1")
    cloud.clock.advance(1_800)

    assert (before, during, status()) == ("DISABLED", "ENABLING", "ENABLED")
    assert code(conflict) == "ConflictException"


@behaviour("account.ListRegions")
def test_default_regions_are_always_on(cloud: Cloud) -> None:
    client = cloud.client("account")

    listed = client.list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])["Regions"]

    assert {"eu-west-1", "us-east-1", "eu-central-1"} <= {region["RegionName"] for region in listed}
    with pytest.raises(ClientError) as refused:
        client.disable_region(RegionName="eu-west-1")
    assert code(refused) == "ValidationException"


@behaviour("account.EnableRegion", "accounts/latest/reference/quotas.html")
def test_a_seventh_region_at_once_is_too_many(cloud: Cloud) -> None:
    client = cloud.client("account")
    regions = [r["RegionName"] for r in client.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]]
    for region in regions[:6]:
        cloud.clock.advance(1)
        client.enable_region(RegionName=region)
    cloud.clock.advance(1)

    with pytest.raises(ClientError) as refused:
        client.enable_region(RegionName=regions[6])

    assert code(refused) == "TooManyRequestsException"


@behaviour("account.AcceptPrimaryEmailUpdate")
def test_the_primary_email_changes_with_the_code_sent_to_the_new_address(cloud: Cloud) -> None:
    account_id, client, new = vend(cloud), cloud.client("account"), "aws+retired-1@acme.example"

    started = client.start_primary_email_update(AccountId=account_id, PrimaryEmail=new)
    with pytest.raises(ClientError) as wrong:
        client.accept_primary_email_update(AccountId=account_id, PrimaryEmail=new, Otp="abcdef")
    otp = httpx2.get(f"{cloud.url}/_cloud/mail", params={"to": new}).json()["items"][0]["text"]
    cloud.clock.advance(1)
    accepted = client.accept_primary_email_update(AccountId=account_id, PrimaryEmail=new, Otp=otp)

    assert (started["Status"], accepted["Status"]) == ("PENDING", "ACCEPTED")
    assert code(wrong) == "ValidationException"
    assert client.get_primary_email(AccountId=account_id)["PrimaryEmail"] == new
    assert cloud.client("organizations").describe_account(AccountId=account_id)["Account"]["Email"] == new
    assert client.get_primary_email_update_status(AccountId=account_id)["Status"] == "ACCEPTED"


def rename(cloud: Cloud, account_id: str, new: str) -> None:
    """Change an account's address, with the code from the mailbox."""
    client = cloud.client("account")
    client.start_primary_email_update(AccountId=account_id, PrimaryEmail=new)
    otp = httpx2.get(f"{cloud.url}/_cloud/mail", params={"to": new}).json()["items"][0]["text"]
    cloud.clock.advance(1)
    client.accept_primary_email_update(AccountId=account_id, PrimaryEmail=new, Otp=otp)


@behaviour("account.AcceptPrimaryEmailUpdate", "organizations/latest/userguide/orgs_manage_accounts_close.html")
def test_an_address_that_was_changed_before_closing_is_free_and_the_one_at_closing_is_burned(cloud: Cloud) -> None:
    account_id, retired = vend(cloud, "payments"), "aws+retired-1@acme.example"
    rename(cloud, account_id, retired)
    cloud.client("organizations").close_account(AccountId=account_id)
    cloud.clock.advance(91 * 86_400)

    again = create(cloud, "payments")
    cloud.clock.advance(LONGEST_CREATION)
    burned = create(cloud, "search", retired)
    cloud.clock.advance(LONGEST_CREATION)

    assert status_of(cloud, again["Id"])["State"] == "SUCCEEDED"
    assert status_of(cloud, burned["Id"])["FailureReason"] == "EMAIL_ALREADY_EXISTS"


@behaviour("account.StartPrimaryEmailUpdate", "organizations/latest/userguide/orgs_manage_accounts_close.html")
def test_the_address_of_an_account_that_is_being_closed_stays(cloud: Cloud) -> None:
    account_id = vend(cloud, "payments")
    cloud.client("organizations").close_account(AccountId=account_id)

    with pytest.raises(ClientError) as refused:
        cloud.client("account").start_primary_email_update(AccountId=account_id, PrimaryEmail="new@acme.example")

    assert code(refused) == "ConflictException"


@behaviour("account.StartPrimaryEmailUpdate")
def test_a_primary_email_in_use_is_a_conflict(cloud: Cloud) -> None:
    first, _ = vend(cloud, "first"), vend(cloud, "second")

    with pytest.raises(ClientError) as refused:
        cloud.client("account").start_primary_email_update(AccountId=first, PrimaryEmail="aws+second@acme.example")

    assert code(refused) == "ConflictException"


@behaviour("account.GetContactInformation")
def test_the_primary_contact_reads_back(cloud: Cloud) -> None:
    contact = {
        "FullName": "Acme Ltd",
        "AddressLine1": "1 Road",
        "City": "Berlin",
        "PostalCode": "10115",
        "CountryCode": "DE",
        "PhoneNumber": "+4930123456",
        "StateOrRegion": "Berlin",
    }
    client = cloud.client("account")

    client.put_contact_information(ContactInformation=contact)

    assert client.get_contact_information()["ContactInformation"] == contact
