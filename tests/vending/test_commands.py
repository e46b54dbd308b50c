import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.runtime.cli import ENTRIES
from tests.cloud import ACME
from tests.vending.parts import person
from tests.vending.shell import Shell, file, submitted
from vending.cli import build_shell, run_shell
from vending.requests.model import Cause, State

EXAMPLES = ACME.parent / "requests"
BROKEN = Cause(code="INTERNAL_FAILURE", sentence="AWS failed.", remedy="Resume it.", who="operator")


def test_a_request_goes_from_file_to_list(shell: Shell, tmp_path: Path) -> None:
    made = shell.json("ada", "request", "submit", file(tmp_path))

    listed = shell.json("ada", "request", "list", "--team", "payments", "--state", "queued")
    shown = shell.json("ada", "request", "show", made["id"])
    _, table = shell.run("ada", "request", "show", made["id"])

    assert made["state"] == "queued"
    assert made["id"] in [item["id"] for item in listed["items"]]
    assert list(listed) == ["items"]
    assert shown["hash"] == made["hash"]
    assert made["name"] in table


def test_a_list_is_csv_too(shell: Shell, tmp_path: Path) -> None:
    id_ = submitted(shell, tmp_path)

    code, told = shell.run("ada", "request", "list", "--output", "csv")

    rows = list(csv.DictReader(io.StringIO(told)))
    assert code == 0
    assert id_ in [row["id"] for row in rows]


def test_the_same_key_makes_no_second_request(shell: Shell, tmp_path: Path) -> None:
    path = file(tmp_path)

    ids = {shell.json("ada", "request", "submit", path, "--key", path)["id"] for _ in range(2)}

    assert len(ids) == 1


def test_a_dry_run_of_any_write_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    queued = submitted(shell, tmp_path)
    waiting = submitted(shell, tmp_path, template="workload-prod")
    parked = submitted(shell, tmp_path)
    shell.portal.change(parked, state=State.PARKED, parked=BROKEN)
    patch = tmp_path / "patch.yaml"
    patch.write_text("purpose: something else\n")
    before = shell.state()

    codes = [
        shell.run(who, *arguments, "--dry-run")[0]
        for who, arguments in [
            ("ada", ("request", "submit", file(tmp_path))),
            ("ada", ("request", "cancel", queued)),
            ("ada", ("request", "edit", queued, str(patch))),
            ("grace", ("request", "approve", waiting)),
            ("grace", ("request", "reject", waiting, "--reason", "no")),
            ("omar", ("request", "resume", parked)),
            ("omar", ("apply", str(EXAMPLES))),
        ]
    ]

    assert codes == [0] * 7
    assert shell.state() == before


def test_a_plan_shows_calls_guardrails_and_who_must_agree(shell: Shell, tmp_path: Path) -> None:
    plan = shell.json("ada", "request", "plan", file(tmp_path, template="workload-prod"))

    assert plan["approvers_needed"] == 1
    assert plan["guardrails"]
    assert any("organizations:CreateAccount" in step["calls"] for step in plan["steps"])


def test_approvers_decide_and_requesters_do_not(shell: Shell, tmp_path: Path) -> None:
    first, second = (submitted(shell, tmp_path, template="workload-prod") for _ in range(2))

    refused, _ = shell.run("ada", "request", "approve", first)
    approved = shell.json("grace", "request", "approve", first)
    rejected = shell.json("rosa", "request", "reject", second, "--reason", "use the other one")

    assert refused == 3
    assert approved["state"] == "queued"
    assert (rejected["state"], rejected["reason"]) == ("rejected", "use the other one")


def test_a_request_is_edited_and_cancelled(shell: Shell, tmp_path: Path) -> None:
    id_ = submitted(shell, tmp_path)
    patch = tmp_path / "patch.json"
    patch.write_text('{"purpose": "something else"}')

    edited = shell.json("ada", "request", "edit", id_, str(patch))
    cancelled = shell.json("ada", "request", "cancel", id_)

    assert edited["purpose"] == "something else"
    assert cancelled["state"] == "cancelled"
    assert shell.run("ada", "request", "cancel", id_)[0] == 2


