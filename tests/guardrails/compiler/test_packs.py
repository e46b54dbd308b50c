import json
from dataclasses import replace

from guardrails.catalog import find_guardrail
from guardrails.compiler.packs import compile_pack, compile_packs, content_hash
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.gates import check_fit
from guardrails.guardrail import Deny
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
