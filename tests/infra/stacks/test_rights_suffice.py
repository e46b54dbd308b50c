"""The product on the local cloud, in the platform account, under exactly the policies that the stacks synthesise.

Nothing is denied; and of what is allowed nothing is too much: each action on each resource is taken away in turn, and
the recorded calls are judged again: one of them is denied. What the local cloud cannot record stands in `ELSEWHERE`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from guardrails.evaluator import Call, Grants, Kind, Policy, authorize, parse_policy
from guardrails.evaluator import Denied as RefusedBy
from guardrails.guardrail import Mechanism
from infra.local.authorize.journal import JOURNAL, Entry
from infra.local.faults.fault import FailLater, LoseAnswer
from infra.local.provision import make_sender
from infra.runtime.collecting import make_collector
from infra.runtime.hearing import make_listener
from infra.runtime.lambdas.groups import Directory
from infra.runtime.lambdas.portal import read_session_key
from infra.runtime.product import Product
from infra.runtime.round import make_round
from infra.runtime.telling import aws_channels, make_book
from infra.stacks.rights.roles import RIGHTS
from tests.audit.told import change, queued
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.guardrails.mechanisms import EXEMPT, LATER, Later, WithEvery, control
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.elsewhere import ELSEWHERE, SELDOM
from tests.infra.stacks.platform import Platform, deploy, of_functions
from tests.infra.stacks.roles import (
    Role,
    as_function,
    fewer_regions,
    names,
)
from tests.vending.line import Line
from tests.vending.parts import TABLE, acme, asked, connect, person
from vending.core.table import Table
from vending.ports import Audience, Notice
from vending.requests.model import Request, State

pytestmark = pytest.mark.xdist_group("rights")
"""What is recorded takes half a minute, and so is recorded in one process."""


class Changed(WithEvery):
    """The catalogue after a release that changed a control's parameters alone."""

    choice = (*LATER[:-1], control("AWS-GR_DISALLOW_VPC_INTERNET_ACCESS", ExemptedPrincipalArns=[EXEMPT[0] + "x"]))


@dataclass(frozen=True)
class Recorded:
    """What was done, by the roles that did it."""

    roles: tuple[Role, ...]
    entries: tuple[Entry, ...]
    states: tuple[State, ...]


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


@pytest.fixture(scope="module")
def recorded(
    running_cloud: Cloud, synthesised: Synthesised, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recorded]:
    """The whole product once, every function under its own role."""
    running_cloud.reset()
    with pytest.MonkeyPatch.context() as environment:
        connect(running_cloud, environment)
        yield _record(running_cloud, synthesised, tmp_path_factory.mktemp("rights"))
    running_cloud.reset()


def test_an_account_is_made_people_govern_and_the_audit_collects_and_nothing_is_denied(recorded: Recorded) -> None:
    refused = [(e.principal, e.action, e.resource, e.message) for e in recorded.entries if not e.allowed]

    assert refused == []
    assert recorded.states == (State.READY, State.READY)


def test_the_portal_may_do_what_the_guardrails_function_did(recorded: Recorded) -> None:
    """Both apply the guardrails with the same code: what one role was recorded at, the other is judged at."""
    [portal] = [role for role in recorded.roles if role.arn == names().management_role("portal")]
    calls = _calls(portal, recorded.entries)

    assert sum(entry.principal != portal.arn for entry in calls) > 100
    assert [entry for entry in calls if not _allows(_policy(list(_grants(portal))), entry)] == []


def test_nothing_that_is_allowed_can_be_taken_away(recorded: Recorded) -> None:
    idle = [
        (role.arn, grant.action, grant.resource)
        for role in of_functions(recorded.roles)
        for grant in _superfluous(role, recorded.entries)
        if grant.action not in ELSEWHERE and not _is_seldom(grant)
    ]

    assert idle == [], "\n".join(map(str, idle))


def test_what_the_local_cloud_cannot_record_is_demanded_by_a_page_of_aws(recorded: Recorded) -> None:
    seen = {entry.action for entry in recorded.entries if _is_ours(entry.principal)}
    allowed = {grant.action for role in of_functions(recorded.roles) for grant in _grants(role)}

    assert set(ELSEWHERE) <= allowed - seen
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in ELSEWHERE.values())


def test_what_is_said_to_be_seldom_is_allowed_and_was_not_called(recorded: Recorded) -> None:
    """A reason that the story has overtaken goes away, too."""
    idle = [
        (grant.action, grant.resource)
        for role in of_functions(recorded.roles)
        for grant in _superfluous(role, recorded.entries)
    ]

    for action, end in SELDOM:
        assert any(one == action and resource.endswith(end) for one, resource in idle), action


def test_a_right_that_is_missing_would_be_noticed(recorded: Recorded) -> None:
    [workflow] = [role for role in recorded.roles if role.arn == names().management_role("workflow")]
    without = [grant for grant in _grants(workflow) if grant.action != "organizations:MoveAccount"]

    denied = [entry for entry in _calls(workflow, recorded.entries) if not _allows(_policy(without), entry)]

    assert {entry.action for entry in denied} == {"organizations:MoveAccount"}


