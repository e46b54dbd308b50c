"""Findings as OCSF 1.5 Compliance Findings (class 2003), one JSON object a line.

OCSF knows pass, warning and fail, and no unknown: what is neither pass nor fail is `99 Other` with our own word as
`status_code`, so that nothing unseen reads as a pass.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.query.reader import Row
from audit.reports.interface import Format
from audit.reports.report import Report

VERSION = "1.5.0"
METADATA = {
    "version": VERSION,
    "product": {"name": "Freehold", "vendor_name": "Freehold", "lang": "en"},
    "profiles": ["cloud"],
}
CATEGORY_UID = 2
CLASS_UID = 2003
UPDATE = 2
"""The activity: a finding is told again with each export."""
SEVERITIES = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
UNRATED = (0, "Unknown")
COMPLIANCE = {"pass": (1, "Pass"), "fail": (3, "Fail")}
OTHER = (99, "Other")
NEW = (1, "New")
SUPPRESSED = (3, "Suppressed")
RESOLVED = (4, "Resolved")


def write_ocsf(findings: Sequence[Row], _: Report) -> bytes:
    """NDJSON."""
    return "".join(f"{json.dumps(_event(finding))}\n" for finding in findings).encode()


def _event(finding: Row) -> dict[str, Any]:
    severity_id, severity = SEVERITIES.get(finding["severity"], UNRATED)
    status_id, status = _finding_status(finding["status"])
    return {
        "activity_id": UPDATE,
        "activity_name": "Update",
        "category_uid": CATEGORY_UID,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Compliance Finding",
        "type_uid": CLASS_UID * 100 + UPDATE,
        "type_name": "Compliance Finding: Update",
        "time": _milliseconds(finding["changed_at"]),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_code": finding["status"],
        "status_detail": finding["reason"] or None,
        "message": finding["reason"] or finding["title"],
        "metadata": METADATA,
        "finding_info": _info(finding),
        "compliance": _compliance(finding),
        "resources": [_resource(finding)],
        "cloud": _cloud(finding),
        "unmapped": _unmapped(finding),
    }


def _info(finding: Row) -> Mapping[str, Any]:
    return {
        "uid": finding["finding_id"],
        "title": finding["title"],
        "desc": finding["title"],
        "data_sources": [finding["source"]],
        "first_seen_time": _milliseconds(finding["first_seen"]),
        "last_seen_time": _milliseconds(finding["last_seen"]),
        "modified_time": _milliseconds(finding["changed_at"]),
    }


def _compliance(finding: Row) -> Mapping[str, Any]:
    status_id, status = COMPLIANCE.get(finding["status"], OTHER)
    return {
        "control": finding["control_id"],
        "requirements": finding["frameworks"],
        "status_id": status_id,
        "status": status,
        "status_code": finding["status"],
    }


def _resource(finding: Row) -> Mapping[str, Any]:
    return {
        "uid": finding["resource_id"],
        "type": finding["resource_type"],
        "region": finding["region"],
        "cloud_partition": "aws",
    }


def _cloud(finding: Row) -> Mapping[str, Any]:
    return {
        "provider": "AWS",
        "region": finding["region"],
        "account": {"uid": finding["account_id"], "type_id": 10, "type": "AWS Account"},
        "org": {"ou_name": finding["ou"]},
    }


def _unmapped(finding: Row) -> Mapping[str, Any]:
    return {"team": finding["team"], "waiver_id": finding["waiver_id"]}


def _finding_status(status: str) -> tuple[int, str]:
    if status == "waived":
        return SUPPRESSED
    return RESOLVED if status in ("pass", "not_applicable") else NEW


def _milliseconds(moment: str | None) -> int | None:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None


OCSF = Format("ocsf", "application/x-ndjson", write_ocsf)
