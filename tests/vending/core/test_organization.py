from collections.abc import Callable

import pytest

from infra.local.faults.fault import Throttle
from tests.vending.ground import Ground
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.errors import AwsDenied, AwsMissing, AwsThrottled, Conflict, NotFound
from vending.core.organization import OrganizationReader, read_member, read_organization, read_units

Busy = tuple[Aws, Clock, list[float]]
"""AWS, the clock, and the seconds waited."""


@pytest.fixture
def busy(ground: Ground) -> Callable[[int], Busy]:
    """AWS that throttles so many listings of the organisation."""

    def of(count: int) -> Busy:
        waited: list[float] = []
        ground.spoil(Throttle(kind="throttle", calls="organizations.List*", count=count))
        return Aws.connect("eu-west-1", pause=waited.append), ground.services.clock, waited

    return of


def test_the_whole_tree_is_read(ground: Ground) -> None:
    client = ground.cloud.client("organizations")
    listed = [account for page in client.get_paginator("list_accounts").paginate() for account in page["Accounts"]]

    organization = read_organization(ground.services.aws)

    assert {a.id for a in organization.accounts} == {a["Id"] for a in listed}
    assert {u.name for u in organization.units} == {"Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security"}
    assert organization.management_account_id in {a.id for a in organization.accounts}


def test_an_ou_below_another_is_found_with_its_path(ground: Ground) -> None:
    sandbox = read_organization(ground.services.aws).unit_named("Sandbox")
    below = ground.cloud.client("organizations").create_organizational_unit(ParentId=sandbox.id, Name="Playground")

    organization = read_organization(ground.services.aws)

    path = organization.path(below["OrganizationalUnit"]["Id"])
    assert [unit.name for unit in path] == ["Root", "Sandbox", "Playground"]


def test_a_name_that_two_ous_have_is_refused_with_both_places(ground: Ground) -> None:
    sandbox = read_organization(ground.services.aws).unit_named("Sandbox")
    ground.cloud.client("organizations").create_organizational_unit(ParentId=sandbox.id, Name="Dev")

    with pytest.raises(Conflict, match="2 OUs named Dev: Root / Sandbox / Dev; Root / Dev"):
        read_organization(ground.services.aws).unit_named("Dev")


def test_an_ou_that_is_not_there_is_named(ground: Ground) -> None:
    with pytest.raises(NotFound, match="no OU named Nowhere"):
        read_organization(ground.services.aws).unit_named("Nowhere")


def test_accounts_know_the_ou_that_holds_them(ground: Ground) -> None:
    organization = read_organization(ground.services.aws)

    places = {account.name: organization.names_to(account.parent_id)[-1] for account in organization.accounts}

    assert places["Log Archive"] == places["Audit"] == "Security"
    assert "Root" in places.values()


def test_one_account_is_read_without_the_rest(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with ground.counted("organizations", "ListAccountsForParent") as listings:
        member, names = read_member(ground.services.aws, str(record.account_id), ground.services.company)

    assert (member.name, member.email, member.state) == (record.asked.name, record.email, "ACTIVE")
    assert names == ("Root",)
    assert listings == []


def test_an_account_that_is_not_there_is_missing(ground: Ground) -> None:
    with pytest.raises(AwsMissing):
        read_member(ground.services.aws, "999999999999", ground.services.company)


def test_many_who_ask_in_a_moment_cost_one_reading(ground: Ground) -> None:
    reader = OrganizationReader(ground.services.aws, ground.services.clock)

    with ground.counted("organizations", "ListRoots") as readings:
        first = [reader.recent() for _ in range(3)]
        ground.cloud.clock.advance(31)
        later = reader.recent()

    assert len(readings) == 2
    assert first == [later] * 3


def test_what_was_read_serves_while_aws_throttles_and_only_then(ground: Ground) -> None:
    reader = OrganizationReader(ground.services.aws, ground.services.clock)
    known = reader.recent()

    ground.cloud.clock.advance(60)
    with ground.refused("organizations", "ListRoots", "TooManyRequestsException"):
        old = reader.recent()
    with ground.refused("organizations", "ListRoots", "AccessDeniedException"), pytest.raises(AwsDenied):
        reader.recent()

    assert old is known


def test_a_busy_organisation_is_waited_for_when_nothing_was_read_before(busy: Callable[[int], Busy]) -> None:
    aws, clock, waited = busy(3)

    organization = OrganizationReader(aws, clock).recent()

    assert organization.unit_named("Sandbox")
    assert waited == [0.5, 1.0, 2.0]


def test_an_organisation_that_stays_busy_is_said_to_be(busy: Callable[[int], Busy]) -> None:
    aws, clock, waited = busy(6)

    with pytest.raises(AwsThrottled, match="Too many requests"):
        OrganizationReader(aws, clock).recent()

    assert sum(waited) == 15.5


def test_units_are_read_without_accounts(ground: Ground) -> None:
    with ground.counted("organizations", "ListAccountsForParent") as listings:
        root, units = read_units(ground.services.aws)

    assert root.parent_id is None
    assert {unit.parent_id for unit in units} == {root.id}
    assert listings == []
