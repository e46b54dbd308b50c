from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.faults.fault import FailLater, failure_reasons
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

LONGEST_CREATION = 180


def create(cloud: Cloud, name: str = "payments-prod", email: str | None = None, **more: Any) -> dict[str, Any]:
    answer = cloud.client("organizations").create_account(
        AccountName=name, Email=email or f"aws+{name}@acme.example", **more
    )
    status: dict[str, Any] = answer["CreateAccountStatus"]
    return status


def status_of(cloud: Cloud, request_id: str) -> dict[str, Any]:
    answer = cloud.client("organizations").describe_create_account_status(CreateAccountRequestId=request_id)
    status: dict[str, Any] = answer["CreateAccountStatus"]
    return status


def vend(cloud: Cloud, name: str = "payments-prod", **more: Any) -> str:
    asked = create(cloud, name, **more)
    cloud.clock.advance(LONGEST_CREATION)
    return str(status_of(cloud, asked["Id"])["AccountId"])


def reason(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str | None]:
    return refused.value.response["Error"]["Code"], refused.value.response.get("Reason")


@behaviour("organizations.CreateAccount")
def test_an_account_is_in_progress_before_it_is_there(cloud: Cloud) -> None:
    asked = create(cloud)

    accounts = cloud.client("organizations").list_accounts()["Accounts"]

    assert asked["State"] == "IN_PROGRESS"
    assert asked["Id"].startswith("car-")
    assert not {"AccountId", "CompletedTimestamp", "FailureReason"} & set(asked)
    assert "payments-prod" not in {account["Name"] for account in accounts}


def test_creation_takes_one_to_three_minutes_of_aws_time(cloud: Cloud) -> None:
    asked = create(cloud)

    cloud.clock.advance(LONGEST_CREATION)

    done = status_of(cloud, asked["Id"])
    took = done["CompletedTimestamp"] - done["RequestedTimestamp"]
    assert done["State"] == "SUCCEEDED"
    assert timedelta(seconds=60) <= took <= timedelta(seconds=180)


@behaviour("organizations.DescribeAccount")
def test_the_new_account_is_active_in_the_root_with_its_tags_and_without_status(cloud: Cloud) -> None:
    account_id = vend(cloud, Tags=[{"Key": "freehold:request-id", "Value": "req-1"}])
    organizations = cloud.client("organizations")

    account = organizations.describe_account(AccountId=account_id)["Account"]
    parents = organizations.list_parents(ChildId=account_id)["Parents"]
    tags = organizations.list_tags_for_resource(ResourceId=account_id)["Tags"]

    root = organizations.list_roots()["Roots"][0]["Id"]
    organization = organizations.describe_organization()["Organization"]["Id"]
    assert account["State"] == "ACTIVE"
    assert "Status" not in account
    assert account["Paths"] == [f"{organization}/{root}/{account_id}/"]
    assert parents == [{"Id": root, "Type": "ROOT"}]
    assert tags == [{"Key": "freehold:request-id", "Value": "req-1"}]


@behaviour("organizations.CreateAccount")
def test_the_management_account_can_assume_the_role_it_asked_for(cloud: Cloud) -> None:
    account_id = vend(cloud, RoleName="Platform")

    inside = cloud.session(account_id, "Platform")

    attached = inside.client("iam").list_attached_role_policies(RoleName="Platform")["AttachedPolicies"]
    assert inside.client("sts").get_caller_identity()["Account"] == account_id
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "eu-central-1"])
def test_a_new_account_has_a_default_vpc_in_every_governed_region(cloud: Cloud, region: str) -> None:
    inside = cloud.session(vend(cloud))

    vpcs = inside.client("ec2", region).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]

    assert len(vpcs) == 1


@behaviour("organizations.DescribeCreateAccountStatus")
@pytest.mark.parametrize("email", ["aws+payments-prod@acme.example", "AWS+Payments-Prod@acme.example"])
def test_an_email_once_used_fails_the_creation(cloud: Cloud, email: str) -> None:
    vend(cloud, "payments-prod")

    asked = create(cloud, "another", email)
    cloud.clock.advance(LONGEST_CREATION)

    failed = status_of(cloud, asked["Id"])
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in failed


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_manage_accounts_close.html")
def test_an_email_stays_burned_after_the_account_is_closed_and_gone(cloud: Cloud) -> None:
    account_id = vend(cloud, "payments-prod")
    cloud.client("organizations").close_account(AccountId=account_id)
    cloud.clock.advance(timedelta(days=91).total_seconds())

    asked = create(cloud, "another", "aws+payments-prod@acme.example")
    cloud.clock.advance(LONGEST_CREATION)

    assert status_of(cloud, asked["Id"])["FailureReason"] == "EMAIL_ALREADY_EXISTS"


@behaviour(
    "organizations.DescribeCreateAccountStatus", "organizations/latest/APIReference/API_CreateAccountStatus.html"
)
@pytest.mark.parametrize("failure", failure_reasons())
def test_a_creation_can_fail_for_every_documented_reason(cloud: Cloud, failure: str) -> None:
    cloud.state.faults.add([FailLater(kind="fail_later", calls="organizations.CreateAccount", count=1, reason=failure)])
    first, second = create(cloud, "first"), create(cloud, "second")

    cloud.clock.advance(LONGEST_CREATION)

    failed = status_of(cloud, first["Id"])
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", failure)
    assert status_of(cloud, second["Id"])["State"] == "SUCCEEDED"


