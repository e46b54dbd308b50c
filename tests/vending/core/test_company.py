from pathlib import Path

import pytest

from tests.cloud import ACME
from vending.core.company import load_company
from vending.core.errors import BadInput
from vending.core.identity import Role


def with_change(tmp_path: Path, old: str, new: str) -> Path:
    text = ACME.read_text()
    assert old in text
    path = tmp_path / "company.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_example_is_a_sound_company_file() -> None:
    company = load_company(ACME)

    assert set(company.teams) == {"payments", "ledger", "search", "data-platform", "mobile", "growth"}
    assert company.ou_of("workload-prod") == "Prod"
    assert company.class_of("Regulated") == "regulated"
    assert company.class_below(("Root", "Regulated", "Cards", "Test")) == "regulated"
    assert company.class_below(("Root", "Regulated", "Dev")) == "dev"
    assert company.class_below(("Root", "Security", "Logs")) is None


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "remedy"),
    [
        ("lead: ada", "leed: ada", 65, "teams.payments.leed", "Did you mean `lead`?"),
        ("landing_zone:", "landing_zon:", 5, "landing_zon", "Did you mean `landing_zone`?"),
        ("approvers: 0", "approvers: 9", 51, "approval.0.approvers", "`freehold config schema`"),
        ("home_region: eu-west-1", "home_region: eu-west-9", 7, "landing_zone.home_region", "`landing_zone.regions`"),
        ("ou_class: dev", "ou_class: devv", 31, "templates.workload-dev.ou_class", "Did you mean 'dev'?"),
        ("ou_classes: [regulated]", "ou_classes: [regulate]", 53, "approval.1.ou_classes", "Did you mean 'regulated'?"),
        ("email: payments@acme", "email: payments-at-acme", 65, "teams.payments.email", "like team@example.com"),
        ("aws+{id}@", "aws+{uuid}@", 11, "email", "{id}, {name} or {team}"),
        ("aws+{id}@", "aws@", 11, "email", "{id} or {name}"),
        ("kind: control-tower", "kind: organizations", 5, "landing_zone", "Name a bucket of the log archive"),
        (
            "kind: control-tower",
            "kind: control-tower\n  log_bucket: mine",
            7,
            "landing_zone.log_bucket",
            "`kind: organizations`",
        ),
        ("kind: control-tower", "kind: organizations\n  log_bucket: M!", 7, "landing_zone.log_bucket", "like acme-"),
        ("  search:\n", "  payments:\n", 68, "teams.payments", "Keep one of the two"),
        ("[eu-west-1, us-east-1", "[eu-west-1, eu-west-1", 8, "landing_zone.regions.1", "Take one of them out"),
        ("  dev: Dev", "  dev: Sandbox", 16, "ou_classes.dev", "an OU of its own"),
        ('form_account: "222222222222"', "form_account: 222", 135, "aws.platform_account", 'like "123456789012"'),
        ("accounts.acme.example", "https://accounts", 139, "aws.portal.domain", "like accounts.example.com"),
        ("days: 90", "days: soon", 28, "templates.sandbox.days", "schema"),
        ("contacts:\n", "contacts: []\nx:\n", 103, "x", "Known keys"),
        ("kind: control-tower", "kind: none", 6, "landing_zone.kind", "schema"),
    ],
)
def test_a_wrong_key_names_itself_its_line_and_the_way_out(
    tmp_path: Path, old: str, new: str, line: int, key: str, remedy: str
) -> None:
    path = with_change(tmp_path, old, new)

    with pytest.raises(BadInput) as refused:
        load_company(path)

    first = refused.value.errors[0]
    assert f"line {line}: {key}" in first.field
    assert remedy in first.remedy


def test_text_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = with_change(tmp_path, "  - name: everything else", "  - name: [everything")

    with pytest.raises(BadInput, match=r"line \d+: this is no YAML"):
        load_company(path)


@pytest.mark.parametrize("content", [b"- a\n- b\n", b"", b"\xff\xfe"])
def test_a_file_that_is_no_mapping_of_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "company.yaml"
    path.write_bytes(content)

    with pytest.raises(BadInput):
        load_company(path)


def test_a_missing_file_says_how_to_name_another() -> None:
    with pytest.raises(BadInput) as refused:
        load_company(Path("/nowhere/freehold.yaml"))

    assert "FREEHOLD_CONFIG" in refused.value.remedy


def test_the_last_approval_rule_must_fit_every_request(tmp_path: Path) -> None:
    path = with_change(tmp_path, "  - name: everything else\n", "  - name: the rest\n    ou_classes: [prod]\n")

    with pytest.raises(BadInput, match="must fit every request"):
        load_company(path)


def test_groups_give_a_caller_teams_and_roles() -> None:
    company = load_company(ACME)

    ada = company.caller("ada", ("team-payments",))
    grace = company.caller("grace", ("platform-approvers", "unknown-group"))

    assert ada.teams == {"payments"}
    assert ada.roles == {Role.REQUESTER}
    assert grace.roles == {Role.APPROVER}
    assert not grace.teams
