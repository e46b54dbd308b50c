from collections.abc import Callable

import pytest

from guardrails.enforcement.organizations import TAG, Organizations
from tests.cloud import Cloud
from tests.guardrails.ground import attached, deny, document, make_account, policy, root_id, unit_id
from vending.core.aws import PAUSES, Aws
from vending.core.errors import AwsFailed

DOCUMENT = document(policy(deny("Nothing", "polly:*")))


@pytest.fixture
def organizations(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> Organizations:
    return Organizations(aws, pause)


def test_creating_twice_makes_one_tagged_object(easy_cloud: Cloud, organizations: Organizations) -> None:
    first = organizations.create(DOCUMENT, DOCUMENT.name)
    second = organizations.create(DOCUMENT, DOCUMENT.name)

    assert first == second
    tags = easy_cloud.client("organizations").list_tags_for_resource(ResourceId=first)["Tags"]
    assert tags == [{"Key": TAG, "Value": "sandbox"}]


def test_attaching_and_detaching_and_deleting_twice_does_no_harm(
    easy_cloud: Cloud, organizations: Organizations
) -> None:
    target, made = unit_id(easy_cloud, "Sandbox"), organizations.create(DOCUMENT, DOCUMENT.name)

    for _ in range(2):
        organizations.attach(made, target)
    assert DOCUMENT.name in attached(easy_cloud, target)

    for _ in range(2):
        organizations.detach(made, target)
    for _ in range(2):
        organizations.delete(made)
    assert DOCUMENT.name not in attached(easy_cloud, target)


def test_the_path_of_an_account_goes_from_the_root_down(easy_cloud: Cloud, organizations: Organizations) -> None:
    account = make_account(easy_cloud, "Dev")

    path = organizations.path_of(account)

    assert path == (root_id(easy_cloud), unit_id(easy_cloud, "Dev"), account)
    assert [organizations.name_of(target) for target in path] == ["the root", "OU Dev", f"account {account}"]


def test_a_listing_of_many_pages_is_whole(easy_cloud: Cloud, organizations: Organizations) -> None:
    names = {f"{DOCUMENT.name}.{number}" for number in range(2, 45)}
    for name in names:
        organizations.create(DOCUMENT, name)

    assert names <= {summary.name for summary in organizations.policies(DOCUMENT.kind)}


def test_what_aws_refuses_for_good_is_raised(organizations: Organizations) -> None:
    with pytest.raises(AwsFailed):
        organizations.attach("p-00000000", "ou-none-00000000")


def test_it_waits_while_aws_says_that_it_is_too_fast(cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        pause(seconds)

    organizations = Organizations(aws, wait)

    for number in range(2, 6):
        organizations.create(DOCUMENT, f"{DOCUMENT.name}.{number}")

    assert waited
    assert set(waited) <= set(PAUSES)
