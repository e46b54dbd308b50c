from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import create, reason

OUTSIDER = {"Type": "ACCOUNT", "Id": "999999999999"}


def states(cloud: Cloud) -> list[str]:
    return [h["State"] for h in cloud.client("organizations").list_handshakes_for_organization()["Handshakes"]]


@behaviour("organizations.InviteAccountToOrganization")
def test_an_invitation_is_open_for_fifteen_days(cloud: Cloud) -> None:
    invited = cloud.client("organizations").invite_account_to_organization(Target=OUTSIDER)["Handshake"]
    cloud.clock.advance(timedelta(days=14).total_seconds())
    before = states(cloud)
    cloud.clock.advance(timedelta(days=1).total_seconds())

    assert (invited["Action"], invited["State"], before, states(cloud)) == ("INVITE", "OPEN", ["OPEN"], ["EXPIRED"])
    assert OUTSIDER in invited["Parties"]


@behaviour("organizations.CreateAccount")
def test_an_invitation_counts_as_an_account_until_it_is_cancelled(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    cloud.limits.change("organizations.accounts", len(organizations.list_accounts()["Accounts"]) + 1)
    invited = organizations.invite_account_to_organization(Target=OUTSIDER)["Handshake"]["Id"]

    with pytest.raises(ClientError) as refused:
        create(cloud)
    organizations.cancel_handshake(HandshakeId=invited)

    assert reason(refused) == ("ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
    assert create(cloud)["State"] == "IN_PROGRESS"


@behaviour("organizations.InviteAccountToOrganization")
def test_nobody_is_invited_twice_at_once_or_uninvited_twice(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    invited = organizations.invite_account_to_organization(Target=OUTSIDER)["Handshake"]["Id"]

    with pytest.raises(ClientError) as twice:
        organizations.invite_account_to_organization(Target=OUTSIDER)
    organizations.cancel_handshake(HandshakeId=invited)
    with pytest.raises(ClientError) as again:
        organizations.cancel_handshake(HandshakeId=invited)

    assert reason(twice)[0] == "DuplicateHandshakeException"
    assert reason(again)[0] == "HandshakeAlreadyInStateException"
