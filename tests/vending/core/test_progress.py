import pytest

from vending.core.progress import Progress, Silent


def test_nobody_is_told_anything(capsys: pytest.CaptureFixture[str]) -> None:
    progress: Progress = Silent()

    progress.begin("accounts", 3)
    progress.advance("accounts")

    assert capsys.readouterr() == ("", "")