def _record(cloud: Cloud, synthesised: Synthesised, folder: Path) -> Recorded:
    stood = deploy(cloud, acme(), synthesised, folder, lambda: _disable(cloud, "TAG_POLICY"))
    vault = stood.aws.client("secretsmanager")
    secret = vault.create_secret(Name=names().session_key, SecretString="s" * 64)
    _govern(stood)
    line = stood.line()
    try:
        ready = line.until_over(line.ask().id)
        _put_in_doubt(cloud)
        doubtful = line.until_over(_ask_for_regulated(line).id)
        cloud.clock.advance(60)
        assert read_session_key(as_function(cloud, "portal"), secret["ARN"])
        _hear(stood, str(ready.account_id))
        _use_the_portal(stood, line, str(ready.account_id))
        _collect(stood, line)
        _tell(stood, line)
        _sign_in(cloud)
    finally:
        line.stop()
    return Recorded(stood.roles, tuple(JOURNAL.entries()), (ready.state, doubtful.state))


def _ask_for_regulated(line: Line) -> Request:
    """What two people have to agree to."""
    waiting = line.ask(name="payments-second", template="regulated")
    for who in ("grace", "rosa"):
        line.desk.approve(person(who), waiting.id)
    return waiting


def _put_in_doubt(cloud: Cloud) -> None:
    """Somebody deleted the quarantine's policy, and no answer will come to the first CreateAccount."""
    organizations = cloud.client("organizations")
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    for policy in policies:
        if "quarantine" in policy["Name"]:
            for target in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]:
                organizations.detach_policy(PolicyId=policy["Id"], TargetId=target["TargetId"])
            organizations.delete_policy(PolicyId=policy["Id"])
    lost = LoseAnswer(kind="lose_answer", calls="organizations.CreateAccount", count=1)
    failed = FailLater(kind="fail_later", calls="organizations.MoveAccount", count=1)
    cloud.state.faults.add([lost, failed])


def _disable(cloud: Cloud, kind: str) -> None:
    """A type of policy as in an organisation that never had it, or where somebody switched it off."""
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    cloud.client("organizations").disable_policy_type(RootId=root, PolicyType=kind)


def _govern(stood: Platform) -> None:
    """From nothing to everything, a change that replaces policies, back to no RCPs and all of it again; then packs
    follow an account that came since."""
    cloud, place = stood.cloud, stood.place("guardrails")
    _disable(cloud, "AISERVICES_OPT_OUT_POLICY")
    guardrails = Product(acme(), place).guardrails
    guardrails.apply()
    changed = Product(fewer_regions(acme()), place).guardrails
    changed.drift()
    changed.apply()
    fewer = Product(acme(), place).guardrails
    fewer.catalogue = tuple(one for one in fewer.catalogue if one.mechanism is not Mechanism.RCP)
    fewer.apply()
    for every in (WithEvery, Later, Later, Changed):
        every(place.aws, acme(), place.clock, fewer.accounts, place.pause).apply()
    last = Product(acme(), place).guardrails
    last.apply()
    make_account(cloud, "Security", "guardrails-apart")
    assert last.follow()


def _use_the_portal(stood: Platform, line: Line, account_id: str) -> None:
    """One of everything that the portal does with AWS."""
    place = stood.place("portal", line.engine)
    product = Product(acme(), place)
    ada, request = person("ada"), asked(name="payments-live", template="workload-prod")
    product.accounts.list(ada)
    product.accounts.verify(ada, account_id)
    product.accounts.evidence(ada, account_id)
    waiting = product.desk.submit(ada, request, "key")
    product.desk.list(ada, team="payments")
    product.desk.list(ada, states=["parked"])
    product.desk.cancel(ada, waiting.id)
    product.guardrails.why(account_id, f"arn:aws:iam::{account_id}:role/x", "s3:ListAllMyBuckets", "*", {})
    product.guardrails.apply()
    product.audit.auditor.start(person("grace"))
    product.audit.ledger.runs()


def _collect(stood: Platform, line: Line) -> None:
    place = stood.place("collector", line.engine)
    collector = make_collector(acme(), place)
    [full] = collector.collect(start=True, seconds=600)
    stood.cloud.clock.advance(86_400)
    collector.collect(start=True, seconds=600)
    reader = Product(acme(), stood.place("portal", line.engine))
    reader.audit.ledger.fetch(reader.audit.ledger.head().findings)
    assert reader.audit.sealed(full.id)


def _hear(stood: Platform, account_id: str) -> None:
    """Config, Control Tower and Organizations tell what happened since the last run."""
    listener = make_listener(acme(), stood.place("listener"))
    told = change("NON_COMPLIANT", account_id, stood.cloud.clock.now())
    heard = listener.hear(queued(told, {"source": "aws.controltower"}, {"source": "aws.organizations"}))
    assert (heard.told, len(heard.looked), heard.refused) == (1, 2, ())


def _tell(stood: Platform, line: Line) -> None:
    """A notice goes out by e-mail."""
    place = stood.place("dispatcher", line.engine)
    told = {"name": "payments-dev", "team": "payments", "account_id": "1", "ou": "Dev"}
    book = make_book(acme(), place, Table(place.aws, TABLE, stood.cloud.clock))
    book.tell(Notice("request-ready", "once", (Audience("operators"),), told))
    make_sender(stood.aws, acme())
    make_round(acme(), place, aws_channels(acme(), place.aws)).run()


def _sign_in(cloud: Cloud) -> None:
    aws = as_function(cloud, "groups")
    store = aws.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    groups = cloud.client("identitystore").list_groups(IdentityStoreId=store)["Groups"]
    assert list(Directory(aws).names([groups[0]["GroupId"]])) == [groups[0]["DisplayName"]]


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


def _is_seldom(grant: Grant) -> bool:
    return any(grant.action == action and grant.resource.endswith(end) for action, end in SELDOM)


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
