import re
from datetime import UTC, datetime, timedelta

from vending.core.ids import new_id

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_ids_sort_by_the_time_they_were_made() -> None:
    moments = [NOW + timedelta(milliseconds=n * 997) for n in range(50)]

    ids = [new_id("req", moment) for moment in moments]

    assert ids == sorted(ids)


def test_ids_made_at_the_same_moment_differ() -> None:
    ids = {new_id("req", NOW) for _ in range(2000)}

    assert len(ids) == 2000
    assert all(re.fullmatch(r"req-[0-9a-hjkmnp-tv-z]{16}", id_) for id_ in ids)
