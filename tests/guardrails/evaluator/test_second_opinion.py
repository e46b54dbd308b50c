"""The evaluator beside `@cloud-copilot/iam-simulate` on cases that nobody thought of: they agree on every one.

They are not asked where they are known to differ: `rows_operators.READ_DIFFERENTLY`; service-linked roles and the
services that RCPs do not reach, which iam-simulate leaves to its caller; variables without a value in NotResource, of
which the documentation only says that the statement "might" be invalid; and several values under an operator for one.
"""

import pytest

from guardrails.evaluator import answer
from tests.guardrails.evaluator.invented import cases
from tests.guardrails.evaluator.second_opinion import NoSecondOpinion, ask, install, simulation

SEEDS, NUMBER = (20261125, 7), 1_000


@pytest.fixture(scope="module")
def judge() -> None:
    try:
        install()
    except NoSecondOpinion as error:
        pytest.skip(f"no second opinion: {error}")


@pytest.mark.usefixtures("judge")
@pytest.mark.parametrize("seed", SEEDS)
def test_another_evaluator_decides_the_same(seed: int) -> None:
    invented = list(cases(seed, NUMBER))
    ours = [answer(case)["decision"] for case in invented]

    theirs = ask(simulation(case, {**case["context"], "aws:PrincipalArn": case["principal"]}) for case in invented)

    differing = [(case, mine, other) for case, mine, other in zip(invented, ours, theirs, strict=True) if mine != other]
    assert differing[:1] == []
    assert 0.2 < ours.count("deny") / NUMBER < 0.8
