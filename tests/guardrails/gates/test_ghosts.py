from dataclasses import replace

import pytest

from guardrails.catalog import find_guardrail
from guardrails.gates.ghosts import check_ghosts, exists
from guardrails.guardrail import Deny
from tests.guardrails.ground import catalogue


def test_every_action_of_the_catalogue_exists() -> None:
    assert list(check_ghosts(catalogue())) == []


def test_a_ghost_is_named_with_its_guardrail() -> None:
    leave = find_guardrail(catalogue(), "org.leave")
    haunted = replace(leave, statements=(Deny("Ghost", actions=("guardduty:DisableEverything",)),))

    [objection] = check_ghosts([haunted])

    assert objection.sentence == (
        "Guardrail org.leave, statement Ghost: AWS has no action guardduty:DisableEverything."
    )


@pytest.mark.parametrize(
    ("action", "key", "wrong"),
    [
        ("ec2:RunInstances", "ec2:MetadataHttpTokens", ""),
        ("ec2:runinstances", "EC2:metadatahttptokens", ""),
        ("ec2:*", "ec2:InstanceType", ""),
        ("*", "ec2:InstanceType", ""),
        ("s3:PutObject", "aws:PrincipalTag/team", ""),
        ("s3:PutObject", "s3:ExistingObjectTag/team", "none of its actions carries the condition key"),
        ("s3:GetObject", "s3:ExistingObjectTag/team", ""),
        ("sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com:sub", ""),
        ("s3:GetObject", "token.actions.githubusercontent.com:sub", "none of its actions carries the condition key"),
        ("s3:GetObject", "ec2:InstanceType", "none of its actions carries the condition key"),
        ("ec2:RunInstances", "ec2:MetadataTokens", "AWS has no condition key"),
        ("ec2:RunInstances", "aws:RequestRegion", "AWS has no condition key"),
        ("ec2:RunInstances", "nix:Anything", "AWS has no condition key"),
    ],
)
def test_a_condition_key_must_exist_and_come_with_one_of_the_actions(action: str, key: str, wrong: str) -> None:
    leave = find_guardrail(catalogue(), "org.leave")
    statement = Deny("Keyed", actions=(action,), condition={"StringEquals": {key: "x"}})

    said = [objection.sentence for objection in check_ghosts([replace(leave, statements=(statement,))])]

    assert said == ([f"Guardrail org.leave, statement Keyed: {wrong} {key}."] if wrong else [])


@pytest.mark.parametrize(
    ("action", "there"),
    [("*", True), ("s3:*", True), ("S3:getobject", True), ("s3:Get*", True), ("s3:Fetch*", False), ("nix:*", False)],
)
def test_patterns_and_spelling_are_understood(action: str, there: bool) -> None:
    assert exists(action) is there
