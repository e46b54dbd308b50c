from typing import Any

import pytest

from infra.local.provision import make_bucket, make_evidence_bucket, make_signing_key
from infra.runtime.lambdas import collector
from infra.runtime.lambdas.environment import Environment
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import BUCKET, CONTEXT, EVIDENCE
from tests.vending.parts import person
from vending.core.table import Table


@pytest.fixture
def s3(cloud: Cloud, table: Table) -> Any:
    cloud.limits.enforced = False
    collector.collector.cache_clear()
    environment = Environment.read()
    aws = environment.place(environment.company()).aws
    make_bucket(aws, BUCKET)
    make_evidence_bucket(aws, EVIDENCE)
    make_signing_key(aws)
    return cloud.client("s3")


def test_a_run_is_started_carried_out_sealed_measured_and_linked_for_athena(cloud: Cloud, s3: Any) -> None:
    [run_id] = collector.handler({"do": "collect"}, CONTEXT)["runs"]

    run = collector.collector().audit.ledger.run(run_id)
    assert run.state.value in ("succeeded", "partial")
    assert run.started_by == "schedule"
    assert s3.get_object(Bucket=EVIDENCE, Key=run.manifest)["Body"].read()
    findings = s3.get_object(Bucket=BUCKET, Key="links/findings/files.txt")["Body"].read().decode().split()
    assert findings
    assert all(line.startswith(f"s3://{BUCKET}/findings/") for line in findings)
    measured = cloud.client("cloudwatch").list_metrics(Namespace="Freehold")["Metrics"]
    assert {one["MetricName"] for one in measured} == {"AuditAgeHours", "AuditCoverage"}


def test_a_run_that_somebody_asked_for_in_the_portal_is_carried_out_and_no_other_is_started(s3: Any) -> None:
    asked = collector.collector().audit.auditor.start(person("grace"))

    assert collector.handler({"do": "resume"}, CONTEXT) == {"runs": [asked.id]}
    assert collector.handler({"do": "resume"}, CONTEXT) == {"runs": []}


def test_a_run_that_is_not_over_in_time_is_taken_up_by_the_next_call(s3: Any) -> None:
    product = collector.collector()
    assert product.collect(start=True, seconds=-1) == []
    [open_run] = product.audit.auditor.unfinished()

    assert collector.handler({"do": "resume"}, CONTEXT) == {"runs": [open_run.id]}
