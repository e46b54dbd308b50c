"""The product on the local cloud, in the platform account, under exactly the policies that the stacks synthesise.

Nothing is denied; and of what is allowed nothing is too much: each action on each resource is taken away in turn, and
the recorded calls are judged again: one of them is denied. What the local cloud cannot record stands in `ELSEWHERE`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from guardrails.evaluator import Call, Grants, Kind, Policy, authorize, parse_policy
from guardrails.evaluator import Denied as RefusedBy
from infra.local.authorize.journal import Entry
from infra.stacks.rights.roles import RIGHTS
from tests.cloud import Cloud
from tests.infra.stacks.conftest import Synthesised, synthesise_without_tower
from tests.infra.stacks.elsewhere import ELSEWHERE
from tests.infra.stacks.platform import of_functions
from tests.infra.stacks.roles import Role, names
from tests.infra.stacks.story import Told, tell
from tests.vending.parts import acme, connect, without_tower
from vending.requests.model import State

pytestmark = pytest.mark.xdist_group("rights")
"""What is recorded takes a minute, and so is recorded in one process."""


@dataclass(frozen=True, eq=False)
class Grant:
    """One action on one resource, as a statement allows it."""

    action: str
    resource: str
    condition: Mapping[str, Any]

    def statement(self) -> dict[str, Any]:
        """As a policy has it."""
        said = {"Effect": "Allow", "Action": self.action, "Resource": self.resource}
        return said | ({"Condition": dict(self.condition)} if self.condition else {})


@pytest.fixture(scope="session")
def stories(
    running_cloud: Cloud, synthesised: Synthesised, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[bool], Told]:
    """The story of the example company, and of one that has no Control Tower, each told once."""

    @cache
    def of(with_tower: bool) -> Told:
        company = acme() if with_tower else without_tower()
        stacks = synthesised if with_tower else synthesise_without_tower(tmp_path_factory.mktemp("without"))
        with running_cloud.of(company), pytest.MonkeyPatch.context() as environment:
            connect(running_cloud, environment)
            return tell(running_cloud, company, stacks, tmp_path_factory.mktemp("rights"))

    return of


@pytest.fixture(params=["with Control Tower", "without"])
def told(request: pytest.FixtureRequest, stories: Callable[[bool], Told]) -> Told:
    """What was done in one of the stories."""
    return stories(request.param == "with Control Tower")


def test_an_account_is_made_people_govern_and_the_audit_collects_and_nothing_is_denied(told: Told) -> None:
    asked = [entry for entry in told.entries if "/aws-service-role/" not in entry.principal]
    refused = [(e.principal, e.action, e.resource, e.message) for e in asked if not e.allowed]

    assert refused == []
    assert told.states == (State.READY, State.READY)


def test_the_portal_may_do_what_the_guardrails_function_did(told: Told) -> None:
    """Both apply the guardrails with the same code: what one role was recorded at, the other is judged at."""
    [portal] = [role for role in told.roles if role.arn == names().management_role("portal")]
    calls = _calls(portal, told.entries)

    assert sum(entry.principal != portal.arn for entry in calls) > 100
    assert [entry for entry in calls if not _allows(_policy(list(_grants(portal))), entry)] == []


def test_nothing_that_is_allowed_can_be_taken_away(told: Told) -> None:
    idle = [
        (role.arn, grant.action, grant.resource)
        for role in of_functions(told.roles)
        for grant in _superfluous(role, told.entries)
        if grant.action not in ELSEWHERE
    ]

    assert idle == [], "\n".join(map(str, idle))


def test_what_the_local_cloud_cannot_record_is_demanded_by_a_page_of_aws(told: Told) -> None:
    seen = {entry.action for entry in told.entries if _is_ours(entry.principal)}
    allowed = {grant.action for role in of_functions(told.roles) for grant in _grants(role)}

    assert set(ELSEWHERE) <= allowed - seen
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in ELSEWHERE.values())


def test_a_right_that_is_missing_would_be_noticed(told: Told) -> None:
    [workflow] = [role for role in told.roles if role.arn == names().management_role("workflow")]
    without = [grant for grant in _grants(workflow) if grant.action != "organizations:MoveAccount"]

    denied = [entry for entry in _calls(workflow, told.entries) if not _allows(_policy(without), entry)]

    assert {entry.action for entry in denied} == {"organizations:MoveAccount"}


def _grants(role: Role) -> Iterator[Grant]:
    for statement in role.statements:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Grant(action, resource, statement.get("Condition", {}))


def _superfluous(role: Role, entries: tuple[Entry, ...]) -> Iterator[Grant]:
    """The grants without which every recorded call of the role is still allowed."""
    grants, calls = list(_grants(role)), _calls(role, entries)
    for grant in grants:
        without = _policy([one for one in grants if one is not grant and one.action == grant.action])
        if all(_allows(without, call) for call in calls if call.action == grant.action):
            yield grant


def _is_ours(principal: str) -> bool:
    return principal.rpartition("/")[2] in {names().role(name) for name in RIGHTS}


def _calls(role: Role, entries: tuple[Entry, ...]) -> list[Entry]:
    principals = {role.arn, role.arn.replace(":role/freehold-portal", ":role/freehold-guardrails")}
    return [entry for entry in entries if entry.principal in principals and entry.allowed]


def _policy(grants: list[Grant]) -> Policy:
    nothing = {"Effect": "Deny", "Action": "freehold:nothing", "Resource": "*"}
    statements = [grant.statement() for grant in grants] or [nothing]
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), Kind.IDENTITY, name="role")


def _allows(policy: Policy, entry: Entry) -> bool:
    """By the role's own policy alone: what the other side has to allow is not asked here."""
    owner = entry.resource.split(":")[4] if entry.resource.count(":") > 4 else ""
    at_home = f"arn:aws:iam::{owner if owner.isdigit() else entry.account}:role/same"
    call = Call(at_home, entry.action, entry.resource, dict(entry.context))
    return not isinstance(authorize(call, Grants(identity=(policy,))), RefusedBy)


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
