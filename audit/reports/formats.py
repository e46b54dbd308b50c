"""The formats that all findings can be exported in, by name."""

from audit.reports.csv_format import CSV
from audit.reports.interface import Format
from audit.reports.json_format import JSON
from audit.reports.ocsf import OCSF
from audit.reports.parquet_format import PARQUET

FORMATS: dict[str, Format] = {each.name: each for each in (CSV, JSON, OCSF, PARQUET)}
