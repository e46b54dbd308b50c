"""One account, made by the whole line, seen from everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.vending.line import Line
from tests.vending.parts import acme, asked, connect, person
from vending.core.chain import Head, flaws
from vending.core.company import Company
from vending.core.verification import check
from vending.notices.book import TEMPLATES, NoticeBook
from vending.requests.herald import Herald
from vending.requests.model import Request, State, StepState
from vending.workflow.line import planned


@dataclass(frozen=True)
class Ready:
    """A line that has made one account."""

    line: Line
    request: Request

    @property
    def account_id(self) -> str:
        return str(self.request.account_id)


@pytest.fixture(scope="module")
def ready(running_cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    running_cloud.reset()
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder: Path = tmp_path_factory.mktemp("executions")
        line = Line(running_cloud, connect(running_cloud, monkeypatch), folder)
        yield Ready(line, line.until_over(line.ask().id))
        line.stop()


def test_a_sandbox_is_made_without_anybody_s_approval(ready: Ready) -> None:
    assert (ready.request.state, ready.request.parked, ready.request.approvals) == (State.READY, None, ())
    assert (ready.request.position, ready.request.eta, ready.request.waiting_for) == (None, None, None)


def test_aws_has_exactly_one_account_of_the_request(ready: Ready) -> None:
    [account] = ready.line.accounts_of(ready.request.id)

    assert (account["Id"], account["Email"]) == (ready.account_id, ready.request.email)
    assert account["Name"] == ready.request.name


def test_every_step_of_the_plan_was_taken_and_ended(ready: Ready) -> None:
    taken = {entry.step for entry in ready.request.timeline}
    settings = "Put the baseline's settings in place"

    assert {step.step for step in planned(acme())} - taken == {settings}
    assert {entry.state for entry in ready.request.timeline} == {StepState.DONE}
    assert all(entry.ended_at and entry.started_at <= entry.ended_at for entry in ready.request.timeline)


def test_it_is_in_its_ou_under_its_guardrails_and_not_in_quarantine(ready: Ready) -> None:
    organizations = ready.line.cloud.client("organizations")
    parent = organizations.list_parents(ChildId=ready.account_id)["Parents"][0]["Id"]

    def policies(target: str) -> set[str]:
        answer = organizations.list_policies_for_target(TargetId=target, Filter="SERVICE_CONTROL_POLICY")
        return {policy["Name"] for policy in answer["Policies"]}

    unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]
    assert unit["Name"] == "Sandbox"
    assert any(name.startswith("freehold-") for name in policies(parent))
    assert policies(ready.account_id) == {"FullAWSAccess"}


def test_every_promise_was_read_back_and_holds(ready: Ready) -> None:
    evidence = ready.line.accounts.evidence(person("ada"), ready.account_id)

    promised = ready.line.baseline.describe(ready.line.records.get(ready.request.id).new_account(_company(ready)))
    assert evidence.missing == ()
    assert {promise.id for promise in promised} < {item.id for item in evidence.items}


def test_the_account_is_its_team_s_with_everything_that_was_asked_for(ready: Ready) -> None:
    account = ready.line.accounts.show(person("ada"), ready.account_id)

    body = asked()
    assert (account.team, account.state, account.ou) == ("payments", "active", "Sandbox")
    assert (account.monthly_budget_usd, account.tags) == (body["monthly_budget_usd"], body["tags"])
    assert account.baseline_version == ready.line.baseline.version
    assert account.ends_at is not None


def test_the_team_s_group_has_its_role_in_it(ready: Ready) -> None:
    roles = ready.line.cloud.session(ready.account_id).client("iam").list_roles()["Roles"]

    access = _company(ready).templates["sandbox"].access
    assert [r for r in roles if r["RoleName"].startswith(f"AWSReservedSSO_{access}_")]


def test_the_log_tells_the_whole_story_and_is_whole(ready: Ready) -> None:
    told = [entry.what for entry in ready.line.table.log() if entry.subject == ready.request.id]

    assert told[0] == "requested"
    assert told.index("asking AWS") < told.index("account made") < told.index("ready")
    assert list(flaws(ready.line.table.log(), Head(*ready.line.table.head()))) == []


def test_nothing_of_the_request_is_open_any_more(ready: Ready) -> None:
    assert ready.line.records.open() == ()
    assert ready.line.dispatcher.tick() == 0


def test_what_is_switched_off_later_is_found_when_it_is_read_again(ready: Ready) -> None:
    ec2 = ready.line.cloud.session(ready.account_id).client("ec2")
    ec2.disable_ebs_encryption_by_default()

    broken = ready.line.accounts.verify(person("omar"), ready.account_id)
    ec2.enable_ebs_encryption_by_default()
    mended = ready.line.accounts.verify(person("omar"), ready.account_id)

    assert [item.id for item in broken.missing] == ["ebs.enc/eu-west-1"]
    assert mended.missing == ()


def _company(ready: Ready) -> Company:
    return ready.line.services.company


def test_its_team_is_told_once_that_it_is_ready(ready: Ready) -> None:
    line, company = ready.line, _company(ready)
    book = NoticeBook(company, line.table, line.cloud.clock, "https://freehold.acme.example", (TEMPLATES,))

    for _ in range(2):
        Herald(company, line.table, line.records, book).tell()

    [letter] = book.page(person("ada")).items
    assert letter.subject == f"{ready.request.name} is ready"
    assert f"/accounts/{ready.account_id}" in letter.text


def test_what_was_read_back_is_signed(ready: Ready) -> None:
    evidence = ready.line.accounts.evidence(person("ada"), ready.account_id)

    assert evidence.signature
    check(evidence.content, evidence.signature, ready.line.services.signer.public_key)
