"""Findings as CSV: a header and one line a finding, the fields in their fixed order."""

import csv
import io
from collections.abc import Sequence

from audit.finding import FIELDS
from audit.query.reader import Row
from audit.reports.interface import Format
from audit.reports.report import Report

SEPARATOR = "; "
"""Between the references of one finding."""


def write_csv(findings: Sequence[Row], _: Report) -> bytes:
    """UTF-8, lines ending as RFC 4180 wants."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    writer.writerows([_text(finding[name]) for name in FIELDS] for finding in findings)
    return out.getvalue().encode()


def _text(value: object) -> object:
    return SEPARATOR.join(value) if isinstance(value, list) else value


CSV = Format("csv", "text/csv; charset=utf-8", write_csv)
