import re
from collections.abc import Iterator

import httpx2
import pytest

from guardrails.catalog import find_guardrail
from guardrails.pages import contribution
from guardrails.service import Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import NoAccounts, account, acme, attached, catalogue, make_account, unit_id
from tests.guardrails.portal import build_portal, client
from vending.core.aws import Aws
from vending.core.clock import SystemClock


@pytest.fixture(scope="module")
def reader() -> Iterator[httpx2.Client]:
    """Somebody who reads one page after the other of a portal that reaches no organisation."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        yield client(build_portal(Guardrails(Aws.connect("eu-west-1"), acme(), SystemClock(), NoAccounts())), "ada")


def test_the_list_links_every_guardrail(offline: Guardrails) -> None:
    page = client(build_portal(offline), "ada").get("/guardrails")

    assert page.status_code == 200
    for guardrail in catalogue():
        assert f'href="/guardrails/{guardrail.id}"' in page.text


@pytest.mark.parametrize("guardrail_id", [guardrail.id for guardrail in catalogue()])
def test_each_page_tells_how_it_is_seen_how_to_be_exempted_and_that_its_cases_hold(
    reader: httpx2.Client, guardrail_id: str
) -> None:
    guardrail = find_guardrail(catalogue(), guardrail_id)

    page = reader.get(f"/guardrails/{guardrail_id}")

    assert page.status_code == 200
    assert page.text.count("as it must be") == len(guardrail.allows) + len(guardrail.denies)
    assert "not so" not in page.text
    assert all(f"<dt>{name}</dt>" in page.text for name in guardrail.parameters)
    assert as_code(guardrail.seen_as).split("'")[0] in page.text
    assert "`" not in page.text


def as_code(text: str) -> str:
    """What is between backticks, as the page shows it."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", text)


def test_a_page_names_what_carries_the_guardrail(reader: httpx2.Client) -> None:
    rule, policy = (reader.get(f"/guardrails/{guardrail_id}").text for guardrail_id in ("d.s3", "region.allow"))

    assert "freehold-dev-prod-regulated-sandbox-" in rule
    assert "freehold-prod-3@" in policy
    assert "eu-west-1, us-east-1, eu-central-1" in policy


@pytest.mark.parametrize("path", ["/guardrails", "/guardrails/cli.login", "/guardrails/org.leave"])
def test_what_is_typed_is_shown_as_code_and_not_in_backticks(offline: Guardrails, path: str) -> None:
    assert "`" not in client(build_portal(offline), "ada").get(path).text


def test_an_unknown_guardrail_is_a_page_that_says_so(offline: Guardrails) -> None:
    page = client(build_portal(offline), "ada").get("/guardrails/org.levae", headers={"Accept": "text/html"})

    assert page.status_code == 404
    assert "There is no guardrail org.levae" in page.text


def test_the_plan_is_applied_by_a_form_of_those_who_govern(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    app = build_portal(guardrails)
    ada, grace = client(app, "ada"), client(app, "grace")

    assert 'action="/guardrails/apply"' not in ada.get("/guardrails/plan").text
    token = re.search(r'name="csrf" value="([^"]+)"', grace.get("/guardrails/plan").text)
    assert token
    assert grace.post("/guardrails/apply", data={}).status_code == 403
    done = grace.post("/guardrails/apply", data={"csrf": token[1]})

    assert (done.status_code, done.headers["location"]) == (303, "/guardrails/plan")
    assert any(name.startswith("freehold-sandbox-2@") for name in attached(easy_cloud, unit_id(easy_cloud, "Sandbox")))
    assert "what is attached is what is compiled" in grace.get("/guardrails/plan").text


def test_a_person_learns_why_a_call_is_denied(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    made = make_account(easy_cloud)
    ada = client(build_portal(guardrails), "ada")
    asked = {"account": made, "principal": f"arn:aws:iam::{made}:role/r", "action": "organizations:LeaveOrganization"}

    form = ada.get("/guardrails/why", params={"account": made})
    answer = ada.get("/guardrails/why", params=asked)
    bad = ada.get("/guardrails/why", params={**asked, "principal": "ada"})
    launch = {**asked, "action": "ec2:RunInstances", "resource": f"arn:aws:ec2:eu-west-1:{made}:instance/*"}
    depends = ada.get("/guardrails/why", params=launch)
    small = ada.get("/guardrails/why", params={**launch, "context": "ec2:InstanceType=t3.micro\n"})
    unpaired = ada.get("/guardrails/why", params={**launch, "context": "t3.micro"})

    assert "It depends" in depends.text
    assert "Guardrails let it through" in small.text
    assert (unpaired.status_code, "is no pair" in unpaired.text) == (422, True)
    assert f'value="{made}"' in form.text
    assert "org.leave" in answer.text
    assert "transfer it" in answer.text
    assert bad.status_code == 422
    assert "is no principal" in bad.text


def test_the_accounts_panel_shows_what_holds_it(offline: Guardrails) -> None:
    [panel] = contribution(offline).account_panels

    context = panel.load(account(ou="Quarantine"), acme().caller("ada", ("team-payments",)))

    assert panel.title == "Guardrails that hold this account"
    assert [guardrail.id for guardrail in context["guardrails"]] == ["acct.quarantine"]