@pytest.mark.parametrize(
    ("who", "arguments", "state", "code"),
    [
        ("omar", ("cancel",), State.QUEUED, 0),
        ("omar", ("cancel",), State.READY, 2),
        ("grace", ("cancel",), State.QUEUED, 3),
        ("omar", ("resume",), State.PARKED, 0),
        ("omar", ("resume",), State.QUEUED, 2),
        ("grace", ("approve",), State.AWAITING_APPROVAL, 0),
        ("omar", ("approve",), State.AWAITING_APPROVAL, 3),
        ("ada", ("approve",), State.AWAITING_APPROVAL, 3),
        ("omar", ("approve", "--break-glass", "--reason", "pay day"), State.AWAITING_APPROVAL, 0),
        ("grace", ("reject", "--reason", "no"), State.CREATING, 2),
    ],
)
def test_a_dry_run_judges_rights_and_state_as_the_real_run_does(
    shell: Shell, tmp_path: Path, who: str, arguments: tuple[str, ...], state: State, code: int
) -> None:
    id_ = submitted(shell, tmp_path)
    shell.portal.change(id_, state=state)
    action, *options = arguments

    before = shell.state()

    ended, told = shell.run(who, "request", action, id_, *options, "--dry-run", "--output", "json")

    found = json.loads(told)
    assert (ended, found["allowed"]) == (code, code == 0)
    assert (found["would"], found["id"], found["state"]) == (action, id_, state.value)
    assert state.value in found["because"] or f"{who} may not" in found["because"]
    assert shell.state() == before


def test_the_glass_is_broken_with_a_reason_and_listed(shell: Shell, tmp_path: Path) -> None:
    id_ = submitted(shell, tmp_path, template="workload-prod")

    unreasoned, _ = shell.run("omar", "request", "approve", id_, "--break-glass")
    approved = shell.json("omar", "request", "approve", id_, "--break-glass", "--reason", "pay day")
    [use] = shell.json("sam", "request", "break-glass")["items"]

    assert (unreasoned, approved["state"]) == (2, "queued")
    assert (use["request_id"], use["by"], use["reason"]) == (id_, "omar", "pay day")
    assert shell.run("grace", "request", "approve", id_, "--reason", "why not")[0] == 2


