"""The landing zone over HTTP with plain boto3."""

import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.controltower.landing import (
    LONGEST_ENROLMENT,
    code,
    move,
    new_account,
    status,
)
from tests.vending.parts import without_tower

LONGEST_LANDING_ZONE = 40 * 60


def zone(cloud: Cloud) -> str:
    return str(cloud.client("controltower").list_landing_zones()["landingZones"][0]["arn"])


@behaviour("controltower.GetLandingZone")
def test_the_landing_zone_governs_the_regions_of_the_company(cloud: Cloud) -> None:
    found = cloud.client("controltower").get_landing_zone(landingZoneIdentifier=zone(cloud))["landingZone"]

    assert found["manifest"]["governedRegions"] == ["eu-west-1", "us-east-1", "eu-central-1"]
    assert (found["version"], found["latestAvailableVersion"]) == ("4.0", "4.0")
    assert found["remediationTypes"] == ["INHERITANCE_DRIFT"]
    assert (found["status"], found["driftStatus"]["status"]) == ("ACTIVE", "IN_SYNC")


def test_the_organisation_has_one_trail_that_logs_to_the_log_archive(cloud: Cloud) -> None:
    client = cloud.client("cloudtrail")

    trail = client.describe_trails()["trailList"][0]

    assert (trail["IsOrganizationTrail"], trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (
        True,
        True,
        True,
    )
    assert client.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
    log_archive = next(account.id for account in organization().accounts if account.name == "Log Archive")
    buckets = cloud.session(log_archive).client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [trail["S3BucketName"]]


@behaviour("controltower.ListLandingZones")
def test_another_region_has_no_landing_zone_and_members_may_not_ask(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")

    with pytest.raises(ClientError) as refused:
        cloud.session(account_id).client("controltower").list_enabled_baselines()

    assert cloud.client("controltower", "us-east-1").list_landing_zones()["landingZones"] == []
    assert code(refused) == "AccessDeniedException"


@behaviour("controltower.UpdateLandingZone", "controltower/latest/userguide/account-auto-enrollment.html")
def test_without_remediation_a_moved_account_is_not_enrolled(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    started = client.update_landing_zone(landingZoneIdentifier=zone(cloud), version="4.0")
    cloud.clock.advance(LONGEST_LANDING_ZONE)
    account_id = new_account(cloud, "payments-dev")

    move(cloud, account_id, "Dev")
    cloud.clock.advance(LONGEST_ENROLMENT)

    assert status(cloud, account_id) is None
    listed = client.list_landing_zone_operations(filter={"types": ["UPDATE"]})["landingZoneOperations"]
    assert [(one["operationIdentifier"], one["status"]) for one in listed] == [
        (started["operationIdentifier"], "SUCCEEDED")
    ]
    found = client.get_landing_zone(landingZoneIdentifier=zone(cloud))["landingZone"]
    assert "remediationTypes" not in found


def test_the_manifest_can_be_changed(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    manifest = client.get_landing_zone(landingZoneIdentifier=zone(cloud))["landingZone"]["manifest"]

    client.update_landing_zone(
        landingZoneIdentifier=zone(cloud),
        version="4.0",
        manifest=manifest | {"accessManagement": {"enabled": False}},
        remediationTypes=["INHERITANCE_DRIFT"],
    )
    cloud.clock.advance(LONGEST_LANDING_ZONE)

    after = client.get_landing_zone(landingZoneIdentifier=zone(cloud))["landingZone"]
    assert after["manifest"]["accessManagement"] == {"enabled": False}
    assert after["remediationTypes"] == ["INHERITANCE_DRIFT"]


@behaviour("controltower.ResetLandingZone")
def test_two_operations_on_the_landing_zone_conflict(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    client.reset_landing_zone(landingZoneIdentifier=zone(cloud))

    with pytest.raises(ClientError) as refused:
        client.reset_landing_zone(landingZoneIdentifier=zone(cloud))

    assert code(refused) == "ConflictException"


def test_an_unknown_landing_zone_and_an_older_version_are_refused(cloud: Cloud) -> None:
    client = cloud.client("controltower")

    with pytest.raises(ClientError) as missing:
        client.get_landing_zone(landingZoneIdentifier="arn:aws:controltower:eu-west-1:1:landingzone/NONE")
    with pytest.raises(ClientError) as older:
        client.update_landing_zone(landingZoneIdentifier=zone(cloud), version="3.3")

    assert code(missing) == "ResourceNotFoundException"
    assert code(older) == "ValidationException"


def test_taking_the_landing_zone_down_is_not_modelled_and_says_so(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("controltower").delete_landing_zone(landingZoneIdentifier=zone(cloud))

    assert code(refused) == "NotImplemented"


def test_nobody_notices_how_often_the_cloud_is_looked_at(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    move(cloud, account_id, "Dev")
    seen = []
    for _ in range(12):
        cloud.clock.advance(60)
        seen.append(status(cloud, account_id))

    cloud.reset()
    again = new_account(cloud, "payments-dev")
    move(cloud, again, "Dev")
    cloud.clock.advance(12 * 60)

    assert again == account_id
    assert seen[-1] == status(cloud, again) == "SUCCEEDED"


@behaviour("controltower.ListLandingZones")
def test_where_no_landing_zone_was_set_up_there_is_none_and_an_account_that_moves_is_left_alone(cloud: Cloud) -> None:
    with cloud.of(without_tower()):
        tower = cloud.client("controltower")
        account_id = new_account(cloud, "payments-dev")
        move(cloud, account_id, "Dev")
        cloud.clock.advance(LONGEST_ENROLMENT)

        assert tower.list_landing_zones()["landingZones"] == []
        with pytest.raises(ClientError, match="not set up") as refused:
            tower.list_enabled_baselines()
        recorders = cloud.session(account_id).client("config").describe_configuration_recorders()

    assert code(refused) == "ValidationException"
    assert recorders["ConfigurationRecorders"] == []
