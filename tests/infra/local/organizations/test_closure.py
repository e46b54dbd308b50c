from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.models import organization, organizations
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import reason, vend

LONGEST_CLOSURE = 600


def state_of(cloud: Cloud, account_id: str) -> str:
    return str(cloud.client("organizations").describe_account(AccountId=account_id)["Account"]["State"])


@behaviour("organizations.CloseAccount")
def test_closing_passes_through_pending_closure_and_ends_closed(cloud: Cloud) -> None:
    account_id = vend(cloud)

    cloud.client("organizations").close_account(AccountId=account_id)

    assert state_of(cloud, account_id) == "PENDING_CLOSURE"
    cloud.clock.advance(LONGEST_CLOSURE)
    assert state_of(cloud, account_id) == "CLOSED"


@behaviour("organizations.CloseAccount", "organizations/latest/userguide/orgs_manage_accounts_close.html")
def test_a_closed_account_is_listed_for_ninety_days(cloud: Cloud) -> None:
    account_id = vend(cloud)
    cloud.client("organizations").close_account(AccountId=account_id)

    cloud.clock.advance(timedelta(days=90).total_seconds())
    before = account_id in organization().targets
    cloud.clock.advance(LONGEST_CLOSURE)
    listed = {account["Id"] for account in cloud.client("organizations").list_accounts()["Accounts"]}

    assert before
    assert account_id not in listed


@behaviour("organizations.CloseAccount")
def test_what_cannot_be_closed_says_why(cloud: Cloud) -> None:
    account_id, client = vend(cloud), cloud.client("organizations")
    client.close_account(AccountId=account_id)

    def closing(which: str) -> tuple[str, str | None]:
        cloud.clock.advance(30)
        with pytest.raises(ClientError) as refused:
            client.close_account(AccountId=which)
        return reason(refused)

    assert closing(account_id)[0] == "ConflictException"
    cloud.clock.advance(LONGEST_CLOSURE)
    assert closing(account_id)[0] == "AccountAlreadyClosedException"
    assert closing("123456789012") == ("ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    assert closing("999999999999")[0] == "AccountNotFoundException"


@behaviour("organizations.CloseAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_three_closures_at_once_are_the_most(cloud: Cloud) -> None:
    cloud.limits.change("organizations.CloseAccount", 100)
    tree, client = organization(), cloud.client("organizations")
    accounts = [tree.add_account(f"account-{n}", f"aws+{n}@acme.example") for n in range(4)]
    for account in accounts[:3]:
        client.close_account(AccountId=account.id)
        cloud.clock.advance(1)

    with pytest.raises(ClientError) as refused:
        client.close_account(AccountId=accounts[3].id)

    assert reason(refused) == ("ConstraintViolationException", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")


@behaviour("organizations.CloseAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_the_thirty_day_quota_rolls(cloud: Cloud) -> None:
    cloud.limits.change("organizations.closures_floor", 1)
    first, second, client = vend(cloud, "first"), vend(cloud, "second"), cloud.client("organizations")
    client.close_account(AccountId=first)
    cloud.clock.advance(LONGEST_CLOSURE)

    with pytest.raises(ClientError) as refused:
        client.close_account(AccountId=second)
    cloud.clock.advance(timedelta(days=30).total_seconds())
    client.close_account(AccountId=second)

    assert reason(refused) == ("ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
    assert state_of(cloud, second) == "PENDING_CLOSURE"


@behaviour("organizations.CloseAccount", "organizations/latest/userguide/orgs_reference_limits.html")
@pytest.mark.parametrize(
    ("accounts", "allowed"), [(100, 250), (1_249, 250), (2_000, 400), (5_000, 1_000), (9_000, 1_000)]
)
def test_the_thirty_day_quota_grows_with_the_organisation(
    cloud: Cloud, accounts: int, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = organizations()
    monkeypatch.setattr(state.organization, "counted_accounts", lambda: accounts)

    assert state.closures.allowed_in_window() == allowed
