"""Local times that an hour of daylight saving makes ambiguous or impossible: rule and count.

The rule (times.py): a local time that happens twice is taken as the second, one that never happens
as if the clock had not moved. Both are counted for each file, so nobody has to guess how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ingestion.times import zone_offsets

Span = tuple[datetime, datetime]
_MARGIN = timedelta(days=1)


def ambiguous_spans(zone: str) -> list[Span]:
    """Return the local spans [from, to) that the clock goes through twice."""
    return [(at + new, at + old) for at, old, new in _changes(zone) if new < old]


def missing_spans(zone: str) -> list[Span]:
    """Return the local spans [from, to) that the clock leaps over."""
    return [(at + old, at + new) for at, old, new in _changes(zone) if new > old]


def _changes(zone: str) -> list[tuple[datetime, timedelta, timedelta]]:
    offsets = zone_offsets(zone)
    steps = zip(offsets, offsets[1:], strict=False)
    return [
        (at, timedelta(seconds=old), timedelta(seconds=new))
        for (_, old), (at, new) in steps
        if at is not None
    ]


def count_sql(stamps: Iterable[str], spans: Sequence[Span]) -> str:
    """Return SQL for the number of naive timestamps of a row that lie in one of the spans."""
    counts = [f"CASE WHEN {_any(stamp, spans)} THEN 1 ELSE 0 END" for stamp in stamps]
    return f"sum({' + '.join(counts)})::BIGINT" if counts and spans else "0::BIGINT"


def _any(stamp: str, spans: Sequence[Span]) -> str:
    inside = (f"({stamp} >= TIMESTAMP '{a}' AND {stamp} < TIMESTAMP '{b}')" for a, b in spans)
    return " OR ".join(inside)


def meets_change(stats: Mapping[str, Any], columns: Sequence[str], zone: str) -> bool:
    """Tell from the statistics of a part whether its times come near a change of the clock.

    Args:
        stats: least and greatest value by quoted column, as COPY returns them.
        columns: its columns with times.
        zone: of the delivered times.
    """
    moments = [at for at, _, _ in _changes(zone)] if zone != "UTC" else []
    if not moments:
        return False
    for column in columns:
        found = stats.get(f'"{column}"') or {}
        if "min" not in found or "max" not in found:
            continue
        first, last = (datetime.fromisoformat(found[end]) for end in ("min", "max"))
        if any(first - _MARGIN <= at <= last + _MARGIN for at in moments):
            return True
    return False
