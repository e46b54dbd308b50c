from guardrails.gates.documents import check_documents
from guardrails.gates.objection import Gate
from tests.guardrails.ground import deny, document, documents, policy


def test_the_catalogue_passes() -> None:
    assert list(check_documents(documents())) == []


def test_an_oversized_document_is_refused_with_its_size() -> None:
    long = document(policy(deny("Long", [f"s3:Action{n}" for n in range(1_000)])))

    [objection] = check_documents([long])

    assert objection.gate is Gate.SIZE
    assert objection.sentence.endswith(f"has {len(long.content)} characters; AWS takes 10240 in one SCP.")


def test_a_lockout_is_found_before_anybody_asks_aws() -> None:
    gates = {objection.gate for objection in check_documents([document(policy(deny("All", "*")))])}

    assert gates == {Gate.LOCKOUT}
