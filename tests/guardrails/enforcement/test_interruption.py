"""Applying dies after every single write to AWS, whichever it is, and comes to the same end."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.cloud import Cloud
from tests.guardrails.ground import OneTeam, attached, deny, find_policy, policy, root_id, unit_id
from tests.guardrails.mechanisms import Later, WithEvery, small
from vending.core.aws import Aws, Client
from vending.core.errors import AwsUnanswered

READS = ("list_", "describe_", "get_")
SERVICES = ("organizations", "controltower", "controlcatalog", "config")
STEADY = ("list_controls", "get_control", "list_tags_for_resource")
"""What AWS answers the same every time: its catalogue, and the tags of what is enabled or made. Asked once for all."""
Known = dict[tuple[str, str, str], dict[str, Any]]


class DyingClient(Client):
    """Every write takes place, and then the line goes dead."""

    def __init__(self, raw: Any, writes: list[str], known: Known) -> None:
        super().__init__(raw)
        self._writes = writes
        self._known = known

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        method = super().__getattr__(name)
        if name in STEADY:
            return partial(self._remember, name, method)
        if name.startswith(READS):
            return method

        def write(**params: Any) -> dict[str, Any]:
            method(**params)
            self._writes.append(name)
            raise AwsUnanswered("The line went dead.")

        return write

    def _remember(self, name: str, method: Callable[..., dict[str, Any]], **params: Any) -> dict[str, Any]:
        asked = (self._service, name, repr(sorted(params.items())))
        if asked not in self._known:
            self._known[asked] = method(**params)
        return self._known[asked]


class DyingAws(Aws):
    """AWS as a process sees it that dies after its first write."""

    def __init__(self, aws: Aws, known: Known) -> None:
        super().__init__(aws._session, aws.home_region)
        self._known = known
        self._alive = aws
        self.writes: list[str] = []

    def _open(self, service: str, region: str, account_id: str | None, once: bool) -> Client:
        alive = self._alive.client(service, region, account_id, once=once)
        return DyingClient(alive._raw, self.writes, self._known) if service in SERVICES else alive


@pytest.fixture
def lives(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> Callable[[type[WithEvery]], Iterator[str]]:
    known: Known = {}

    def live_and_die(kind: type[WithEvery]) -> Iterator[str]:
        """One process after the other, each dead after its first write; what each of them wrote."""
        while True:
            mortal = DyingAws(aws, known)
            guardrails = kind(mortal, small("prod"), easy_cloud.clock, OneTeam(easy_cloud), pause)
            easy_cloud.clock.advance(600)
            try:
                guardrails.apply()
            except AwsUnanswered:
                yield mortal.writes[0]
                continue
            assert mortal.writes == []
            return

    return live_and_die


def test_interrupted_after_every_single_write_it_comes_to_the_same_end(
    easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None], lives: Callable[[type[WithEvery]], Iterator[str]]
) -> None:
    easy_cloud.client("organizations").disable_policy_type(RootId=root_id(easy_cloud), PolicyType="S3_POLICY")
    first = list(lives(WithEvery))
    name = next(n for n in attached(easy_cloud, unit_id(easy_cloud, "Prod")) if n.startswith("freehold"))
    easy_cloud.client("organizations").update_policy(
        PolicyId=find_policy(easy_cloud, name), Content=policy(deny("Weak", "polly:*"))
    )
    repaired = list(lives(WithEvery))
    released = list(lives(Later))

    assert set(first) == {
        "enable_policy_type",
        "create_policy",
        "attach_policy",
        "enable_control",
        "put_organization_conformance_pack",
    }
    assert set(repaired) == {"create_policy", "attach_policy", "detach_policy", "delete_policy"}
    assert {"disable_control", "delete_organization_conformance_pack"} < set(released)
    assert "update_policy" not in {*first, *repaired, *released}
    assert "disable_policy_type" not in {*first, *repaired, *released}
    after = Later(aws, small("prod"), easy_cloud.clock, OneTeam(easy_cloud), pause)
    assert after.plan().plan.steps == ()
    assert after.drift() == ()
