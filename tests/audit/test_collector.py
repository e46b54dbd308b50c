"""An audit run as its readers see it, on the local cloud."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit.ledger.store import DamagedFile
from audit.query.filters import Filters
from audit.query.reader import Row
from audit.run import Run, RunState
from audit.service import Audit
from infra.local.config.models import LocalConfigBackend, config_backends
from infra.local.config.place import Place
from infra.local.config.source import SourceFault, SourceState
from tests.audit.ground import BUCKET, Book, make_audit, person
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.infra.local.config.ground import AGGREGATOR, enrol, join
from vending.core.errors import AwsDenied, AwsFailed, AwsMissing, NotAllowed

PUBLIC_BUCKET = "s3-bucket-public-read-prohibited"


@dataclass
class Line:
    """An audit with an account of payments that records, and one of search that does not."""

    cloud: Cloud
    audit: Audit
    payments: str
    search: str

    def run(self) -> Run:
        started = self.audit.auditor.start(person("grace"))
        return self.audit.auditor.execute(started.id)

    def findings(self, who: str = "sam", **filters: str) -> list[Row]:
        asked: dict[str, Any] = {name: (value,) for name, value in filters.items()}
        return self.audit.reader.all_findings(person(who), Filters(**asked))


@pytest.fixture
def line(cloud: Cloud, tmp_path: Path) -> Iterator[Line]:
    cloud.limits.enforced = False
    payments = enrol(cloud, "eu-west-1", "us-east-1", "eu-central-1", name="payments-dev")
    search = join(cloud, "search-dev")
    book = Book(cloud, {payments: "payments", search: "search"})
    yield Line(cloud, make_audit(cloud, tmp_path, book), payments, search)
    cloud.limits.enforced = True


def open_bucket(cloud: Cloud, account: str, name: str = "payments-shop") -> None:
    """Take the account's public-access block away and let everybody read a bucket."""
    session = cloud.session(account)
    s3 = session.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    s3.put_bucket_acl(Bucket=name, ACL="public-read")


def test_a_public_bucket_is_found_with_its_team_and_mended_when_it_is_closed(line: Line) -> None:
    open_bucket(line.cloud, line.payments)
    line.run()
    found = line.findings(control=PUBLIC_BUCKET, account=line.payments, status="fail")

    line.cloud.clock.advance(600)
    line.cloud.session(line.payments).client("s3").put_bucket_acl(Bucket="payments-shop", ACL="private")
    line.run()

    assert [(one["resource_id"], one["team"], one["source"]) for one in found] == [
        ("payments-shop", "payments", "config")
    ]
    (mended,) = line.findings(control=PUBLIC_BUCKET, account=line.payments)
    assert (mended["status"], mended["finding_id"]) == ("pass", found[0]["finding_id"])
    assert mended["first_seen"] == found[0]["first_seen"] < mended["changed_at"]
    changes = line.audit.reader.history(person("ada"), mended["finding_id"])
    assert [(one["from_status"], one["status"]) for one in changes] == [("fail", "pass"), (None, "fail")]


def test_what_the_ledger_says_equals_a_recount_with_plain_boto3(line: Line) -> None:
    open_bucket(line.cloud, line.payments)

    line.run()

    found = line.findings(source="config")
    ours = Counter((one["status"], one["control_id"], one["account_id"], one["region"]) for one in found)
    recounted = recount(line.cloud)
    assert recounted
    assert {key: n for key, n in ours.items() if key[0] in ("pass", "fail")} == recounted


def recount(cloud: Cloud) -> Counter[tuple[str, str, str, str]]:
    """Passing and failing resources as the aggregator tells anybody who asks rule by rule."""
    config = cloud.client("config")
    listing = config.get_paginator("describe_aggregate_compliance_by_config_rules").paginate(**AGGREGATOR)
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for rule in (rule for page in listing for rule in page["AggregateComplianceByConfigRules"]):
        where = {name: rule[name] for name in ("ConfigRuleName", "AccountId", "AwsRegion")}
        details = config.get_paginator("get_aggregate_compliance_details_by_config_rule").paginate(
            **AGGREGATOR, **where
        )
        for result in (result for page in details for result in page["AggregateEvaluationResults"]):
            status = {"COMPLIANT": "pass", "NON_COMPLIANT": "fail"}[result["ComplianceType"]]
            counted[status, rule["ConfigRuleName"], rule["AccountId"], rule["AwsRegion"]] += 1
    return counted


def test_an_account_that_does_not_record_is_unknown_rule_by_rule(line: Line) -> None:
    run = line.run()

    unknown = line.findings(account=line.search, source="config")
    assert {one["status"] for one in unknown} == {"unknown"}
    assert {one["region"] for one in unknown} == {"eu-west-1", "us-east-1", "eu-central-1"}
    assert any("iam-password-policy" in one["control_id"] for one in unknown)
    assert all("does not record" in one["reason"] for one in unknown)
    assert run.state is RunState.PARTIAL
    assert run.coverage is not None
    assert run.coverage < 0.95
    assert "were not seen" in run.reason


@pytest.mark.parametrize("state", [SourceState.OUTDATED, SourceState.FAILED])
def test_a_source_that_is_not_current_turns_what_was_known_into_unknown(line: Line, state: SourceState) -> None:
    open_bucket(line.cloud, line.payments)
    line.run()
    fault = SourceFault(state, line.cloud.clock.now(), "AccessDeniedException", "The role is gone.")
    home = config_backends[line.cloud.state.management_account_id]["eu-west-1"]
    assert isinstance(home, LocalConfigBackend)
    home.source_faults[Place(line.payments, "eu-west-1")] = fault

    line.cloud.clock.advance(600)
    line.run()

    here = line.findings(account=line.payments, region="eu-west-1", source="config")
    assert {one["status"] for one in here} == {"unknown"}
    assert all(state.value in one["reason"] for one in here)
    assert "payments-shop" in {one["resource_id"] for one in here}
    elsewhere = line.findings(account=line.payments, region="us-east-1", source="config")
    assert "unknown" not in {one["status"] for one in elsewhere}


