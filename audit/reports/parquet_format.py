"""Findings as one Parquet file, the columns typed as in the view `findings`."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.finding import FIELDS
from audit.ledger.tables import Columns, connect, load_lines, save_parquet
from audit.query.reader import Row
from audit.reports.interface import Format
from audit.reports.report import Report

TIMES = ("first_seen", "last_seen", "changed_at")
COLUMNS: Columns = {
    name: "TIMESTAMP" if name in TIMES else "VARCHAR[]" if name == "frameworks" else "VARCHAR" for name in FIELDS
}


def write_parquet(findings: Sequence[Row], _: Report) -> bytes:
    """Compressed with zstd."""
    with TemporaryDirectory() as folder, connect() as connection:
        lines, target = Path(folder) / "findings.jsonl", Path(folder) / "findings.parquet"
        lines.write_text("".join(f"{json.dumps(finding)}\n" for finding in findings))
        load_lines(connection, "lines", COLUMNS, lines)
        save_parquet(connection, "FROM lines", target)
        return target.read_bytes()


PARQUET = Format("parquet", "application/vnd.apache.parquet", write_parquet)