def test_watching_ends_with_0_for_ready_and_1_for_parked(shell: Shell, tmp_path: Path) -> None:
    ready, parked = submitted(shell, tmp_path), submitted(shell, tmp_path)
    shell.portal.change(ready, state=State.READY)
    shell.portal.change(parked, state=State.PARKED, parked=BROKEN)

    assert shell.run("ada", "request", "watch", ready)[0] == 0
    assert shell.run("ada", "request", "watch", parked)[0] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"team": "nobody"}, "team"),
        ({"regions": ["us-west-2"]}, "regions"),
        ({"monthly_budget_usd": -1}, "monthly_budget_usd"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_with_exit_2_and_nothing_is_written(
    shell: Shell, tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    before = shell.state()

    code, told = shell.run("ada", "request", "submit", file(tmp_path, **change))

    assert (code, told) == (2, "")
    assert f"freehold: {field}:" in shell.said
    assert shell.state() == before


def test_a_name_that_is_taken_exits_2(shell: Shell, tmp_path: Path) -> None:
    path = file(tmp_path)
    shell.run("ada", "request", "submit", path)

    code, _ = shell.run("ada", "request", "submit", path)

    assert code == 2
    assert "exists already" in shell.said


@pytest.mark.parametrize("content", [b"[1, 2]", b"team: [", b"\xff\xfe", b""])
def test_a_file_that_is_no_request_exits_2_and_is_named(shell: Shell, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)

    code, _ = shell.run("ada", "request", "submit", str(path))

    assert code == 2
    assert str(path) in shell.said


@pytest.mark.parametrize("command", ["show", "cancel", "approve", "resume", "watch"])
def test_what_does_not_exist_or_is_not_yours_exits_4(shell: Shell, tmp_path: Path, command: str) -> None:
    others = submitted(shell, tmp_path)

    assert shell.run("ada", "request", command, "req-nothing")[0] == 4
    assert shell.run("tom", "request", command, others)[0] == 4


def test_accounts_are_listed_shown_and_read_back(shell: Shell, tmp_path: Path) -> None:
    account_id = shell.portal.make_account(submitted(shell, tmp_path))

    listed = shell.json("ada", "account", "list", "--team", "payments")
    shown = shell.json("ada", "account", "show", account_id)
    code, told = shell.run("ada", "account", "verify", account_id, "--output", "json")

    assert account_id in [item["account_id"] for item in listed["items"]]
    assert (shown["account_id"], shown["team"]) == (account_id, "payments")
    assert code == 1
    assert {item["holds"] for item in json.loads(told)["items"]} >= {"yes", "no"}
    assert shell.run("tom", "account", "show", account_id)[0] == 4


def test_without_a_token_nobody_is_signed_in(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEHOLD_TOKEN", raising=False)

    assert run_shell(build_shell(ENTRIES), ["request", "list"]) == 3
    monkeypatch.setenv("FREEHOLD_TOKEN", "no token at all")
    assert run_shell(build_shell(ENTRIES), ["request", "list"]) == 3


def test_a_sound_company_file_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_shell(build_shell(ENTRIES), ["config", "check", str(ACME)]) == 0

    assert "is sound: 6 teams, 4 templates" in capsys.readouterr().err


def test_an_error_in_the_company_file_exits_2_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(ACME.read_text().replace("lead: ada", "leed: ada"))

    assert run_shell(build_shell(ENTRIES), ["config", "check", str(path)]) == 2

    told = capsys.readouterr().err
    assert f"{path}, line 65: teams.payments.leed is not a key here" in told.replace(": is", " is")
    assert "Did you mean `lead`?" in told


def test_a_wrong_variable_exits_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FREEHOLD_PORT", "http")

    assert run_shell(build_shell(ENTRIES), ["request", "list"]) == 2
    assert "FREEHOLD_PORT" in capsys.readouterr().err


def test_the_schema_of_the_company_file_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_shell(build_shell(ENTRIES), ["config", "schema"]) == 0

    assert "teams" in json.loads(capsys.readouterr().out)["properties"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_example_request_can_be_asked_for(shell: Shell, path: Path) -> None:
    team = yaml.safe_load(path.read_text())["team"]
    lead = shell.portal.services.company.teams[team].lead

    assert shell.json(lead, "request", "plan", str(path))["hash"]


def test_evidence_is_checked_offline_with_the_published_key(shell: Shell, tmp_path: Path) -> None:
    account_id = shell.portal.make_account(submitted(shell, tmp_path))
    code, unsigned = shell.run("sam", "account", "evidence", account_id, "--output", "json")
    _, kept = shell.run("ada", "account", "verify", account_id, "--output", "json")
    _, pem = shell.run("sam", "account", "signing-key")
    evidence, key, forged = tmp_path / "evidence.json", tmp_path / "key.pem", tmp_path / "forged.json"
    evidence.write_text(kept)
    key.write_text(pem)
    forged.write_text(kept.replace('"off"', '"on"'))

    assert (code, json.loads(unsigned)["signature"]) == (1, None)
    assert shell.run("sam", "account", "check-evidence", str(evidence), "--key", str(key))[0] == 0
    assert f"of account {account_id}" in shell.said
    assert shell.run("sam", "account", "check-evidence", str(forged), "--key", str(key))[0] == 1
    assert "was changed after it was signed" in shell.said
    assert shell.run("sam", "account", "check-evidence", str(key), "--key", str(key))[0] == 2


def test_reading_an_account_dry_keeps_nothing(shell: Shell, tmp_path: Path) -> None:
    account_id = shell.portal.make_account(submitted(shell, tmp_path))
    before = shell.portal.accounts.evidence(person("sam"), account_id)

    read = shell.run("ada", "account", "verify", account_id, "--dry-run", "--output", "json")[1]

    assert json.loads(read)["taken_at"] != before.model_dump(mode="json")["taken_at"]
    assert shell.portal.accounts.evidence(person("sam"), account_id) == before
    assert shell.run("tom", "account", "verify", account_id, "--dry-run")[0] == 4
