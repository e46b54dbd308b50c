import pytest

from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.meaning import AGAIN, FOLDER, meaning
from tests.infra.stacks.test_app import STACKS


@pytest.mark.parametrize("part", STACKS)
def test_each_template_means_what_was_reviewed(synthesised: Synthesised, part: str) -> None:
    template = synthesised[part]
    name = f"Freehold{part}"

    text = meaning(name, template.stack.account, template.stack.region, template.body)

    assert text == (FOLDER / f"{name}.txt").read_text(encoding="utf-8"), f"Run `{AGAIN}`, and look at what changed."


def test_no_other_text_lies_about() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {f"Freehold{part}" for part in STACKS}
