"""A newcomer's first hour in the browser: an account from the form to its findings."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.journeys.laptop import HOME, Laptop

pytestmark = pytest.mark.xdist_group("laptop")
READY_SECONDS = 120
AUDIT_SECONDS = 60
NAME = "payments-first"
BUCKET = "payments-first-open-to-all"
RULE = "s3-bucket-public-read-prohibited"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
CLOSED = dict.fromkeys(OPEN, True)


class Person:
    """Somebody at a browser of their own, signed in by the issuer's page."""

    def __init__(self, chromium: Browser, laptop: Laptop, username: str) -> None:
        self.page: Page = chromium.new_context(base_url=laptop.url).new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._note(said) if said.location["url"].startswith(laptop.url) else None)
        self.page.goto("/")
        self.page.get_by_role("main").get_by_role("link", name="Sign in").click()
        self.page.locator(f"button[value={username}]").click()

    def _note(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def ask(self, name: str) -> None:
        """Fill in the form and send it."""
        page = self.page
        page.get_by_role("link", name="Ask for an account").click()
        page.get_by_label("Name of the account").fill(name)
        page.get_by_label("What it is for").fill("try the new card switch")
        page.get_by_label("Try things out").check()
        page.get_by_label("Budget a month").fill("200")
        page.get_by_label("Data", exact=True).select_option("internal")
        page.get_by_role("button", name="Ask for this account").click()

    def watch(self) -> list[str]:
        """Look at the request's page until it says that the account is ready; gives the states it went through."""
        states: list[str] = []
        end = time.monotonic() + READY_SECONDS
        while states[-1:] != ["ready"] and time.monotonic() < end:
            shown = self.page.locator("#state .badge").inner_text()
            assert shown != "parked", self.page.locator(".notice").inner_text()
            if states[-1:] != [shown]:
                states.append(shown)
            self.page.wait_for_timeout(200)
        return states

    def audit(self) -> None:
        """Run the audit and wait until it has ended."""
        self.page.goto("/audit")
        self.page.get_by_role("button", name="Run the audit").click()
        newest = self.page.locator("tbody tr").first
        expect(newest.get_by_text("running", exact=True)).to_have_count(0, timeout=AUDIT_SECONDS * 1000)
        expect(newest.locator("[data-label=State]")).to_contain_text("succeeded")

    def failing(self, account_id: str) -> str:
        """What the findings' page says fails in the account."""
        self.page.goto(f"/findings?account={account_id}&status=fail")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("finding")
        return self.page.get_by_role("main").inner_text()


@pytest.fixture
def ada(chromium: Browser, laptop: Laptop) -> Iterator[Person]:
    """Ada, who leads payments."""
    person = Person(chromium, laptop, "ada")
    yield person
    person.page.context.close()


@pytest.fixture
def grace(chromium: Browser, laptop: Laptop) -> Iterator[Person]:
    """Grace, who approves and starts audits."""
    person = Person(chromium, laptop, "grace")
    yield person
    person.page.context.close()


def block_public_access(laptop: Laptop, account_id: str, blocks: dict[str, bool]) -> None:
    s3control: Any = laptop.client("s3control", laptop.as_role(account_id))
    s3control.meta.events.register("before-sign.s3-control", _without_account_prefix)
    s3control.put_public_access_block(AccountId=account_id, PublicAccessBlockConfiguration=blocks)


def _without_account_prefix(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


def open_bucket(laptop: Laptop, account_id: str) -> None:
    """A bucket that everybody may read."""
    s3 = laptop.client("s3", laptop.as_role(account_id))
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.delete_public_access_block(Bucket=BUCKET)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def close_bucket(laptop: Laptop, account_id: str) -> None:
    s3 = laptop.client("s3", laptop.as_role(account_id))
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=CLOSED)


def test_a_newcomer_gets_an_account_and_sees_a_hole_found_and_closed(
    laptop: Laptop, ada: Person, grace: Person
) -> None:
    ada.ask(NAME)
    states = ada.watch()
    ada.page.get_by_role("link", name="Open the account").click()
    account_id = ada.page.url.rsplit("/", 1)[1]
    account_page = ada.page.get_by_role("main").inner_text()

    assert states[-1] == "ready"
    assert {"creating", "enrolling"} <= set(states)
    assert re.search(r"all \d+ promises read back", account_page)
    assert "An account cannot leave the organisation" in account_page
    assert "PowerUserAccess" not in account_page

    grace.audit()
    assert BUCKET not in ada.failing(account_id)

    block_public_access(laptop, account_id, OPEN)
    open_bucket(laptop, account_id)
    grace.audit()
    assert BUCKET in ada.failing(account_id)
    ada.page.get_by_role("row").filter(has_text=BUCKET).filter(has_text="read").first.get_by_role("link").first.click()
    finding, finding_url = ada.page.get_by_role("main").inner_text(), ada.page.url
    assert all(told in finding for told in (RULE, BUCKET, "payments")), finding

    close_bucket(laptop, account_id)
    block_public_access(laptop, account_id, CLOSED)
    grace.audit()
    ada.page.goto(finding_url)
    changes = ada.page.get_by_role("table").filter(has_text="So since").get_by_role("row")
    expect(changes.nth(1)).to_contain_text("pass")
    assert "Account level settings" not in ada.failing(account_id)

    assert ada.complaints == []
    assert grace.complaints == []


def test_the_teams_own_role_is_held_by_a_guardrail_that_says_its_name(laptop: Laptop, ada: Person) -> None:
    ada.ask("payments-second")
    assert ada.watch()[-1] == "ready"
    ada.page.get_by_role("link", name="Open the account").click()
    account_id = ada.page.url.rsplit("/", 1)[1]

    organizations = laptop.client("organizations", laptop.as_member("ada", account_id, "AdministratorAccess"))
    with pytest.raises(ClientError) as caught:
        organizations.leave_organization()

    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "explicit deny in a service control policy" in str(caught.value)
    policy_id = str(caught.value).rsplit("/", 1)[1]
    policy = laptop.client("organizations").describe_policy(PolicyId=policy_id)["Policy"]["PolicySummary"]
    assert policy["Name"].startswith("freehold-sandbox")


def test_an_account_for_customers_waits_until_an_approver_agrees(laptop: Laptop, ada: Person, grace: Person) -> None:
    ada.page.goto("/requests/new")
    ada.page.get_by_label("Name of the account").fill("payments-shop")
    ada.page.get_by_label("What it is for").fill("card ledger")
    ada.page.get_by_label("Run a workload for customers").check()
    ada.page.get_by_label("Budget a month").fill("2500")
    ada.page.get_by_label("Data", exact=True).select_option("confidential")
    ada.page.get_by_role("button", name="Ask for this account").click()
    expect(ada.page.locator("#state")).to_contain_text("Waits for 1 approval")

    grace.page.goto("/")
    grace.page.get_by_role("link", name="payments-shop").click()
    grace.page.get_by_role("button", name="Approve").click()

    assert ada.watch()[-1] == "ready"
    expect(ada.page.get_by_role("definition").filter(has_text="1 of 1")).to_contain_text("grace")
