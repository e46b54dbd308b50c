from pathlib import Path
from typing import Any

import pytest

from infra.local.faults.fault import FailLater, LoseAnswer, RoleNotSpread, SubscriptionRequired
from infra.local.faults.profile import check_profile, profile_names, read_profile
from vending.core.errors import BadInput

ONE_REQUEST = {
    "organizations.CreateAccount": 1,
    "organizations.ListCreateAccountStatus": 4,
    "organizations.MoveAccount": 1,
    "organizations.AttachPolicy": 1,
    "organizations.DetachPolicy": 1,
    "sts.AssumeRole": 1,
    "controltower.ListEnabledBaselines": 4,
    "sso-admin.CreateAccountAssignment": 1,
    "ec2.DescribeVpcs": 3,
}
"""The fewest calls with which an account can be made, moved, enrolled and handed over."""


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_that_comes_with_the_cloud_can_be_read(name: str) -> None:
    assert read_profile(name).fault


def test_a_storm_brings_two_faults_or_more_per_request() -> None:
    expected = sum(
        times * fault.probability
        for call, times in ONE_REQUEST.items()
        for fault in read_profile("storm").fault
        if fault.strikes(call)
    )

    assert expected >= 2


def test_nothing_in_a_storm_fails_for_good() -> None:
    certain = [fault for fault in read_profile("storm").fault if fault.probability == 1 and fault.count is None]

    assert certain == []


def test_a_profile_can_be_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('about = "mine"\nseed = 3\n[[fault]]\nkind = "lose_answer"\ncalls = "s3.*"\n')

    profile = read_profile(str(file))

    assert (profile.seed, profile.fault) == (3, (LoseAnswer(kind="lose_answer", calls="s3.*"),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "about"),
        ('about = "mine"\nfault = []', "fault"),
        ('about = "mine"\n[[fault]]\nkind = "earthquake"', "kind"),
        ('about = "mine"\n[[fault]]\nkind = "throttle"\nprobability = 2', "probability"),
        ('about = "mine"\n[[fault]]\nkind = "throttle"\ncalls = "CreateAccount"', "service.Operation"),
        ('about = "mine"\n[[fault]]\nkind = "delay"', "aws_seconds or real_seconds"),
        ('about = "mine"\n[[fault]]\nkind = "fail_later"\nreason = "BAD_LUCK"', "INTERNAL_FAILURE"),
        ("about = ", "not TOML"),
    ],
)
def test_a_profile_with_an_error_says_which(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)

    with pytest.raises(BadInput) as refused:
        read_profile(str(file))

    assert said in str(refused.value)
    assert refused.value.remedy


def test_a_profile_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadInput) as refused:
        read_profile("drizzle")

    assert "storm" in refused.value.remedy


@pytest.mark.parametrize(
    ("given", "is_what"),
    [
        ({"kind": "fail_later", "calls": "sso-admin.*", "reason": "in words"}, FailLater),
        ({"kind": "subscription_required", "calls": "ec2.*"}, SubscriptionRequired),
        ({"kind": "role_not_spread"}, RoleNotSpread),
    ],
)
def test_a_kind_says_what_else_a_fault_may_have(given: dict[str, Any], is_what: type) -> None:
    (fault,) = check_profile({"about": "", "fault": [given]}, "here").fault

    assert isinstance(fault, is_what)
