from infra.local.estate.chance import hexadecimal, number, share


def test_the_same_question_has_the_same_answer() -> None:
    assert number(1, "a") == number(1, "a") != number(2, "a")


def test_shares_are_spread_evenly() -> None:
    shares = [share("spread", nth) for nth in range(2_000)]

    assert all(0 <= one < 1 for one in shares)
    assert 900 < sum(one < 0.5 for one in shares) < 1_100


def test_ids_have_the_length_asked_for() -> None:
    assert len(hexadecimal(17, "id")) == 17
