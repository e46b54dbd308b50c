"""Counts come from a summary written with the findings, and are those of the findings whatever happened since."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from audit.finding import State, Told
from audit.query.filters import Filters
from audit.service import Audit
from audit.waivers.waiver import Proposal
from tests.audit.ground import NINE, PAYMENTS, RULE, batch_of, bucket, cell, fill_ledger, open_audit, person, reading
from tests.cloud import Cloud

ASKED = (
    Filters(),
    Filters(account=(PAYMENTS.account_id,)),
    Filters(team=("-",)),
    Filters(status=("fail", "waived"), region=("eu-west-1",)),
)


def check_counts(audit: Audit) -> Counter[str]:
    """For those who see everything, and for a team."""
    for caller in (person("sam"), person("ada")):
        for filters in ASKED:
            found = audit.reader.all_findings(caller, filters)
            assert audit.reader.count(caller, filters) == Counter(one["status"] for one in found)
            facets = audit.reader.facets(caller, filters)
            assert {one.value: one.count for one in facets["severity"]} == Counter(one["severity"] for one in found)
    return Counter(audit.reader.count(person("sam"), Filters()))


def test_counts_are_those_of_the_findings_after_runs_events_and_waivers(cloud: Cloud, tmp_path: Path) -> None:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")
    after_run = check_counts(audit)

    later = NINE + timedelta(minutes=5)
    opened = reading(Told((bucket("bucket-3", State.FAIL, later),)), cell(PAYMENTS), later)
    audit.ledger.absorb(replace(batch_of(tmp_path / "batches", [opened]), whole=False))
    after_event = check_counts(audit)

    for team in ("payments", "growth"):
        expires = cloud.clock.now() + timedelta(days=9)
        asked = Proposal(control_id=RULE, team=team, reason="Moving.", ticket="SEC-1", expires_at=expires)
        audit.waivers.approve(person("rosa"), audit.waivers.propose(person("sam"), asked).id)
    after_waivers = check_counts(audit)

    assert after_event - after_run == Counter(fail=1)
    assert after_waivers["waived"] == 2
    assert after_waivers["fail"] == after_event["fail"] - 2 + 1, "growth's waiver covers nothing: that is a finding"
