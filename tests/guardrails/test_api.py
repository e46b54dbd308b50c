import json

import pytest

from guardrails.service import Guardrails
from infra.runtime.cli import ENTRIES
from tests.cloud import Cloud
from tests.guardrails.ground import attach, attached, catalogue, deny, documents, make_account, policy, unit_id
from tests.guardrails.portal import build_portal, client, command_line
from vending.cli import build_shell, run_shell

API = "/api/v1/guardrails"


def test_everybody_signed_in_reads_the_catalogue_page_by_page(offline: Guardrails) -> None:
    ada = client(build_portal(offline), "ada")

    first = ada.get(API, params={"limit": 10}).json()
    second = ada.get(API, params={"limit": 100, "cursor": first["next"]}).json()

    assert first["limit"] == 10
    assert [item["id"] for item in first["items"] + second["items"]] == [g.id for g in catalogue()]
    assert second["next"] is None


def test_one_guardrail_has_the_fields_of_the_contract(offline: Guardrails) -> None:
    found = client(build_portal(offline), "ada").get(f"{API}/region.allow").json()

    wanted = {"id", "title", "intent", "mechanism", "ou_classes", "frameworks", "parameters", "cases"}
    assert wanted <= set(found)
    assert found["parameters"]["regions"] == ["eu-west-1", "us-east-1", "eu-central-1"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing.here", 404), ("?cursor=%C3%A9", 422), ("?cursor=abc", 422), ("?limit=0", 422)],
)
def test_what_is_not_there_or_not_understood_is_a_problem(offline: Guardrails, path: str, status: int) -> None:
    answer = client(build_portal(offline), "ada").get(API + path)

    assert answer.status_code == status
    assert answer.json()["remedy"]


def test_nobody_reads_without_signing_in(offline: Guardrails) -> None:
    assert client(build_portal(offline), "nobody").get(API).status_code == 401


def test_a_case_is_judged_as_a_line_is(offline: Guardrails) -> None:
    case = {
        "levels": [[json.loads(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))], []],
        "principal": "arn:aws:iam::111122223333:role/r",
        "action": "s3:GetObject",
        "resource": "*",
    }
    ada = client(build_portal(offline), "ada")

    answer = ada.post(f"{API}/evaluate", json=case).json()
    wrongs: tuple[dict[str, object], ...] = (
        {"action": "nothing"},
        {"id": "\ud800"},
        {"id": float("nan")},
        {"levels": [[{"Statement": []}]]},
        {"levels": None},
        {"context": {"a": {"b": 1}}},
        {"management_account": "x"},
        {"more": 1},
    )
    bad = [ada.post(f"{API}/evaluate", content=json.dumps({**case, **wrong})).status_code for wrong in wrongs]

    assert (answer["decision"], answer["because"]["level"]) == ("deny", 1)
    assert set(bad) == {422}


@pytest.mark.parametrize(
    "wrong", [{"principal": "\ud800"}, {"context": {"aws:RequestedRegion": "\ud800"}}, {"more": 1}]
)
def test_a_question_that_is_not_understood_is_refused(offline: Guardrails, wrong: dict[str, object]) -> None:
    question = {"account": "111122223333", "principal": "arn:aws:iam::111122223333:root", "action": "s3:GetObject"}

    answer = client(build_portal(offline), "sam").post(f"{API}/why", content=json.dumps({**question, **wrong}))

    assert answer.status_code == 422


def test_only_those_who_govern_apply(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    app = build_portal(guardrails)

    for username in ("ada", "omar", "sam"):
        refused = client(app, username).post(f"{API}/apply")
        assert (refused.status_code, "Ask an approver" in refused.json()["remedy"]) == (403, True)
    assert not any(name.startswith("freehold") for name in attached(easy_cloud, unit_id(easy_cloud, "Sandbox")))

    done = client(app, "grace").post(f"{API}/apply")
    made = [step for step in done.json()["steps"] if step["act"] in ("create", "attach")]
    assert (done.status_code, len(made)) == (200, 2 * len(documents()))


def test_a_team_asks_why_for_its_own_accounts_alone(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    guardrails.apply()
    account = make_account(easy_cloud)
    question = {
        "account": account,
        "principal": f"arn:aws:iam::{account}:role/payments-admin",
        "action": "organizations:LeaveOrganization",
    }
    app = build_portal(guardrails)

    own = client(app, "ada").post(f"{API}/why", json=question).json()
    other = client(app, "tom").post(f"{API}/why", json=question)
    bad = client(app, "ada").post(f"{API}/why", json={**question, "principal": "ada"})

    assert (own["decision"], own["guardrail"]) == ("deny", "org.leave")
    assert other.status_code == 404
    assert bad.status_code == 422


def test_a_plan_that_fails_a_gate_is_a_conflict_when_applied(easy_cloud: Cloud, guardrails: Guardrails) -> None:
    attach(easy_cloud, unit_id(easy_cloud, "Dev"), "their-scp", policy(deny("Theirs", "iam:*")))
    grace = client(build_portal(guardrails), "grace")

    plan = grace.get(f"{API}/plan").json()
    refused = grace.post(f"{API}/apply")

    assert {objection["gate"] for objection in plan["objections"]} == {"lockout"}
    assert refused.status_code == 409
    assert "Theirs of their-scp" in refused.json()["detail"]


def test_the_command_line_plans_applies_and_explains(
    easy_cloud: Cloud, guardrails: Guardrails, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def freehold(*arguments: str) -> int:
        return run_shell(build_shell(ENTRIES), ["guardrails", *arguments])

    account = make_account(easy_cloud)
    why = ("why", "--account", account, "--principal", f"arn:aws:iam::{account}:role/r", "--output", "json")
    with command_line(build_portal(guardrails), "grace", monkeypatch):
        assert freehold("drift") == 1
        assert freehold("plan") == 0
        assert freehold("apply", "--dry-run") == 0
        assert freehold("drift") == 1
        assert freehold("apply") == 0
        assert freehold("drift", "--output", "json") == 0
        capsys.readouterr()

        assert freehold(*why, "--action", "organizations:LeaveOrganization") == 1
        assert json.loads(capsys.readouterr().out)["guardrail"] == "org.leave"
        assert freehold(*why, "--action", "ec2:RunInstances", "--context", "aws:RequestedRegion=eu-west-1") == 0
        assert freehold(*why, "--action", "ec2:RunInstances", "--context", "aws:RequestedRegion") == 2
        assert freehold("why", "--account", "lab", "--principal", "*", "--action", "s3:GetObject") == 2
        assert "'lab' is no account id" in capsys.readouterr().err

        attach(easy_cloud, unit_id(easy_cloud, "Dev"), "their-scp", policy(deny("Theirs", "iam:*")))
        capsys.readouterr()
        assert freehold("plan") == 1
        assert "denied by statement Theirs of their-scp" in capsys.readouterr().err
        assert freehold("apply") == 1
