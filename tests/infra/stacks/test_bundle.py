import hashlib
import zipfile
from pathlib import Path

import pytest

from infra.stacks.bundle import ENTRIES, Contents, WheelsMissing, build, collect
from tests.cloud import ACME


@pytest.fixture
def no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all pip knows."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_workflow_s_bundle_holds_what_it_imports_and_no_more() -> None:
    contents = collect(ENTRIES["workflow"], ACME)

    assert {"infra/runtime/lambdas/workflow.py", "vending/workflow/vend.py", "company.yaml"} <= set(contents.files)
    assert "guardrails/catalog/ebs_enc.py" in contents.files, "the catalogue loads its files by name"
    assert not any(name.startswith(("audit/", "infra/local/", "infra/stacks/")) for name in contents.files)
    assert {"boto3", "pydantic", "aws-durable-execution-sdk-python"} <= _names(contents)
    assert not _names(contents) & {"fastapi", "duckdb", "moto", "aws-cdk-lib", "uvicorn", "rich"}


def test_the_portal_s_bundle_brings_templates_styles_and_what_runs_beside_it() -> None:
    contents = collect(ENTRIES["portal"], ACME)

    assert {"vending/templates/request.html", "vending/web/static/freehold.css"} <= set(contents.files)
    assert "audit/query/child.py" in contents.files, "it is started as a process of its own"
    assert {"fastapi", "mangum", "duckdb", "jinja2"} <= _names(contents)


def test_every_distribution_is_pinned_with_its_hashes_and_without_a_marker() -> None:
    for entry in ENTRIES.values():
        for pin in collect(entry, ACME).pins:
            assert "--hash=sha256:" in pin
            assert ";" not in pin


def test_another_company_file_is_another_bundle(tmp_path: Path) -> None:
    other = tmp_path / "company.yaml"
    other.write_text(ACME.read_text() + "\n")

    before, after = collect(ENTRIES["dispatcher"], ACME), collect(ENTRIES["dispatcher"], other)

    assert before.digest == collect(ENTRIES["dispatcher"], ACME).digest
    assert before.digest != after.digest


def test_the_same_contents_are_the_same_bytes(no_index: Path, tmp_path: Path) -> None:
    contents = Contents({"vending/own.py": ACME}, (_make_wheel(no_index),))

    first = build(contents, tmp_path / "first")
    second = build(contents, tmp_path / "second")

    assert first.read_bytes() == second.read_bytes()
    about = ["tiny-1.0.dist-info/METADATA", "tiny-1.0.dist-info/WHEEL"]
    assert zipfile.ZipFile(first).namelist() == [*about, "tiny/__init__.py", "vending/own.py"]


def test_a_bundle_is_made_once(no_index: Path, tmp_path: Path) -> None:
    contents = Contents({"own.py": ACME}, (_make_wheel(no_index),))
    made = build(contents, tmp_path / "cache").stat().st_mtime_ns

    (no_index / "tiny-1.0-py3-none-any.whl").unlink()

    assert build(contents, tmp_path / "cache").stat().st_mtime_ns == made


def test_a_wheel_that_cannot_be_had_is_told_with_the_way_out(no_index: Path, tmp_path: Path) -> None:
    contents = Contents({"own.py": ACME}, ("absent==1.0 --hash=sha256:" + "0" * 64 + "\n",))

    with pytest.raises(WheelsMissing) as raised:
        build(contents, tmp_path / "cache")

    assert "absent==1.0" in raised.value.sentence
    assert "package index" in raised.value.remedy


def test_a_wheel_with_another_hash_is_refused(no_index: Path, tmp_path: Path) -> None:
    _make_wheel(no_index)
    contents = Contents({"own.py": ACME}, ("tiny==1.0 --hash=sha256:" + "0" * 64 + "\n",))

    with pytest.raises(WheelsMissing):
        build(contents, tmp_path / "cache")


def _make_wheel(folder: Path) -> str:
    """A wheel with a script, which no bundle takes; answers its pin."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny/__init__.py", "x = 1\n")
        wheel.writestr("tiny-1.0.data/scripts/tiny", "#!python\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    return f"tiny==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _names(contents: Contents) -> set[str]:
    return {pin.partition("==")[0] for pin in contents.pins}
