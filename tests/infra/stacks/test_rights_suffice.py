"""The product on the local cloud under the very policies of the stack's roles: nothing is denied, nothing is idle."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from infra.local.authorize.journal import JOURNAL
from infra.local.provision import make_sender
from infra.runtime.place import Place
from infra.runtime.product import Product
from infra.runtime.round import make_round
from infra.runtime.services import make_services
from infra.runtime.telling import aws_channels, make_book
from infra.stacks.names import Names
from infra.stacks.rights.dispatcher import dispatcher_rights
from infra.stacks.rights.portal import portal_rights
from infra.stacks.rights.right import Right
from infra.stacks.rights.workflow import workflow_rights
from tests.cloud import Cloud
from tests.guardrails.mechanisms import Later, WithEvery
from tests.vending.line import Line
from tests.vending.parts import TABLE, acme, asked, connect, person
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.table import Table
from vending.ports import Audience, Notice
from vending.requests.dispatcher import Dispatcher
from vending.requests.engine import Engine
from vending.requests.model import State
from vending.workflow.services import Services

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:SessionKey-abcdef"
NOT_HERE = {
    "lambda:CheckpointDurableExecution",
    "lambda:GetDurableExecutionState",
    "lambda:InvokeFunction",
    "lambda:SendDurableExecutionCallbackSuccess",
    "organizations:TagResource",
}
"""What the local cloud does not ask for: executions are run by the official local runner, which has its own store
(Lambda developer guide, "Security and permissions for Lambda durable functions"); tags in a call that makes something
(Organizations user guide, "Tagging, permissions for")."""
IN_DOUBT = {
    "organizations:CreatePolicy",
    "organizations:ListCreateAccountStatus",
    "sso:DescribeAccountAssignmentCreationStatus",
}
"""What the workflow calls when the quarantine's policy is gone, when no answer to CreateAccount came, or when
Identity Center is still at an assignment at the second look, which is as long as the cloud draws."""

SELDOM = {
    "controltower:ResetEnabledControl",
    "controltower:TagResource",
    "controltower:UpdateEnabledControl",
    "organizations:EnableAWSServiceAccess",
    "organizations:EnablePolicyType",
    "organizations:ListDelegatedAdministrators",
    "secretsmanager:GetSecretValue",
}
"""What the portal calls when it starts on Lambda, for a kind of policy that the organisation never had, and for a
control that was changed; and what Control Tower and Config ask for in their caller's name."""


@pytest.fixture
def names(cloud: Cloud) -> Names:
    about = cloud.client("organizations").describe_organization()["Organization"]
    return Names(about["MasterAccountId"], "eu-west-1", about["Id"])


@pytest.fixture
def line(cloud: Cloud, names: Names, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Line]:
    """A line whose worker and dispatcher have their roles' rights alone."""

    def restrict(services: Services) -> Services:
        return make_services(acme(), _place(cloud, services.engine, "workflow", workflow_rights(names)))

    line = Line(cloud, connect(cloud, monkeypatch), tmp_path, restrict)
    dispatching = make_services(acme(), _place(cloud, line.engine, "dispatcher", dispatcher_rights(names)))
    line.dispatcher = Dispatcher(dispatching.records, line.engine, cloud.clock)
    yield line
    line.stop()


def test_an_account_is_made_and_handed_over(line: Line, names: Names) -> None:
    ready = line.until_over(line.ask().id)

    assert _denied() == []
    assert (ready.state, ready.parked) == (State.READY, None)
    assert _idle("workflow", workflow_rights(names)) - NOT_HERE <= IN_DOUBT
    assert _idle("dispatcher", dispatcher_rights(names)) <= NOT_HERE | {"ses:SendEmail"}


def test_people_are_told(cloud: Cloud, line: Line, names: Names) -> None:
    place = _place(cloud, line.engine, "post", dispatcher_rights(names))
    told = {"name": "payments-dev", "team": "payments", "account_id": "1", "ou": "Dev"}
    make_book(acme(), place, Table(place.aws, TABLE, cloud.clock)).tell(
        Notice("request-ready", "once", (Audience("operators"),), told)
    )
    make_sender(line.aws, acme())

    assert make_round(acme(), place, aws_channels(acme(), place.aws)).run() == 1

    assert _denied() == []
    assert _idle("post", dispatcher_rights(names)) <= NOT_HERE


def test_people_ask_look_verify_and_govern(line: Line, names: Names, tmp_path: Path) -> None:
    ready = line.until_over(line.ask().id)
    line.cloud.client("s3").create_bucket(
        Bucket=names.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    place = _place(line.cloud, line.engine, "portal", portal_rights(names, SECRET))
    place = replace(place, bucket=names.bucket, cache=tmp_path)

    _use(place, str(ready.account_id))

    assert _denied() == []
    assert _idle("portal", portal_rights(names, SECRET)) - NOT_HERE <= SELDOM


def _use(place: Place, account_id: str) -> None:
    """One of everything that the portal does with AWS."""
    product = Product(acme(), place)
    ada, request = person("ada"), asked(name="payments-live", template="workload-prod")
    waiting = product.desk.submit(ada, request, "key")
    product.desk.list(ada, team="payments")
    product.desk.cancel(ada, waiting.id)
    product.accounts.list(ada)
    product.accounts.verify(ada, account_id)
    product.accounts.evidence(ada, account_id)
    product.guardrails.drift()
    product.guardrails.why(account_id, f"arn:aws:iam::{account_id}:role/x", "s3:ListAllMyBuckets", "*", {})
    Product(_fewer_regions(acme()), place).guardrails.apply()
    for guardrails in (WithEvery, Later, Later):
        guardrails(place.aws, acme(), place.clock, product.accounts, place.pause).apply()
    product.audit.auditor.start(person("grace"))
    product.audit.ledger.runs()


def _fewer_regions(company: Company) -> Company:
    """A company file after a change that replaces policies."""
    zone = company.landing_zone.model_copy(update={"regions": ("eu-west-1", "us-east-1")})
    return company.model_copy(update={"landing_zone": zone})


def _denied() -> list[tuple[str, str, str, str | None]]:
    refused = JOURNAL.entries(allowed=False)
    return [(entry.principal, entry.action, entry.resource, entry.message) for entry in refused]


def _idle(name: str, rights: tuple[Right, ...]) -> set[str]:
    """Actions that the role may do and did not."""
    done = {entry.action for entry in JOURNAL.entries(_arn(name), allowed=True)}
    return {action for right in rights for action in right.actions} - done


def _arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/freehold-{name}"


def _place(cloud: Cloud, engine: Engine, name: str, rights: tuple[Right, ...]) -> Place:
    def pause(seconds: float) -> None:
        cloud.clock.advance(seconds)

    return Place(_as_role(cloud, name, rights), cloud.clock, engine, TABLE, "unused", Path("unused"), pause)


def _as_role(cloud: Cloud, name: str, rights: tuple[Right, ...]) -> Aws:
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [_untagged(right).statement() for right in rights]}
    trusting = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName=f"freehold-{name}", AssumeRolePolicyDocument=trusting)
    iam.put_role_policy(RoleName=f"freehold-{name}", PolicyName="calls", PolicyDocument=json.dumps(policy))
    given = cloud.assume(_arn(name))
    session = boto3.Session(given.access_key, given.secret_key, given.token, region_name="eu-west-1")
    return Aws(session, "eu-west-1")


def _untagged(right: Right) -> Right:
    """The local cloud judges as if no resource had tags."""
    return replace(right, conditions={}) if "aws:ResourceTag" in str(right.conditions) else right
