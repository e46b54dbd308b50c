"""What ten thousand accounts cost the local cloud, in a process of its own: time, memory, pages.

Memory is that of a cloud before and after it got its accounts, as the operating system counts it.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from infra.local.estate.size import Size
from tests.bench.measure import Figures, figure, median_seconds
from tests.cloud import start_cloud

ACCOUNTS = 10_000
SEED_SECONDS = 60.0
RSS_BYTES = 1.5e9
ACCOUNT_BYTES = 2.6e6
"""What moto takes for an account without its machine images."""
PAGES_PER_MINUTE = 1000
PAGES = 100


def figures() -> Figures:
    """A seed of ten thousand accounts, what they take, pages of ListAccounts among them."""
    answer = subprocess.run([sys.executable, "-m", __name__], check=True, capture_output=True, text=True)
    told = json.loads(answer.stdout)
    yield figure("local cloud, 10,000 accounts seeded", told["seeded"], "s", SEED_SECONDS, 1)
    yield figure("local cloud, memory with 10,000 accounts", told["rss"], "bytes", RSS_BYTES, 1)
    yield figure("local cloud, memory of an account", told["per_account"], "bytes", ACCOUNT_BYTES, ACCOUNTS)
    yield figure("ListAccounts of 10,000", 60 / told["page"], "pages/min", PAGES_PER_MINUTE, PAGES)


def _resident_bytes() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


def _measure() -> dict[str, float]:
    """The figures of one process: a small cloud first, the same one with its accounts then."""
    cloud = start_cloud()
    cloud.client("sts").get_caller_identity()
    before = _resident_bytes()
    cloud.state.size = Size(accounts=ACCOUNTS)
    start = time.perf_counter()
    cloud.reset()
    seeded, after = time.perf_counter() - start, _resident_bytes()
    cloud.limits.enforced = False
    pages = cloud.client("organizations").get_paginator("list_accounts").paginate().__iter__()
    page = median_seconds(lambda: next(pages), PAGES)
    cloud.server.stop()
    per_account = (after - before) / ACCOUNTS
    return {"seeded": seeded, "rss": after, "per_account": per_account, "page": page}


if __name__ == "__main__":
    print(json.dumps(_measure()))  # noqa: T201
