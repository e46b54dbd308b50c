"""The report's numbers and all findings as one JSON document."""

import json
from collections.abc import Sequence

from audit.query.reader import Row
from audit.reports.interface import Format
from audit.reports.report import Report


def write_json(findings: Sequence[Row], report: Report) -> bytes:
    """`{"report": {...}, "items": [...]}`."""
    document = {"report": report.model_dump(mode="json"), "items": list(findings)}
    return json.dumps(document, ensure_ascii=False).encode()


JSON = Format("json", "application/json", write_json)
