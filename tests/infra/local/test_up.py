from pathlib import Path

import pytest

from infra.local.up import mint
from infra.runtime.cli import ENTRIES
from tests.cloud import ACME, Cloud
from vending.cli import build_shell, run_shell
from vending.core.errors import NotFound


def freehold(*arguments: str) -> int:
    return run_shell(build_shell(ENTRIES), arguments)


def test_a_token_of_the_local_issuer_is_all_that_is_printed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)

    assert freehold("token", "--as", "ada") == 0

    printed = capsys.readouterr().out
    assert len(printed.split(".")) == 3
    assert printed.count("\n") == 1


def test_somebody_unknown_exits_4(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)

    assert freehold("token", "--as", "eve") == 4
    assert "knows nobody called eve" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ada", "tom", "grace", "rosa", "omar", "sam"])
def test_the_six_people_have_tokens(cloud: Cloud, name: str) -> None:
    assert mint(cloud.url, name)


def test_people_are_those_of_the_company_file(cloud: Cloud) -> None:
    with pytest.raises(NotFound) as refused:
        mint(cloud.url, "")

    assert "`people` in the company file" in refused.value.remedy


def test_where_no_issuer_answers_it_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    assert freehold("token", "--as", "ada") == 5
    told = capsys.readouterr().err
    assert "No local issuer answers at http://127.0.0.1:9" in told
    assert "make run" in told


def test_an_error_in_the_company_file_stops_start_up_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(ACME.read_text().replace("approvers: 0", "approvers: 9"))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(path))

    assert freehold("up") == 2

    told = capsys.readouterr().err
    assert f"{path}, line 51: approval.0.approvers" in told
    assert "Starting" not in told
