"""The control catalogue over HTTP with plain boto3."""

import pytest
from botocore.exceptions import ClientError

from infra.local.controlcatalog.catalogue import read_catalogue
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

ENCRYPTED_VOLUMES = "arn:aws:controlcatalog:::control/503uicglhjkokaajywfpt6ros"
LEGACY = "arn:aws:controltower:eu-west-1::control/AWS-GR_ENCRYPTED_VOLUMES"


@behaviour("controlcatalog.ListControls")
def test_at_least_sixty_controls_are_listed_in_pages(cloud: Cloud) -> None:
    pages = cloud.client("controlcatalog").get_paginator("list_controls")

    listed = [control for page in pages.paginate(PaginationConfig={"PageSize": 25}) for control in page["Controls"]]

    assert len({control["Arn"] for control in listed}) == len(listed) >= 60
    assert {control["Behavior"] for control in listed} == {"PREVENTIVE", "DETECTIVE", "PROACTIVE"}


@behaviour("controlcatalog.ListControls")
def test_controls_are_found_by_what_implements_them(cloud: Cloud) -> None:
    found = cloud.client("controlcatalog").list_controls(
        Filter={"Implementations": {"Identifiers": ["ENCRYPTED_VOLUMES"]}}
    )["Controls"]

    assert [control["Aliases"] for control in found] == [["AWS-GR_ENCRYPTED_VOLUMES"]]
    assert found[0]["Implementation"] == {"Type": "AWS::Config::ConfigRule", "Identifier": "ENCRYPTED_VOLUMES"}


@behaviour("controlcatalog.GetControl")
@pytest.mark.parametrize("arn", [ENCRYPTED_VOLUMES, LEGACY])
def test_a_control_is_found_by_its_global_and_its_regional_arn(cloud: Cloud, arn: str) -> None:
    control = cloud.client("controlcatalog").get_control(ControlArn=arn)

    assert control["Arn"] == ENCRYPTED_VOLUMES
    assert control["RegionConfiguration"]["Scope"] == "REGIONAL"
    assert "eu-west-1" in control["RegionConfiguration"]["DeployableRegions"]


def test_a_policy_is_global_and_says_which_parameters_it_takes(cloud: Cloud) -> None:
    arn = read_catalogue().of("CT.MULTISERVICE.PV.1").arn

    control = cloud.client("controlcatalog").get_control(ControlArn=arn)

    assert control["RegionConfiguration"] == {"Scope": "GLOBAL"}
    assert control["ParameterRequirementSummary"] == "REQUIRED"
    assert {"Name": "AllowedRegions", "Requirement": "REQUIRED"} in control["Parameters"]


@behaviour("controlcatalog.ListControlMappings")
def test_mappings_name_framework_and_item(cloud: Cloud) -> None:
    mappings = cloud.client("controlcatalog").list_control_mappings(
        Filter={
            "ControlArns": [read_catalogue().of("AWS-GR_ROOT_ACCOUNT_MFA_ENABLED").arn],
            "MappingTypes": ["FRAMEWORK"],
        }
    )["ControlMappings"]

    named = {(one["Mapping"]["Framework"]["Name"], one["Mapping"]["Framework"]["Item"]) for one in mappings}
    assert ("CIS AWS Foundations Benchmark v5.0.0", "1.4") in named


@behaviour("controlcatalog.ListControlMappings")
def test_at_least_sixty_controls_are_mapped_to_frameworks_in_pages(cloud: Cloud) -> None:
    pages = cloud.client("controlcatalog").get_paginator("list_control_mappings")

    listed = [one for page in pages.paginate(PaginationConfig={"PageSize": 100}) for one in page["ControlMappings"]]

    named = [(one["ControlArn"], *one["Mapping"]["Framework"].values()) for one in listed]
    assert len(set(named)) == len(named) == sum(len(control.frameworks) for control in read_catalogue().controls)
    assert len({arn for arn, _, _ in named}) >= 60


@behaviour("controlcatalog.GetControl")
@pytest.mark.parametrize(
    ("arn", "refusal"),
    [
        ("arn:aws:controlcatalog:::control/nosuchcontrolatall1234567", "ResourceNotFoundException"),
        ("arn:aws:s3:::a-bucket-that-is-no-control-at-all", "ValidationException"),
    ],
)
def test_a_control_that_is_not_there_is_refused(cloud: Cloud, arn: str, refusal: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("controlcatalog").get_control(ControlArn=arn)

    assert refused.value.response["Error"]["Code"] == refusal


def test_common_controls_are_not_modelled_and_say_so(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("controlcatalog").list_common_controls()

    assert refused.value.response["Error"]["Code"] == "NotImplemented"


@pytest.mark.parametrize("kind", ["COMMON_CONTROL", "RELATED_CONTROL"])
def test_mappings_of_other_kinds_are_not_modelled_and_say_so(cloud: Cloud, kind: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("controlcatalog").list_control_mappings(Filter={"MappingTypes": [kind]})

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
