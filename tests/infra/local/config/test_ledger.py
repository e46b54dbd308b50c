"""What is on record of a rule, and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.local.config.ledger import Evaluation, Ledger, Summary, summarise
from infra.local.config.rule import Compliance, Verdict

MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOON = MORNING + timedelta(hours=3)
FINE, BAD, NOT_ITS_BUSINESS = Compliance.COMPLIANT, Compliance.NON_COMPLIANT, Compliance.NOT_APPLICABLE


def verdict(resource_id: str, compliance: Compliance, annotation: str = "") -> Verdict:
    return Verdict("AWS::S3::Bucket", resource_id, compliance, annotation)


def test_a_result_keeps_its_time_while_its_compliance_stays() -> None:
    ledger = Ledger()
    ledger.enter("rule", [verdict("a", BAD, "because")], MORNING, keep_gone=False)

    (later,) = ledger.enter("rule", [verdict("a", BAD, "because of more")], NOON, keep_gone=False)

    assert (later.recorded_at, later.verdict.annotation) == (MORNING, "because of more")


def test_a_changed_result_has_a_new_time() -> None:
    ledger = Ledger()
    ledger.enter("rule", [verdict("a", BAD)], MORNING, keep_gone=False)

    (later,) = ledger.enter("rule", [verdict("a", FINE)], NOON, keep_gone=False)

    assert later.recorded_at == NOON


@pytest.mark.parametrize(("keep_gone", "left"), [(False, []), (True, ["a"])])
def test_a_resource_that_is_gone_leaves_the_record_unless_it_is_kept(keep_gone: bool, left: list[str]) -> None:
    ledger = Ledger()
    ledger.enter("rule", [verdict("a", BAD)], MORNING, keep_gone=False)

    ledger.enter("rule", [], NOON, keep_gone=keep_gone)

    assert [one.verdict.resource_id for one in ledger.read("rule")] == left


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([FINE, FINE], Summary(Compliance.COMPLIANT, 2)),
        ([FINE, BAD, BAD], Summary(Compliance.NON_COMPLIANT, 2)),
        ([NOT_ITS_BUSINESS], Summary(Compliance.INSUFFICIENT_DATA, 0)),
        ([], Summary(Compliance.INSUFFICIENT_DATA, 0)),
    ],
)
def test_a_rule_fails_where_anything_fails(states: list[Compliance], expected: Summary) -> None:
    evaluations = [Evaluation("rule", verdict(str(number), state), NOON) for number, state in enumerate(states)]

    assert summarise(evaluations) == expected
