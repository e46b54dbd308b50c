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

    assert objection.sentence == "Guardrail org.leave names guardduty:DisableEverything, which AWS does not have."


@pytest.mark.parametrize(
    ("action", "there"),
    [("*", True), ("s3:*", True), ("S3:getobject", True), ("s3:Get*", True), ("s3:Fetch*", False), ("nix:*", False)],
)
def test_patterns_and_spelling_are_understood(action: str, there: bool) -> None:
    assert exists(action) is there
