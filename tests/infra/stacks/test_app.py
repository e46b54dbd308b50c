import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cfnlint.api import ManualArgs, lint_file

from infra.stacks import app
from tests.cloud import ACME
from tests.infra.stacks.conftest import Synthesised

ROOT = Path(__file__).parents[3]
STACKS = (
    "Organization",
    "Evidence",
    "Vending",
    "Guardrails",
    "Audit",
    "Portal",
    "Observability",
    "Forwarding",
    "Delivery",
)


def test_every_template_is_one_that_cloudformation_takes(synthesised: Synthesised) -> None:
    for template in synthesised.templates.values():
        assert lint_file(template.path, config=ManualArgs(regions=[template.stack.region])) == []


def test_synthesis_leaves_no_warning_for_whoever_deploys(synthesised: Synthesised) -> None:
    told = [
        (path.name, place, entry["data"])
        for path in synthesised.out.glob("*.metadata.json")
        for place, entries in json.loads(path.read_text()).items()
        for entry in entries
        if entry["type"] in ("aws:cdk:warning", "aws:cdk:error")
    ]

    assert len(list(synthesised.out.glob("*.metadata.json"))) == len(STACKS)
    assert told == []


def test_one_company_file_makes_every_stack_each_in_its_account(synthesised: Synthesised) -> None:
    accounts = {part: template.stack.account for part, template in synthesised.templates.items()}

    assert tuple(accounts) == STACKS
    assert [part for part, account in accounts.items() if account == "123456789012"] == ["Organization", "Forwarding"]
    assert [part for part, account in accounts.items() if account == "333333333333"] == ["Evidence"]
    assert synthesised["Forwarding"].stack.region == "us-east-1"


def test_every_finding_of_cdk_nag_that_stays_has_its_reason(synthesised: Synthesised) -> None:
    report = json.loads((synthesised.out / "validation-report.json").read_text())

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
    assert {path.name for path in tmp_path.glob("*.template.json")} == {f"Freehold{s}.template.json" for s in STACKS}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("home_region:", "home_regoin:", "home_region"),
        ("eu-central-1]", "cn-north-1]", "landing_zone.regions.2: cn-north-1 is in the partition aws-cn"),
        ("home_region: eu-west-1", "home_region: us-gov-west-1", "us-gov-west-1 is not one of the governed regions"),
        ("arn:aws:acm:eu-west-1", "arn:aws-us-gov:acm:us-gov-west-1", "aws.portal.certificate: it is in the partition"),
        ("arn:aws:acm:eu-west-1", "arn:aws:acm:us-east-1", "aws.portal.certificate: it is in us-east-1"),
        ("acm:eu-west-1:222222222222", "acm:eu-west-1:999999999999", "certificate: it is in account 999999999999"),
        ("connections:eu-west-1:222222222222", "connections:eu-west-1:999999999999", "connection: it is in account"),
        ('platform_account: "222222222222"', 'platform_account: "123456789012"', "the management_account too"),
        ('management_account: "123456789012"', "management_account: 123456789012", "aws.management_account"),
        ("organization: o-exampleorgid", "organization: acme", "aws.organization"),
        ("quarantine: Quarantine\n", "", "quarantine"),
        ("    saml_metadata: https", "    # saml_metadata: https", "aws.portal: nobody signs people in"),
        ("organization_root: r-acme", "organization_root: acme", "aws.organization_root"),
    ],
)
def test_what_is_wrong_with_a_company_file_is_told_with_its_line_and_nothing_is_synthesised(
    before: str,
    after: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = tmp_path / "company.yaml"
    broken.write_text(ACME.read_text().replace(before, after, 1))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(broken))
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path / "out"))

    code = app.main()

    told = capsys.readouterr().err
    assert code == 2
    assert said in told
    assert f"{broken}, line " in told
    assert not (tmp_path / "out").exists()


def test_a_company_file_that_says_nothing_about_aws_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = tmp_path / "company.yaml"
    start, _, rest = ACME.read_text().partition("\naws:\n")
    laptop.write_text(f"{start}\n{rest[rest.index('# Who can sign in') :]}")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(laptop))

    code = app.main()

    told = capsys.readouterr().err
    assert (code, "aws: is missing" in told) == (2, True), told


def _where(program: str) -> str:
    found = (Path(folder) / program for folder in os.environ["PATH"].split(":"))
    return str(next(path for path in found if path.exists()))
