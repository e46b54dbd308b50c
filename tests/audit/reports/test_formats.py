"""Findings as files for other programs."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from audit.api import ExportFormat
from audit.commands import ReportFormat
from audit.finding import FIELDS
from audit.query.filters import Filters
from audit.query.reader import Row
from audit.reports.formats import FORMATS
from audit.reports.report import Report, make_report
from tests.audit.ground import fill_ledger, open_audit, person
from tests.cloud import Cloud

Content = tuple[Sequence[Row], Report]


@pytest.fixture
def content(cloud: Cloud, tmp_path: Path) -> Content:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")
    findings = audit.reader.all_findings(person("sam"), Filters())
    return findings, make_report(audit.reader, person("sam"), "acme", audit.clock)


def test_csv_holds_every_field_of_every_finding(content: Content) -> None:
    header, *rows = list(csv.reader(io.StringIO(FORMATS["csv"].write(*content).decode(), newline="")))

    assert tuple(header) == FIELDS
    assert [row[0] for row in rows] == [finding["finding_id"] for finding in content[0]]
    assert all(len(row) == len(FIELDS) for row in rows)


def test_json_holds_the_numbers_and_the_findings(content: Content) -> None:
    document = json.loads(FORMATS["json"].write(*content))

    assert document["items"] == list(content[0])
    assert document["report"]["total"]["counts"]["fail"] == 3


def test_parquet_holds_typed_columns_in_their_order(content: Content, tmp_path: Path) -> None:
    path = tmp_path / "findings.parquet"
    path.write_bytes(FORMATS["parquet"].write(*content))

    described = duckdb.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}).fetchall()
    assert [name for name, *_ in described] == list(FIELDS)
    assert {kind for name, kind, *_ in described if name in ("first_seen", "changed_at")} == {"TIMESTAMP"}
    counted = duckdb.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(path)}).fetchone()
    assert counted == (len(content[0]),)


def test_ocsf_is_valid_line_by_line(content: Content) -> None:
    lines = FORMATS["ocsf"].write(*content).decode().splitlines()

    events = [ComplianceFinding.model_validate_json(line) for line in lines]
    assert [event.finding_info.uid for event in events] == [finding["finding_id"] for finding in content[0]]
    assert {event.class_uid for event in events} == {2003}
    assert {event.type_uid.value for event in events} == {200302}


def test_ocsf_takes_nothing_unseen_for_a_pass(content: Content) -> None:
    told = [json.loads(line) for line in FORMATS["ocsf"].write(*content).decode().splitlines()]

    statuses = {(event["status_code"], event["compliance"]["status_id"]) for event in told}
    assert statuses == {("fail", 3), ("pass", 1), ("unknown", 99), ("not_applicable", 99)}


def test_the_doors_offer_exactly_the_formats_there_are() -> None:
    assert {one.value for one in ExportFormat} == set(FORMATS)
    assert {one.value for one in ReportFormat} == {*FORMATS, "html"}
