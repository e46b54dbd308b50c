"""Events between runs: once or twice, in whatever order, the ledger ends the same."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.events import Ear, Heard
from audit.handlers import events_of
from audit.news import COMPLIANCE
from audit.query.filters import Filters
from audit.service import Audit
from tests.audit.ground import (
    NINE,
    PASSWORDS,
    PAYMENTS,
    RULE,
    SEARCH,
    FixedBook,
    account_of,
    fill_ledger,
    open_audit,
    person,
)
from tests.audit.ledger.book import Row, query
from tests.cloud import Cloud
from vending.core.clock import to_text


def change(
    state: str,
    minutes: float,
    resource: str = "shop",
    account: str = PAYMENTS.account_id,
    sender: str = "",
    rule: str = RULE,
) -> dict[str, Any]:
    """A compliance change as EventBridge delivers it."""
    recorded = to_text(NINE + timedelta(minutes=minutes))
    detail = {
        "awsAccountId": account,
        "awsRegion": "eu-west-1",
        "configRuleName": rule,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": state, "resultRecordedTime": recorded, "annotation": f"{state}!"},
        "resourceId": resource,
        "resourceType": "AWS::S3::Bucket",
    }
    return {"source": "aws.config", "detail-type": COMPLIANCE, "account": sender or account, "detail": detail}


@dataclass
class Listening:
    audit: Audit
    cloud: Cloud
    folder: Path

    def hear(self, *events: dict[str, Any]) -> Heard:
        return Ear(self.audit.auditor).hear(events)

    def findings(self) -> dict[str, tuple[str, str]]:
        found = self.audit.reader.all_findings(person("sam"), Filters(account=(PAYMENTS.account_id,), control=(RULE,)))
        return {one["resource_id"]: (one["status"], one["reason"]) for one in found}

    def changes(self, resource: str = "shop") -> list[tuple[str, str]]:
        rows = self.audit.reader.ask(
            person("ada"),
            ("transitions",),
            "SELECT from_status, status FROM transitions WHERE resource_id = $id AND run_id = 'events' "
            "AND account_id = $account ORDER BY valid_at",
            {"id": resource, "account": PAYMENTS.account_id},
        )
        return [(row["from_status"], row["status"]) for row in rows]


@pytest.fixture
def listening(cloud: Cloud, tmp_path: Path) -> Listening:
    audit = open_audit(cloud, tmp_path / "cache")
    behind = (NINE - cloud.clock.now()).total_seconds()
    cloud.clock.advance(max(behind, 0) + 3600)
    fill_ledger(audit.ledger, tmp_path / "batches")
    return Listening(audit, cloud, tmp_path)


def test_a_compliance_change_is_known_before_the_next_run(listening: Listening) -> None:
    heard = listening.hear(change("COMPLIANT", 5))

    assert heard == Heard(1, (), ())
    assert listening.findings()["shop"] == ("pass", "COMPLIANT!")
    assert listening.changes() == [("fail", "pass")]


def test_the_same_event_twice_changes_nothing(listening: Listening) -> None:
    listening.hear(change("COMPLIANT", 5))
    before = listening.audit.ledger.head()

    listening.hear(change("COMPLIANT", 5), change("COMPLIANT", 5))

    assert listening.audit.ledger.head() == before


def test_an_older_event_changes_nothing(listening: Listening) -> None:
    listening.hear(change("COMPLIANT", 10))
    before = listening.audit.ledger.head()

    listening.hear(change("NON_COMPLIANT", 5))

    assert listening.audit.ledger.head() == before


def test_an_older_event_changes_nothing_after_one_that_told_the_same_state_again(listening: Listening) -> None:
    listening.hear(change("NON_COMPLIANT", 8))

    listening.hear(change("COMPLIANT", 7))

    assert listening.findings()["shop"][0] == "fail"


def test_several_changes_of_one_resource_are_all_history(listening: Listening) -> None:
    listening.hear(change("COMPLIANT", 30), change("COMPLIANT", 10), change("NON_COMPLIANT", 20))

    assert listening.changes() == [("fail", "pass"), ("pass", "fail"), ("fail", "pass")]


def test_a_resource_that_is_deleted_goes_and_a_new_one_comes_with_its_controls_title(listening: Listening) -> None:
    listening.hear(change("NOT_APPLICABLE", 5), change("NON_COMPLIANT", 5, "new"))

    assert "shop" not in listening.findings()
    assert listening.findings()["new"] == ("fail", "NON_COMPLIANT!")
    (new,) = listening.audit.reader.all_findings(person("ada"), Filters(status=("fail",), control=(RULE,)))
    assert (new["title"], new["severity"], new["team"]) == (f"Title of {RULE}", "high", "payments")


def test_the_rest_of_the_cell_stays_as_it_was(listening: Listening) -> None:
    before = listening.findings()

    listening.hear(change("COMPLIANT", 5))

    assert {k: v for k, v in listening.findings().items() if k != "shop"} == {
        k: v for k, v in before.items() if k != "shop"
    }


def test_a_listing_that_does_not_know_the_event_yet_does_not_undo_it(listening: Listening) -> None:
    listening.hear(change("COMPLIANT", 30))

    fill_ledger(listening.audit.ledger, listening.folder / "batches", 2, NINE + timedelta(minutes=20))

    assert listening.findings()["shop"][0] == "pass"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (change("COMPLIANT", 5, sender=SEARCH.account_id), "speaks for itself only"),
        (change("COMPLIANT", 60 * 24 * 365), "has not come yet"),
        (change("COMPLIANT", 5, account="999999999999"), "none of the organisation's"),
        ({"source": "aws.config", "detail-type": COMPLIANCE, "account": "1", "detail": {}}, "detail.awsAccountId"),
        ({"source": "aws.health", "detail-type": "News"}, "none that the audit knows"),
    ],
)
def test_what_cannot_be_believed_changes_nothing_and_is_told(
    listening: Listening, event: dict[str, Any], why: str
) -> None:
    before = listening.audit.ledger.head()

    heard = listening.hear(event)

    assert heard.told == 0
    assert why in heard.refused[0]
    assert listening.audit.ledger.head() == before


IN_LAB = account_of(PAYMENTS.account_id, "payments-lab", "payments", "Lab").model_copy(update={"ou_class": "lab"})
"""In an OU of a class that none of our packs is for."""
PACKED = "iam-password-policy-conformance-pack-16b188bff"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (PACKED, Heard(0, (), (), 1)),
        ("somebody-s-own-conformance-pack-16b188bff", Heard(1, (), ())),
        (PASSWORDS, Heard(1, (), ())),
    ],
)
def test_a_rule_of_our_packs_that_is_for_other_classes_is_set_apart_as_a_run_does(
    cloud: Cloud, tmp_path: Path, rule: str, expected: Heard
) -> None:
    audit = open_audit(cloud, tmp_path / "cache", FixedBook((IN_LAB,)))
    cloud.clock.advance(max((NINE - cloud.clock.now()).total_seconds(), 0) + 3600)

    assert Ear(audit.auditor).hear([change("NON_COMPLIANT", 5, PAYMENTS.account_id, rule=rule)]) == expected
    assert audit.reader.count(person("sam"), Filters()) == ({"fail": 1} if expected.told else {})


def test_what_a_run_took_for_an_obligation_is_one_until_a_run_says_otherwise(listening: Listening) -> None:
    obliged = listening.hear(change("NON_COMPLIANT", 5, rule=PACKED))
    listening.audit.auditor = replace(listening.audit.auditor, accounts=FixedBook((IN_LAB,)))

    moved = listening.hear(change("COMPLIANT", 6, rule=PACKED), change("NON_COMPLIANT", 6, "other", rule=PACKED))

    assert (obliged, moved) == (Heard(1, (), ()), Heard(1, (), (), 1))


def test_a_status_nobody_knows_is_unknown(listening: Listening) -> None:
    listening.hear(change("SOMEWHAT", 5))

    status, reason = listening.findings()["shop"]
    assert status == "unknown"
    assert "SOMEWHAT" in reason


STATES = ("COMPLIANT", "NON_COMPLIANT")
SCRIPT = tuple(change(STATES[n % 2], 5 + n, resource) for resource in ("shop", "bucket-1", "new") for n in range(4))
BEFORE = {"shop": "fail", "bucket-1": "pass", "new": None}
"""The resources of the script, and what they were before it."""
LEARNT = ("changed_at", "times_failed")
"""When the ledger learnt of a state, and how often of a failure: news that is old when it comes is none."""
ORDER = st.permutations(range(len(SCRIPT)))
AGAIN = st.sets(st.sampled_from(range(len(SCRIPT))))
DISORDERLY = settings(max_examples=2, suppress_health_check=list(HealthCheck))


def kept(cloud: Cloud, folder: Path, *deliveries: list[dict[str, Any]]) -> tuple[list[Row], list[Row]]:
    """All findings and all transitions, whole, of a ledger that hears these deliveries one after the other."""
    cloud.reset()
    audit = open_audit(cloud, folder / "cache")
    cloud.clock.advance((NINE - cloud.clock.now()).total_seconds() + 3600)
    fill_ledger(audit.ledger, folder / "batches")
    for events in deliveries:
        Ear(audit.auditor).hear(events)
    head = audit.ledger.head()
    findings, transitions = (
        list(query("FROM read_parquet($files) ORDER BY ALL", audit.ledger.fetch(files)))
        for files in (head.findings, head.transitions)
    )
    return findings, transitions


@pytest.fixture
def in_order(cloud: Cloud, tmp_path: Path) -> tuple[list[Row], list[Row]]:
    """What the ledger holds where every event comes once and in order."""
    return kept(cloud, tmp_path, list(SCRIPT))


@DISORDERLY
@given(order=ORDER, again=AGAIN)
def test_what_is_delivered_together_ends_in_the_same_findings_and_history_whatever_the_order(
    in_order: Any, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, order: list[int], again: set[int]
) -> None:
    delivered = [SCRIPT[number] for number in (*order, *again)]

    assert kept(cloud, tmp_path_factory.mktemp("events"), delivered) == in_order


@DISORDERLY
@given(order=ORDER, again=AGAIN, cut=st.integers(1, 11))
def test_what_is_delivered_in_parts_ends_in_the_same_findings_by_changes_that_follow_one_another(
    in_order: Any, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, order: list[int], again: set[int], cut: int
) -> None:
    delivered = [SCRIPT[number] for number in (*order, *again)]

    findings, transitions = kept(cloud, tmp_path_factory.mktemp("events"), delivered[:cut], delivered[cut:])

    assert without(findings, LEARNT) == without(in_order[0], LEARNT)
    for resource, state in BEFORE.items():
        told = [row for row in transitions if (row["resource_id"], row["run_id"]) == (resource, "events")]
        told.sort(key=lambda row: row["valid_at"])
        assert [row["from_status"] for row in told] == [state, *(row["status"] for row in told)][: len(told)]
        assert len({row["valid_at"] for row in told}) == len(told)
        assert [state, *(row["status"] for row in told)][-1] == "fail"


def without(rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


def test_a_queue_delivers_events_in_the_bodies_of_its_messages() -> None:
    batch = {"Records": [{"body": '{"source": "aws.config"}'}, {"body": "no json", "messageId": "7"}, {"body": "[]"}]}

    assert [one["source"] for one in events_of(batch)] == [
        "aws.config",
        "a message that is no JSON",
        "a message that is no event",
    ]
    assert list(events_of({"source": "aws.config"})) == [{"source": "aws.config"}]
