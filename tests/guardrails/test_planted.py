"""What is planted in the catalogue is refused on the command line, in a sentence that says where."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails import catalog
from guardrails.service import Guardrails
from infra.runtime.cli import ENTRIES
from tests.cloud import Cloud
from tests.guardrails.ground import ACME, attached, unit_id
from tests.guardrails.portal import build_portal, command_line
from vending.cli import build_shell, run_shell

Plant = Callable[[str], Path]

FILE = '''"""planted: a guardrail of a company's own."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import PLATFORM, TEAM_ADMIN
from vending.core.company import Company


def build(company: Company) -> Guardrail:
    return Guardrail(
        id="planted",
        title="Planted",
        intent="A test.",
        mechanism=Mechanism.{mechanism},
        ou_classes=("sandbox",),
        frameworks=(),
        seen_as="-",
        exemption="-",
        statements=(Deny("Planted", {deny}),),
        {cases}
    )
'''
CASES = (
    'allows=(Call("it looks", PLATFORM, "sts:GetCallerIdentity"),), '
    'denies=(Call("it deletes", TEAM_ADMIN, "polly:DeleteLexicon"),),'
)
POLLY = 'actions=("polly:DeleteLexicon",)'

LOCKOUT = 'actions=("iam:*", "polly:DeleteLexicon")'
OPEN = POLLY + ', condition={"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/aws*"}}'
TAGGED = POLLY + ', condition={"StringNotEquals": {"aws:PrincipalTag/exempt": "yes"}}'
GHOST = 'actions=("polly:DeleteLexicon", "guardduty:DisableEverything")'
DEAD_KEY = POLLY + ', condition={"Null": {"ec2:MetadataTokens": "true"}}'
STRANGE_KEY = POLLY + ', condition={"Null": {"ec2:InstanceType": "true"}}'
OVERSIZED = POLLY + ', condition={"StringNotEquals": {"aws:SourceVpc": [f"vpc-{n:017x}" for n in range(450)]}}'

DEFECTS = {
    "lockout": (
        LOCKOUT,
        "iam:UpdateAssumeRolePolicy by role/freehold/break-glass (break-glass mends a role) would be denied by",
    ),
    "open exemption": (
        OPEN,
        "roles that fit arn:*:iam::*:role/aws* are exempt, but a team may call iam:AttachRolePolicy (and",
    ),
    "exemption by tag": (
        TAGGED,
        "who carries the tag exempt=yes is exempt, but a team may give it by iam:CreateRole (and 5 more",
    ),
    "ghost action": (
        GHOST,
        "ghost: Guardrail planted, statement Planted: AWS has no action guardduty:DisableEverything.",
    ),
    "ghost key": (
        DEAD_KEY,
        "ghost: Guardrail planted, statement Planted: AWS has no condition key ec2:MetadataTokens.",
    ),
    "dead key": (
        STRANGE_KEY,
        "ghost: Guardrail planted, statement Planted: none of its actions carries the condition key ec2:InstanceType.",
    ),
    "oversized": (OVERSIZED, "of planted, has 10970 characters; AWS takes 10240 in one SCP."),
}


def written(deny: str, cases: str = CASES, mechanism: str = "SCP") -> str:
    return FILE.format(deny=deny, cases=cases, mechanism=mechanism)


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Puts a file into the catalogue, for this test."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    monkeypatch.setenv("FREEHOLD_CONFIG", str(ACME))
    monkeypatch.setattr(catalog, "__path__", [*catalog.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"{catalog.__name__}.planted", raising=False)

    def write(text: str) -> Path:
        (folder / "planted.py").write_text(text)
        return folder / "planted.py"

    return write


@pytest.fixture(autouse=True)
def _uprooted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing planted is there for other tests."""
    name = f"{catalog.__name__}.planted"
    monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(catalog, "planted", None, raising=False)


def freehold(*arguments: str) -> int:
    return run_shell(build_shell(ENTRIES), ["guardrails", *arguments])


@pytest.mark.parametrize(("deny", "sentence"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_planted_defect_is_refused_offline_and_nothing_is_written(
    plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str], deny: str, sentence: str
) -> None:
    plant(written(deny))

    code = freehold("compile", "--out", str(tmp_path / "out"))

    said = capsys.readouterr().err.splitlines()
    assert code == 1
    assert any(sentence in line for line in said)
    assert said[-1] == "Nothing is written."
    assert not (tmp_path / "out").exists()


def test_testing_the_catalogue_finds_a_planted_defect_although_its_cases_hold(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(written(GHOST))

    assert freehold("test", "planted") == 1

    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "ghost",
        "4 of 4 cases of planted hold.",
    ]


@pytest.mark.parametrize("defect", ["lockout", "open exemption", "ghost action", "oversized"])
def test_a_planted_defect_stops_plan_and_apply_before_the_first_write(
    easy_cloud: Cloud,
    guardrails: Guardrails,
    plant: Plant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    defect: str,
) -> None:
    deny, sentence = DEFECTS[defect]
    plant(written(deny))

    with command_line(build_portal(guardrails), "grace", monkeypatch):
        planned, applied = freehold("plan"), freehold("apply")

    said = capsys.readouterr().err
    assert (planned, applied) == (1, 1)
    assert sentence in said
    assert not any(name.startswith("freehold") for name in attached(easy_cloud, unit_id(easy_cloud, "Sandbox")))


BAD_FILES = {
    "not Python": ("def build(:", ", line 1: invalid syntax."),
    "no guardrail": ("x = 1\n", " has no function `build`."),
    "no cases": (written(POLLY, ""), ", line 9: Guardrail.__init__() missing 2 required positional arguments"),
    "no case that must be denied": (
        written(POLLY, 'allows=(Call("it looks", PLATFORM, "sts:GetCallerIdentity"),), denies=(),'),
        ": Guardrail planted has no case that must be denied.",
    ),
    "a parameter that the company file lacks": (
        written("actions=company.guardrails.forbidden"),
        ", line 18: 'GuardrailChoices' object has no attribute 'forbidden'.",
    ),
    "an unknown operator": (
        written(POLLY + ', condition={"StringEqual": {"aws:userid": "x"}}'),
        ": statement Planted.Statement.Condition.StringEqual: there is no condition operator",
    ),
    "an RCP with NotAction": (
        written('not_actions=("s3:*",), principal="*"', mechanism="RCP"),
        ": statement Planted.Statement.NotAction: ",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_of_the_catalogue_is_refused_with_file_and_place(
    plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    path = plant(text)

    code = freehold("compile", "--out", str(tmp_path / "out"))

    first = capsys.readouterr().err.splitlines()[0]
    assert code == 2
    assert first.startswith(f"freehold: {path}{sentence}")
    assert not (tmp_path / "out").exists()