def test_a_run_predicts_what_it_costs(line: Line) -> None:
    run = line.run()

    assert run.calls > 0
    assert run.predicted_calls == run.calls


def test_coverage_is_the_share_of_expected_answers_that_came(line: Line) -> None:
    run = line.run()

    told = line.audit.reader.ask(person("sam"), ("coverage",), "SELECT sum(expected) e, sum(observed) o FROM coverage")
    assert run.coverage == told[0]["o"] / told[0]["e"]


def test_a_team_sees_only_its_own_accounts_findings(line: Line) -> None:
    line.run()

    assert {one["account_id"] for one in line.findings("ada")} == {line.payments}
    assert {one["account_id"] for one in line.findings("tom")} == {line.search}
    assert line.findings("ada", team="search") == []
    assert len({one["account_id"] for one in line.findings("sam")}) > 3


def test_compliance_is_the_worst_that_is_known_of_an_account(line: Line) -> None:
    line.run()

    assert line.audit.compliance()[line.payments] == "fail"
    assert line.audit.compliance()[line.cloud.state.management_account_id] == "fail", "no guardrail is attached"


def test_only_those_who_govern_start_runs(line: Line) -> None:
    with pytest.raises(NotAllowed, match="ada may not start an audit run"):
        line.audit.auditor.start(person("ada"))


def test_a_run_that_has_ended_is_not_carried_out_again(line: Line) -> None:
    run = line.run()

    assert line.audit.auditor.execute(run.id) == line.audit.ledger.run(run.id)
    assert line.audit.ledger.head().sequence == 1


def test_a_run_that_was_cut_off_is_found_and_carried_out(line: Line) -> None:
    started = line.audit.auditor.start(person("grace"))

    assert [run.id for run in line.audit.auditor.unfinished()] == [started.id]
    line.audit.auditor.execute(started.id)

    assert line.audit.auditor.unfinished() == []


def test_without_an_aggregator_all_of_config_is_unknown(line: Line) -> None:
    line.cloud.client("config").delete_configuration_aggregator(**AGGREGATOR)

    run = line.run()

    assert {one["status"] for one in line.findings(source="config")} == {"unknown"}
    assert {one["reason"] for one in line.findings(source="config")} == {
        "There is no organisation aggregator in eu-west-1."
    }
    assert run.state is RunState.PARTIAL


def test_a_run_on_a_damaged_ledger_stays_partial_and_says_why(line: Line, tmp_path: Path) -> None:
    line.run()
    before = line.audit.ledger.head()
    (stored,) = before.findings
    line.cloud.client("s3").put_object(Bucket=BUCKET, Key=stored.key, Body=b"PAR1 cut off")
    (tmp_path / "files" / Path(stored.key).name).unlink()
    line.cloud.clock.advance(600)
    started = line.audit.auditor.start(person("grace"))

    with pytest.raises(DamagedFile, match=stored.digest):
        line.audit.auditor.execute(started.id)

    failed = line.audit.ledger.run(started.id)
    assert failed.state is RunState.PARTIAL
    assert stored.digest in failed.reason
    assert line.audit.ledger.head() == before


def test_throttled_calls_are_made_again_and_counted(cloud: Cloud, tmp_path: Path) -> None:
    account = make_account(cloud)
    cloud.clock.advance(4 * 3600)
    audit = make_audit(cloud, tmp_path, Book(cloud, {account: "payments"}))
    cloud.limits.enforced = True

    run = audit.auditor.execute(audit.auditor.start(person("grace")).id)

    assert run.state is RunState.SUCCEEDED


def test_a_missing_bucket_is_an_error_of_aws(line: Line) -> None:
    for stored in line.cloud.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        line.cloud.client("s3").delete_object(Bucket=BUCKET, Key=stored["Key"])
    line.cloud.client("s3").delete_bucket(Bucket=BUCKET)

    with pytest.raises(AwsMissing) as missing:
        line.audit.auditor.start(person("grace"))

    assert isinstance(missing.value, AwsFailed)


def test_without_the_catalogue_findings_keep_the_titles_they_had(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.run()
    before = {one["finding_id"]: (one["title"], one["severity"]) for one in line.findings()}

    def refuse(_: object) -> None:
        raise AwsDenied("The catalogue is not for you.")

    monkeypatch.setattr("audit.kept_catalogue.read_catalogue", refuse)
    line.cloud.clock.advance(2 * 86400)
    run = line.run()

    assert "The catalogue is not for you." in run.reason
    assert {one["finding_id"]: (one["title"], one["severity"]) for one in line.findings()} == before


def test_a_source_that_does_not_answer_leaves_all_that_was_known_of_it_unknown(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.run()
    known = {one["finding_id"] for one in line.findings(source="control-tower")}

    def refuse(*_: object) -> None:
        raise AwsDenied("Control Tower is not for you.")

    monkeypatch.setattr("audit.sources.control_tower.ControlTowerSource.plan", refuse)
    line.cloud.clock.advance(600)
    line.run()

    found = line.findings(source="control-tower")
    assert {one["finding_id"] for one in found} == known
    assert {(one["status"], one["reason"]) for one in found} == {("unknown", "Control Tower is not for you.")}
