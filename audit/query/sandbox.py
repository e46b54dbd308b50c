"""Asks people's SQL in a process of its own, with limits on time, memory and the size of the answer."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from audit.query.statement import check_statement
from audit.query.views import Window
from vending.core.errors import BadInput

SECONDS = 10
ROWS = 10_000
BYTES = 8 << 20
_CHILD = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); import audit.query.child as c; c.main()"
"""The child runs the code that this process runs, wherever another copy may be installed."""
_GRACE = 5
"""Seconds for the process to start, and to end on its own before it is killed."""
_TOO_LONG = f"The statement did not finish within {SECONDS} seconds."
_TOO_MUCH = "The statement needs more than 256 MB of memory."
_NARROW = "Filter earlier, or ask for fewer groups."


class Answer(BaseModel):
    """What a statement answers."""

    model_config = ConfigDict(frozen=True)

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    """Whether there is more than `ROWS` rows, or more than `BYTES` of them."""
    elapsed_ms: float


def ask_sql(sql: str, open_window: Callable[[Iterable[str]], Window]) -> Answer:
    """The answer to a person's statement.

    Args:
        sql: one SELECT.
        open_window: makes the window for the views that the statement reads.

    Raises:
        BadInput: when the statement is not allowed, wrong, too slow or too large.
    """
    views = check_statement(sql)
    question = {
        "sql": sql,
        "views": sorted(views),
        "window": asdict(open_window(views)),
        "seconds": SECONDS,
        "rows": ROWS,
        "bytes": BYTES,
    }
    answer = _run(json.dumps(question))
    if "error" in answer:
        raise _explain(answer)
    return Answer.model_validate(answer)


def _run(question: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-c", _CHILD]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the asker's on the command line
            command, input=question, capture_output=True, text=True, timeout=SECONDS + _GRACE, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": "slow"}
    if done.returncode:
        return {"error": "large"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _explain(answer: dict[str, Any]) -> BadInput:
    if answer["error"] == "slow":
        return BadInput(_TOO_LONG, _NARROW)
    if answer["error"] == "large":
        return BadInput(_TOO_MUCH, _NARROW)
    return BadInput(
        f"The statement is wrong: {answer['detail']}", "`SELECT * FROM findings LIMIT 1` shows the columns."
    )
