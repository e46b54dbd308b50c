from pathlib import Path
from types import ModuleType

import pytest

from guardrails import catalog
from guardrails.catalog import find_guardrail, load_catalogue, load_guardrail
from guardrails.compiler import compile_packs
from guardrails.guardrail import Guardrail, Mechanism
from guardrails.trial import try_everywhere, try_guardrail
from tests.guardrails.ground import FIRST_TEN, acme, catalogue, documents
from tests.vending.parts import without_tower
from vending.core.errors import BadInput, NotFound

WITHOUT_TOWER = load_catalogue(without_tower())


@pytest.mark.parametrize("guardrail", catalogue(), ids=lambda guardrail: guardrail.id)
def test_every_guardrail_does_what_its_cases_say(guardrail: Guardrail) -> None:
    assert [verdict for verdict in try_guardrail(guardrail) if not verdict.passed] == []


@pytest.mark.parametrize("guardrail", catalogue(), ids=lambda guardrail: guardrail.id)
def test_every_case_holds_in_the_packs_of_its_classes(guardrail: Guardrail) -> None:
    tried = list(try_everywhere((guardrail,), documents()))

    assert [verdict for _, verdict in tried if not verdict.passed] == []


def test_the_first_ten_are_there_and_every_file_is_named_after_its_guardrail() -> None:
    ids = {guardrail.id for guardrail in catalogue()}
    files = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")} - {"__init__"}

    assert ids >= FIRST_TEN
    assert files == {name.replace(".", "_") for name in ids | {guardrail.id for guardrail in WITHOUT_TOWER}}


@pytest.mark.parametrize("guardrail", catalogue(), ids=lambda guardrail: guardrail.id)
def test_every_guardrail_is_told_in_words_and_has_a_sid_of_its_own(guardrail: Guardrail) -> None:
    sids = [deny.sid for other in catalogue() for deny in other.statements]

    assert all(text.strip() for text in (guardrail.title, guardrail.intent, guardrail.seen_as, guardrail.exemption))
    assert guardrail.frameworks
    assert all(deny.sid.isalnum() and sids.count(deny.sid) == 1 for deny in guardrail.statements)


@pytest.mark.parametrize("guardrail", [g for g in WITHOUT_TOWER if g not in catalogue()], ids=lambda g: str(g.id))
def test_a_guardrail_of_a_company_without_control_tower_does_what_its_cases_say(guardrail: Guardrail) -> None:
    packs = compile_packs(WITHOUT_TOWER)

    assert [verdict for verdict in try_guardrail(guardrail) if not verdict.passed] == []
    assert [verdict for _, verdict in try_everywhere((guardrail,), packs) if not verdict.passed] == []


def test_without_control_tower_its_controls_are_policies_and_config_is_switched_on_for_every_team() -> None:
    ids = {guardrail.id for guardrail in catalogue()}
    mechanisms = {guardrail.id: guardrail.mechanism for guardrail in WITHOUT_TOWER}

    assert {guardrail.id for guardrail in catalogue() if guardrail.control} == {"net.cross", "net.vpn"}
    assert (mechanisms["net.cross"], mechanisms["net.vpn"]) == (Mechanism.SCP, Mechanism.SCP)
    assert mechanisms.keys() - ids == {"log.recorder"}
    assert ids <= mechanisms.keys()


def test_every_class_of_the_company_that_teams_work_in_is_held() -> None:
    held = {ou_class for guardrail in catalogue() for ou_class in guardrail.ou_classes}

    assert held == set(acme().ou_classes)


def test_a_file_without_a_guardrail_is_named() -> None:
    empty = ModuleType("empty")
    empty.__file__ = "guardrails/catalog/empty.py"

    with pytest.raises(BadInput, match=r"guardrails/catalog/empty.py has no function `build`"):
        load_guardrail(empty, acme())


def test_a_file_whose_guardrail_has_no_cases_is_named() -> None:
    lazy = ModuleType("lazy")
    lazy.__file__ = "guardrails/catalog/lazy.py"
    leave = find_guardrail(catalogue(), "org.leave")
    lazy.build = lambda company: Guardrail(**{**vars(leave), "denies": ()})  # type: ignore[attr-defined]

    with pytest.raises(BadInput, match=r"guardrails/catalog/lazy.py: Guardrail org.leave has no case"):
        load_guardrail(lazy, acme())


def test_an_unknown_guardrail_is_not_found() -> None:
    with pytest.raises(NotFound, match="no guardrail org\\.levae"):
        find_guardrail(catalogue(), "org.levae")