@behaviour("organizations.CreateAccount", "organizations/latest/APIReference/API_CreateAccountStatus.html")
def test_an_address_is_free_again_after_a_failure_at_aws(cloud: Cloud) -> None:
    cloud.state.faults.add([FailLater(kind="fail_later", calls="organizations.CreateAccount", count=1)])
    create(cloud, "payments", "payments@acme.example")
    cloud.clock.advance(LONGEST_CREATION)

    again = create(cloud, "payments", "payments@acme.example")
    cloud.clock.advance(LONGEST_CREATION)

    assert status_of(cloud, again["Id"])["State"] == "SUCCEEDED"


@behaviour("organizations.CreateAccount", "organizations/latest/APIReference/API_CreateAccountStatus.html")
def test_the_same_request_twice_makes_one_account(cloud: Cloud) -> None:
    first, second = create(cloud), create(cloud)

    cloud.clock.advance(LONGEST_CREATION)

    assert status_of(cloud, first["Id"])["State"] == "SUCCEEDED"
    assert status_of(cloud, second["Id"])["FailureReason"] == "CONCURRENT_ACCOUNT_MODIFICATION"


@behaviour("organizations.CreateAccount")
@pytest.mark.parametrize(
    "email",
    [
        "a@b.c",
        "no-at-sign",
        "two@@acme.example",
        ".dot@acme.example",
        "sp ace@acme.example",
        "a,b@acme.example",
        "ünï@acme.example",
        "x@-acme.example",
        "someone@acme",
        "a" * 60 + "@acme.example",
    ],
)
def test_an_email_that_breaks_the_rules_is_refused_at_once(cloud: Cloud, email: str) -> None:
    with pytest.raises(ClientError) as refused:
        create(cloud, email=email)

    assert reason(refused)[0] == "InvalidInputException"


@behaviour("organizations.CreateAccount")
@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], ("InvalidInputException", "DUPLICATE_TAG_KEY")),
        ([{"Key": "aws:x", "Value": "1"}], ("InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER")),
        (
            [{"Key": f"k{n}", "Value": ""} for n in range(51)],
            ("ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED"),
        ),
    ],
)
def test_one_bad_tag_fails_the_whole_request(
    cloud: Cloud, tags: list[dict[str, str]], expected: tuple[str, str]
) -> None:
    with pytest.raises(ClientError) as refused:
        create(cloud, Tags=tags)

    assert reason(refused) == expected
    assert cloud.client("organizations").list_create_account_status()["CreateAccountStatuses"] == []


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_a_sixth_creation_in_progress_is_refused(cloud: Cloud) -> None:
    cloud.limits.change("organizations.CreateAccount", 100)
    for number in range(5):
        create(cloud, f"account-{number}")
        cloud.clock.advance(1)

    with pytest.raises(ClientError) as refused:
        create(cloud, "account-5")

    assert reason(refused) == ("ConstraintViolationException", "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_two_clients_at_once_cannot_exceed_the_cap(cloud: Cloud) -> None:
    cloud.limits.change("organizations.CreateAccount", 1000)
    cloud.limits.enforced = True
    outcomes: list[str] = []

    def ask(client: int) -> None:
        for number in range(2):
            try:
                create(cloud, f"account-{client}-{number}")
                outcomes.append("taken")
            except ClientError as error:
                outcomes.append(error.response["Error"]["Code"])

    clients = [Thread(target=ask, args=(n,)) for n in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    in_progress = cloud.client("organizations").list_create_account_status(States=["IN_PROGRESS"])
    assert len(in_progress["CreateAccountStatuses"]) == outcomes.count("taken") <= 5


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_a_fourth_call_in_a_row_is_throttled_and_ten_seconds_later_is_not(cloud: Cloud) -> None:
    for number in range(3):
        create(cloud, f"account-{number}")
    with pytest.raises(ClientError) as refused:
        create(cloud, "account-3")

    cloud.clock.advance(10)

    assert reason(refused)[0] == "TooManyRequestsException"
    assert create(cloud, "account-3")["State"] == "IN_PROGRESS"


def test_a_test_of_something_else_can_turn_the_limits_off(cloud: Cloud) -> None:
    cloud.limits.enforced = False

    states = [create(cloud, f"account-{number}")["State"] for number in range(12)]

    assert states == ["IN_PROGRESS"] * 12


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_the_account_quota_counts_what_is_being_made(cloud: Cloud) -> None:
    cloud.limits.change("organizations.accounts", 4)
    create(cloud, "fourth")

    with pytest.raises(ClientError) as refused:
        create(cloud, "fifth")

    assert reason(refused) == ("ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")


@behaviour("organizations.ListCreateAccountStatus")
def test_creations_are_listed_by_state(cloud: Cloud) -> None:
    first = create(cloud, "first")
    cloud.clock.advance(LONGEST_CREATION)
    second = create(cloud, "second")
    organizations = cloud.client("organizations")

    def listed(*states: str) -> list[str]:
        found = organizations.list_create_account_status(States=list(states))["CreateAccountStatuses"]
        return [status["Id"] for status in found]

    assert listed("SUCCEEDED") == [first["Id"]]
    assert listed("IN_PROGRESS") == [second["Id"]]
    assert listed() == [first["Id"], second["Id"]]


def test_the_same_seed_and_calls_give_the_same_accounts(cloud: Cloud) -> None:
    first = vend(cloud)
    cloud.reset()

    assert vend(cloud) == first
