from pathlib import Path

import pytest

from vending.core.errors import BadInput
from vending.core.settings import Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FREEHOLD_{name.upper()}", raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = Settings()

    assert (settings.port, settings.cloud_port, settings.speed) == (8080, 8081, 60.0)
    assert settings.config == Path("examples/acme/freehold.yaml")
    assert settings.portal_url == "http://127.0.0.1:8080"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_PORT", "9000")
    here = Settings().portal_url
    monkeypatch.setenv("FREEHOLD_URL", "https://freehold.acme.example/")

    assert here == "http://127.0.0.1:9000"
    assert Settings().portal_url == "https://freehold.acme.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FREEHOLD_PORT", "http"),
        ("FREEHOLD_PORT", "0"),
        ("FREEHOLD_CLOUD_PORT", "65536"),
        ("FREEHOLD_SPEED", "0"),
        ("FREEHOLD_SPEED", "fast"),
    ],
)
def test_a_value_of_another_kind_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadInput) as refused:
        Settings()

    [error] = refused.value.errors
    assert error.field == name
    assert repr(value) in error.reason


def test_a_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_TOKEN", "hunter2")

    assert "hunter2" not in repr(Settings())
