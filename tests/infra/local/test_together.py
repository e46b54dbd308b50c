"""Clients that call at the same moment have one cap between them, whichever it is."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

from botocore.exceptions import ClientError

from infra.local.controlcatalog.catalogue import read_catalogue
from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.controltower.landing import new_account, status, unit_arn, unit_id

UNITS = ("Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security")
TAKEN = "taken"


def together(call: Callable[[Any], object], given: Iterable[Any]) -> Counter[str]:
    """How many of the calls, several at a time, were taken, and how many were refused with which code or Reason."""

    def outcome(one: Any) -> str:
        try:
            call(one)
        except ClientError as refused:
            return str(refused.response.get("Reason") or refused.response["Error"]["Code"])
        return TAKEN

    with ThreadPoolExecutor(6) as clients:
        return Counter(clients.map(outcome, given))


@behaviour("organizations.CloseAccount", "organizations/latest/userguide/orgs_reference_limits.html")
def test_clients_together_have_three_closures_in_progress(cloud: Cloud) -> None:
    accounts = [organization().account(new_account(cloud, f"account-{number}")) for number in range(6)]
    client, taken = cloud.client("organizations"), Counter[str]()

    for _ in range(4):
        active = [account.id for account in accounts if account.state == "ACTIVE"]
        taken += together(lambda account_id: client.close_account(AccountId=account_id), active)
        cloud.clock.advance(20)

    pending = [account for account in accounts if account.state == "PENDING_CLOSURE"]
    assert (len(pending), taken[TAKEN]) == (3, 3)
    assert taken["CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"] > 0


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/limits.html")
def test_clients_together_have_five_account_operations_in_progress(cloud: Cloud) -> None:
    accounts = [new_account(cloud, f"account-{number}") for number in range(6)]
    client, root = cloud.client("organizations"), organization().root.id
    cloud.limits.enforced = False

    moved = together(
        lambda pair: client.move_account(AccountId=pair[0], SourceParentId=root, DestinationParentId=unit_id(pair[1])),
        list(zip(accounts, UNITS, strict=True)),
    )

    assert moved == {TAKEN: 6}
    assert Counter(status(cloud, account_id) for account_id in accounts) == {"UNDER_CHANGE": 5, None: 1}


@behaviour("controltower.EnableControl", "controltower/latest/userguide/limits.html")
def test_clients_together_have_a_hundred_control_operations_in_progress(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    wished = list(product([control.arn for control in read_catalogue().controls], UNITS))

    outcomes = together(
        lambda pair: client.enable_control(controlIdentifier=pair[0], targetIdentifier=unit_arn(pair[1])), wished
    )

    assert outcomes[TAKEN] == 100
    assert outcomes["ServiceQuotaExceededException"] > 0


@behaviour("organizations.ListRoots", "organizations/latest/userguide/orgs_reference_limits.html")
def test_clients_together_have_the_tokens_of_one_bucket(cloud: Cloud) -> None:
    client = cloud.client("organizations")

    outcomes = together(lambda _: client.list_roots(), range(12))

    assert outcomes == {TAKEN: 2, "TooManyRequestsException": 10}
