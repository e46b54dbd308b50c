from guardrails.compiler.bins import length, pack
from guardrails.compiler.minify import render
from tests.guardrails.ground import deny

STATEMENTS = [deny(f"S{n}", [f"s3:Action{m}" for m in range(n + 1)]) for n in range(12)]


def test_no_document_is_longer_than_its_room_and_no_statement_is_lost() -> None:
    groups = pack(STATEMENTS, 500)

    assert all(len(render(group)) <= 500 for group in groups)
    assert sorted(s["Sid"] for group in groups for s in group) == sorted(s["Sid"] for s in STATEMENTS)


def test_the_order_in_which_statements_come_means_nothing() -> None:
    assert pack(STATEMENTS, 500) == pack(STATEMENTS[::-1], 500)


def test_a_document_is_filled_to_the_last_character() -> None:
    two = [deny("A", "s3:GetObject"), deny("B", "s3:PutObject")]
    exact = len(render(two))

    assert len(pack(two, exact)) == 1
    assert len(pack(two, exact - 1)) == 2


def test_the_length_of_a_statement_is_what_it_adds_to_a_document() -> None:
    one, two = STATEMENTS[:2]

    assert len(render([one, two])) - len(render([one])) == length(two)
