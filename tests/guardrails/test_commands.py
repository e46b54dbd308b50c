import json
from pathlib import Path

import pytest

from infra.runtime.cli import ENTRIES
from tests.guardrails.ground import ACME, catalogue, deny, documents, policy
from vending.cli import build_shell, run_shell


@pytest.fixture(autouse=True)
def acme_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_CONFIG", str(ACME))


def freehold(*arguments: str) -> int:
    return run_shell(build_shell(ENTRIES), ["guardrails", *arguments])


def test_list_has_every_guardrail(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("list", "--output", "json") == 0

    items = json.loads(capsys.readouterr().out)["items"]
    assert [item["id"] for item in items] == [guardrail.id for guardrail in catalogue()]


def test_list_is_printed_as_csv_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("list", "--output", "csv") == 0

    assert len(capsys.readouterr().out.splitlines()) == len(catalogue()) + 1


def test_show_prints_one_guardrail(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("show", "org.leave", "--output", "json") == 0

    assert json.loads(capsys.readouterr().out)["mechanism"] == "SCP"


def test_show_of_an_unknown_guardrail_exits_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("show", "org.levae") == 4

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no guardrail org.levae" in captured.err


def test_test_tries_every_case_and_says_how_many_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("test", "--output", "json") == 0

    captured = capsys.readouterr()
    rows = json.loads(captured.out)["items"]
    assert all(row["passed"] for row in rows)
    assert f"{len(rows)} of {len(rows)} cases of {len(catalogue())} guardrails hold." in captured.err


def test_compile_writes_one_file_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("compile", "--out", str(tmp_path / "out"), "--output", "json") == 0

    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert written == {f"{document.name}.json": document.content for document in documents()}
    assert len(json.loads(capsys.readouterr().out)["items"]) == len(documents())


def test_compile_with_dry_run_writes_nothing(tmp_path: Path) -> None:
    assert freehold("compile", "--out", str(tmp_path / "out"), "--dry-run") == 0

    assert not (tmp_path / "out").exists()


def test_compile_into_a_file_exits_2_and_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert freehold("compile", "--out", str(tmp_path / "file")) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


CASE = {
    "id": "1",
    "levels": [[{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]],
    "principal": "arn:aws:iam::111122223333:role/r",
    "action": "s3:GetObject",
    "resource": "*",
}


def test_evaluate_answers_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cases.jsonl").write_text(json.dumps(CASE) + "\n")

    assert freehold("evaluate", str(tmp_path / "cases.jsonl")) == 0

    [line] = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert (answer["id"], answer["decision"], answer["because"], answer["missing"]) == ("1", "allow", None, [])


def test_evaluate_exits_2_after_the_other_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = json.dumps(CASE).encode()
    (tmp_path / "cases.jsonl").write_bytes(b"{\r\n" + case.replace(b"s3:", b"\xff:") + b"\r\n" + case + b"\r\n")

    assert freehold("evaluate", str(tmp_path / "cases.jsonl")) == 2

    bad, binary, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert bad["id"] is None
    assert "error" in bad
    assert binary["error"] == "line 2: not UTF-8 text; save it as UTF-8"
    assert good["decision"] == "allow"


def test_pack_prints_documents_with_their_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(policy(deny("A", ["s3:GetObject"], ["*"])))

    assert freehold("pack", str(tmp_path / "a.json"), "--kind", "scp") == 0

    [document] = json.loads(capsys.readouterr().out)["documents"]
    assert set(document) == {"name", "content", "size"}
    assert document["size"] == len(document["content"])
    assert json.loads(document["content"])["Statement"] == [deny("A", "s3:GetObject")]


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        ("{", "scp", "bad.json: not valid JSON"),
        (policy({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Principal": "*"}), "rcp", "NotAction"),
        (policy(deny("S", "s3:*")), "tag", "'tag' is no kind of policy"),
    ],
)
def test_pack_refuses_a_bad_file_with_exit_2_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, kind: str, sentence: str
) -> None:
    (tmp_path / "bad.json").write_text(content)

    assert freehold("pack", str(tmp_path / "bad.json"), "--kind", kind) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err


def test_what_needs_a_portal_says_that_a_token_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FREEHOLD_TOKEN", raising=False)

    assert freehold("plan") == 3
    assert "FREEHOLD_TOKEN is not set" in capsys.readouterr().err


def test_exemptions_are_listed_and_one_that_has_ended_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = (
        "exemptions: [{guardrail: cost.big, owner: tom, reason: a week of training, ticket: SEC-1, "
        "granted: 2020-01-01, expires: 2020-01-08, accounts: ['444455556666']}]"
    )
    path = tmp_path / "freehold.yaml"
    path.write_text(ACME.read_text().replace("exemptions: []", ended))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(path))

    assert freehold("exemptions", "--output", "json") == 1

    printed = capsys.readouterr()
    [found] = json.loads(printed.out)["items"]
    assert (found["ticket"], found["state"], found["days_left"]) == ("SEC-1", "ended", 0)
    assert "remove them from the company file" in printed.err
