"""What a format of findings is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.query.reader import Row
from audit.reports.report import Report


@dataclass(frozen=True)
class Format:
    """A way to write all findings into one file."""

    name: str
    """Also the file's ending."""
    media_type: str
    write: Callable[[Sequence[Row], Report], bytes]
    """Findings with the fields of the contract, and the report they belong to."""
