"""Exemptions: declared in the company file, ended by AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardrails.catalog import find_guardrail, load_catalogue
from guardrails.compiler import compile_packs
from guardrails.evaluator import Denied, Kind, parse_policy
from guardrails.exemptions import tell
from guardrails.gates import check_documents
from guardrails.guardrail import Call, Guardrail
from guardrails.principals import PLATFORM
from guardrails.reminders import TEMPLATES, Reminders
from guardrails.service import Guardrails
from guardrails.trial import decide, document_of, try_guardrail
from tests.cloud import Cloud
from tests.guardrails.ground import ACME, OneTeam, make_account
from tests.guardrails.portal import build_portal, client
from tests.vending.parts import TABLE, make_table
from vending.core.aws import Aws
from vending.core.company import Company, load_company
from vending.core.errors import BadInput
from vending.core.table import Table
from vending.notices.book import NoticeBook

LAB = "444455556666"
EXEMPTION: dict[str, Any] = {
    "guardrail": "cost.big",
    "owner": "tom",
    "reason": "one week of training the ranking model",
    "ticket": "SEC-1234",
    "granted": "2026-11-01",
    "expires": "2026-12-01",
    "accounts": [LAB],
}
NOW = datetime(2026, 11, 25, tzinfo=UTC)
BEFORE, AFTER = "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"
GIANT = {"ec2:InstanceType": "p5.48xlarge", "ec2:MetadataHttpTokens": "required"}


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def company(tmp_path: Path, *exemptions: Mapping[str, Any], **choices: Any) -> Company:
    """Acme with exemptions in its file."""
    content = yaml.safe_load(ACME.read_text())
    content["guardrails"] |= {"exemptions": [EXEMPTION | dict(given) for given in exemptions], **choices}
    path = tmp_path / "freehold.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return load_company(path)


def exempted(tmp_path: Path, guardrail: str = "cost.big", **given: Any) -> Guardrail:
    catalogue = load_catalogue(company(tmp_path, {"guardrail": guardrail, **given}))
    return find_guardrail(catalogue, guardrail)


def denied(guardrail: Guardrail, principal: str, action: str, at: str, resource: str = "*", **context: str) -> bool:
    kind = Kind.RCP if guardrail.statements[0].principal else Kind.SCP
    call = Call("it", principal, action, resource, {**context, "aws:CurrentTime": at})
    return isinstance(decide(call, [parse_policy(document_of(guardrail), kind)], kind), Denied)


def test_an_exempt_account_may_until_its_day_and_then_no_more(tmp_path: Path) -> None:
    guardrail = exempted(tmp_path)
    role, instance = f"arn:aws:iam::{LAB}:role/train", f"arn:aws:ec2:eu-west-1:{LAB}:instance/*"

    assert not denied(guardrail, role, "ec2:RunInstances", BEFORE, instance, **GIANT)
    assert not denied(guardrail, role, "savingsplans:CreateSavingsPlan", BEFORE)
    assert denied(guardrail, role, "ec2:RunInstances", AFTER, instance, **GIANT)
    assert denied(guardrail, role, "savingsplans:CreateSavingsPlan", AFTER)


def test_nobody_else_is_exempt_and_the_platform_is_still(tmp_path: Path) -> None:
    guardrail = exempted(tmp_path)

    assert all(verdict.passed for verdict in try_guardrail(guardrail))
    assert denied(guardrail, "arn:aws:iam::777788889999:role/x", "savingsplans:CreateSavingsPlan", BEFORE)
    assert not denied(guardrail, PLATFORM.replace("111122223333", LAB), "savingsplans:CreateSavingsPlan", AFTER)


def test_an_exempt_role_is_exempt_alone_and_nobody_can_make_or_change_it(tmp_path: Path) -> None:
    guardrail = exempted(tmp_path, roles=["train/ranking"])
    role = f"arn:aws:iam::{LAB}:role/train/ranking"

    assert not denied(guardrail, role, "savingsplans:CreateSavingsPlan", BEFORE)
    assert denied(guardrail, role, "savingsplans:CreateSavingsPlan", AFTER)
    assert denied(guardrail, f"arn:aws:iam::{LAB}:role/ranking", "savingsplans:CreateSavingsPlan", BEFORE)
    assert denied(guardrail, f"arn:aws:iam::{LAB}:role/admin", "iam:UpdateAssumeRolePolicy", BEFORE, role)
    assert denied(guardrail, f"arn:aws:iam::{LAB}:role/admin", "iam:PassRole", BEFORE, role)


def test_documents_with_exemptions_pass_the_gates(tmp_path: Path) -> None:
    both = company(tmp_path, {"roles": ["train/ranking"]}, {"guardrail": "iam.users", "ticket": "SEC-2"})

    assert list(check_documents(compile_packs(load_catalogue(both)))) == []


def test_an_rcp_exempts_the_account_that_owns_the_resource(tmp_path: Path) -> None:
    guardrail = exempted(tmp_path, "rcp.ssec")
    header = {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"}

    def put(account: str, at: str) -> bool:
        where = {"aws:ResourceAccount": account}
        return denied(
            guardrail, "arn:aws:iam::777788889999:role/x", "s3:PutObject", at, "arn:aws:s3:::b/k", **header, **where
        )

    assert [put(LAB, BEFORE), put(LAB, AFTER), put("777788889999", BEFORE)] == [False, True, True]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ticket": ""}, r"guardrails\.exemptions\.0\.ticket"),
        ({"reason": "because"}, r"guardrails\.exemptions\.0\.reason"),
        ({"accounts": []}, r"guardrails\.exemptions\.0\.accounts"),
        ({"expires": "2027-11-01"}, r"it lasts 365 days; between 1 and 90 are allowed"),
        ({"expires": "2026-10-01"}, r"it lasts -31 days"),
        ({"roles": ["*"]}, r"guardrails\.exemptions\.0\.roles"),
    ],
)
def test_an_exemption_without_what_it_needs_is_refused_with_its_line(
    tmp_path: Path, given: Mapping[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput, match=rf"freehold\.yaml, line \d+: .*{sentence}|{sentence}"):
        company(tmp_path, given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"guardrail": "cost.bgi"}, "there is no guardrail cost.bgi"),
        ({"guardrail": "plat.roles"}, "nobody is exempt from plat.roles"),
        ({"guardrail": "acct.quarantine"}, "nobody is exempt from acct.quarantine"),
        ({"guardrail": "decl.ec2"}, "AWS could not end an exemption from it"),
        ({"guardrail": "ebs.enc"}, "AWS could not end an exemption from it"),
        ({"guardrail": "rcp.identity", "roles": ["x"]}, "an RCP, which exempts accounts that own resources, not roles"),
    ],
)
def test_what_cannot_be_exempt_is_refused(tmp_path: Path, given: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        load_catalogue(company(tmp_path, given))


def test_exemptions_are_capped_and_do_not_overlap(tmp_path: Path) -> None:
    other = {"guardrail": "iam.users", "ticket": "SEC-2"}

    with pytest.raises(BadInput, match="there are 2 exemptions; at most 1 are allowed"):
        company(tmp_path, {}, other, exemptions_at_most=1)
    with pytest.raises(BadInput, match=f"account {LAB} is exempt from cost.big by SEC-1234 already"):
        company(tmp_path, {}, {"ticket": "SEC-9"})


def test_an_exemption_says_how_long_it_lasts(tmp_path: Path) -> None:
    [exemption] = company(tmp_path, {}).guardrails.exemptions
    end = datetime(2026, 12, 1, tzinfo=UTC)

    def told(before: timedelta) -> tuple[str, int]:
        found = tell(exemption, end - before)
        return found["state"], found["days_left"]

    assert told(timedelta(days=20)) == ("active", 20)
    assert told(timedelta(days=13, hours=1)) == ("ending", 14)
    assert told(timedelta(hours=1)) == ("ending", 1)
    assert told(timedelta(0)) == ("ended", 0)


def test_on_the_cloud_an_account_is_exempt_until_the_clock_passes_the_end(
    easy_cloud: Cloud, aws: Aws, guardrails: Guardrails, tmp_path: Path
) -> None:
    lab, other = make_account(easy_cloud, "Prod", "lab"), make_account(easy_cloud, "Prod", "other")
    today = easy_cloud.clock.now().date()
    given = {"guardrail": "iam.users", "accounts": [lab], "granted": today, "expires": today + timedelta(days=30)}
    held = Guardrails(aws, company(tmp_path, given), easy_cloud.clock, OneTeam(easy_cloud), guardrails._pause)
    held.apply()

    def why(account: str) -> tuple[str, str]:
        found = held.why(account, f"arn:aws:iam::{account}:role/admin", "iam:CreateUser", "*", {})
        return found.decision, found.sentence

    assert why(lab)[0] == "allow"
    assert why(other)[0] == "deny"
    easy_cloud.clock.advance(31 * 86_400)
    decision, sentence = why(lab)
    assert decision == "deny"
    assert f"The exemption SEC-1234 ended on {today + timedelta(days=30)}." in sentence


def ending_soon(tmp_path: Path, days: int, **given: Any) -> Company:
    """Acme with one exemption that ends this many days after NOW."""
    expires = (NOW + timedelta(days=days)).date()
    return company(tmp_path, {"granted": expires - timedelta(days=60), "expires": expires, **given})


def book_of(company: Company, aws: Aws, at: datetime) -> tuple[NoticeBook, Reminders]:
    """The book of notices on that day, and who writes into it."""
    clock = Stopped(at)
    book = NoticeBook(company, Table(aws, TABLE, clock), clock, "https://freehold.acme.example", (TEMPLATES,))
    return book, Reminders(company, book, clock)


def test_its_owner_is_warned_at_14_and_at_3_days_once_each(easy_cloud: Cloud, aws: Aws, tmp_path: Path) -> None:
    make_table(easy_cloud, aws)
    acme = ending_soon(tmp_path, 20)

    def told_by(day: int) -> list[str]:
        book, reminders = book_of(acme, aws, NOW + timedelta(days=day))
        reminders.remind()
        return [letter.subject.partition(" ends ")[2] for letter in book.waiting()]

    assert told_by(5) == []
    assert told_by(6) == told_by(7) == told_by(16) == ["in 14 days (SEC-1234)"]
    assert told_by(17) == told_by(20) == ["in 14 days (SEC-1234)", "in 3 days (SEC-1234)"]


def test_the_warning_says_what_ends_when_and_for_whom(easy_cloud: Cloud, aws: Aws, tmp_path: Path) -> None:
    make_table(easy_cloud, aws)
    book, reminders = book_of(ending_soon(tmp_path, 3, roles=["train/ranking"]), aws, NOW)

    reminders.remind()

    [letter] = book.waiting()
    assert letter.subject == "The exemption from cost.big ends in 3 days (SEC-1234)"
    assert "From 2026-11-28 00:00 UTC on AWS denies again what cost.big" in letter.text
    assert "to train/ranking" in letter.text
    assert "https://freehold.acme.example/guardrails/cost.big" in letter.text
    assert [copy.address for copy in letter.deliveries] == ["tom@acme.example", "security@acme.example"]


def test_pages_and_api_show_exemptions_to_their_team_and_to_who_sees_everything(
    easy_cloud: Cloud, aws: Aws, guardrails: Guardrails, tmp_path: Path
) -> None:
    lab = make_account(easy_cloud, "Sandbox", "lab")
    today = easy_cloud.clock.now().date()
    given = {"accounts": [lab], "granted": today, "expires": today + timedelta(days=10)}
    portal = build_portal(Guardrails(aws, company(tmp_path, given), easy_cloud.clock, OneTeam(easy_cloud)))

    [shown] = client(portal, "ada").get("/api/v1/guardrails/exemptions").json()["items"]

    assert (shown["ticket"], shown["state"], shown["accounts"]) == ("SEC-1234", "ending", [lab])
    assert client(portal, "tom").get("/api/v1/guardrails/exemptions").json()["items"] == []
    for path in ("/guardrails", "/guardrails/cost.big"):
        assert "SEC-1234" in client(portal, "sam").get(path).text
        assert "SEC-1234" not in client(portal, "tom").get(path).text
