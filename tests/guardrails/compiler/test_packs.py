import json
from dataclasses import replace

import pytest

from guardrails.catalog import find_guardrail
from guardrails.compiler.packs import compile_pack, compile_packs, content_hash
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.evaluator import parse_policy
from guardrails.gates import check_fit
from guardrails.guardrail import Call, Deny, Mechanism
from guardrails.trial import decide, document_of
from tests.guardrails.ground import catalogue, documents


def test_every_guardrail_is_carried_by_a_document_of_each_of_its_classes() -> None:
    for guardrail in catalogue():
        carried = {document.ou_class for document in documents() if guardrail.id in document.guardrails}

        assert carried == (set(guardrail.ou_classes) if guardrail.is_policy else set())


def test_every_document_fits_and_is_valid_json_without_white_space() -> None:
    for document in documents():
        assert len(document.content) <= QUOTAS[document.kind].characters
        assert json.dumps(json.loads(document.content), separators=(",", ":"), ensure_ascii=False) == document.content


def test_compiling_twice_gives_the_same_names() -> None:
    assert [d.name for d in compile_packs(catalogue())] == [d.name for d in compile_packs(catalogue()[::-1])]


def test_a_name_says_class_number_and_content() -> None:
    [document] = compile_pack(catalogue(), "quarantine", PolicyKind.SCP)

    assert document.name == f"freehold-quarantine-1@{content_hash(document.content)}"


def test_another_content_is_another_name() -> None:
    leave = find_guardrail(catalogue(), "org.leave")
    changed = replace(leave, statements=(Deny("OrgLeave", actions=("organizations:Leave*",)),))

    [before] = compile_pack([leave], "sandbox", PolicyKind.SCP)
    [after] = compile_pack([changed], "sandbox", PolicyKind.SCP)

    assert before.stem == after.stem
    assert before.name != after.name


def test_a_statement_that_fits_no_document_makes_one_of_its_own_that_is_refused_by_name() -> None:
    leave = find_guardrail(catalogue(), "org.leave")
    huge = replace(leave, statements=(Deny("Huge", actions=tuple(f"s3:Action{n}" for n in range(1_000))),))

    documents = compile_packs([huge], ["sandbox"])

    [refused] = check_fit(documents)
    [document] = documents
    length = len(document.content)
    assert refused.sentence == f"{document.name}, of org.leave, has {length} characters; AWS takes 10240 in one SCP."


@pytest.mark.parametrize("slots", [0, 10])
def test_however_it_is_packed_every_call_is_decided_as_by_each_guardrail_alone(slots: int) -> None:
    mine = [g for g in catalogue() if g.mechanism is Mechanism.SCP and "regulated" in g.ou_classes]
    calls = [case for g in catalogue() for case in g.allows + g.denies if isinstance(case, Call)]
    apart = tuple(parse_policy(document_of(guardrail)) for guardrail in mine)

    packed = compile_pack(catalogue(), "regulated", PolicyKind.SCP, slots)

    together = tuple(parse_policy(document.content) for document in packed)
    assert len(packed) > 1
    assert [type(decide(call, together)) for call in calls] == [type(decide(call, apart)) for call in calls]


def test_a_changed_guardrail_changes_the_one_document_that_carries_it() -> None:
    leave = find_guardrail(catalogue(), "org.leave")
    changed = replace(leave, statements=(Deny("OrgLeave", actions=("organizations:Leave*", "account:CloseAccount")),))
    others = [guardrail for guardrail in catalogue() if guardrail.id != "org.leave"]

    before = {d.name: d for d in compile_pack(catalogue(), "prod", PolicyKind.SCP)}
    after = {d.name: d for d in compile_pack([*others, changed], "prod", PolicyKind.SCP)}

    [old] = before.keys() - after.keys()
    [new] = after.keys() - before.keys()
    assert before[old].stem == after[new].stem
    assert "org.leave" in before[old].guardrails
