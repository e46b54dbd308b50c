import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cfnlint.api import ManualArgs, lint_file  # type: ignore[import-untyped]

from infra.stacks import app
from infra.stacks.deployment import read_context
from tests.cloud import ACME
from tests.infra.stacks.conftest import Synthesised

ROOT = Path(__file__).parents[3]


def test_the_template_is_one_that_cloudformation_takes(synthesised: Synthesised) -> None:
    problems = lint_file(synthesised.path, config=ManualArgs(regions=["eu-west-1"]))

    assert problems == []


def test_every_finding_of_cdk_nag_that_stays_has_its_reason(synthesised: Synthesised) -> None:
    report = json.loads((synthesised.path.parent / "validation-report.json").read_text())

    [solutions] = report["pluginReports"]

    assert (solutions["pluginName"], solutions["conclusion"]) == ("AwsSolutions", "success")
    assert solutions["violations"] == []
    assert all(len(kept["reason"]) > 20 for kept in solutions["suppressedViolations"])


def test_synthesis_needs_no_network_no_credentials_and_no_node(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    environment = {
        "PATH": "/nowhere",
        "CDK_OUTDIR": str(tmp_path),
        "FREEHOLD_CONFIG": str(ACME),
        "HOME": str(Path.home()),
    }
    alone = [_where("unshare"), "-rn", sys.executable, "-m", "infra.stacks.app"]

    done = subprocess.run(alone, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "FreeholdVending.template.json").exists()


def test_a_wrong_company_file_is_told_and_nothing_is_synthesised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "company.yaml"
    broken.write_text(ACME.read_text().replace("home_region:", "home_regoin:"))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(broken))
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path / "out"))

    code = app.main()

    assert code == 2
    assert "home_region" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_context_of_the_command_line_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_CONTEXT_JSON", '{"freehold:organization": "o-another12345"}')

    assert read_context() == {"freehold:organization": "o-another12345"}


def _where(program: str) -> str:
    found = (Path(folder) / program for folder in os.environ["PATH"].split(":"))
    return str(next(path for path in found if path.exists()))
