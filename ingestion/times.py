"""SQL for time: delivered text to UTC, and UTC to the local day that a part belongs to.

Asking ICU for every row costs as much as writing the row. The offset of a zone changes twice a
year, so it is asked once per change and becomes a small tree of comparisons; outside the years
of the tree ICU still answers. Local times that happen twice are taken as the second, those that
never happen as if the clock had not moved: what ICU does.
"""

# ruff: noqa: S608 - the SQL is made of constants and a checked zone name

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import duckdb

_FIRST, _LAST = "2000-01-01", "2040-01-01"
_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_NAIVE = rf"{_DAY}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?)?"
_OFFSET = rf"{_DAY}[ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)? ?(Z|[+-]\d{{2}}(:?\d{{2}})?)"
DATE_PATTERN = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]00:00(:00(\.0+)?)?)?"

Offsets = tuple[tuple[datetime | None, int], ...]


@lru_cache(maxsize=16)
def zone_offsets(zone: str) -> Offsets:
    """Return the UTC offsets of a zone: (from this UTC moment, seconds), the first from None."""
    connection = duckdb.connect(config={"threads": 1})
    try:
        return _offsets(connection, zone)
    finally:
        connection.close()


def _offsets(connection: duckdb.DuckDBPyConnection, zone: str) -> Offsets:
    seconds = "epoch(timezone($zone, timezone('UTC', t)) - t)::BIGINT"
    steps = f"""
        SELECT t, {seconds} AS s, lag(s) OVER (ORDER BY t) AS before
        FROM range(TIMESTAMP '{_FIRST}', TIMESTAMP '{_LAST}', INTERVAL '7 days') r(t)"""
    fine = f"""
        WITH weeks AS ({steps}), quarters AS (
            SELECT q AS t FROM weeks, range(t - INTERVAL '7 days', t, INTERVAL '15 minutes') r(q)
            WHERE s <> before)
        SELECT t + INTERVAL '15 minutes' AS changed_at, after FROM (
            SELECT t, {seconds} AS s,
                epoch(timezone($zone, timezone('UTC', t + INTERVAL '15 minutes')) - t)::BIGINT - 900
                    AS after
            FROM quarters)
        WHERE s <> after ORDER BY changed_at"""
    first = connection.execute(
        f"SELECT {seconds} FROM (SELECT TIMESTAMP '{_FIRST}' AS t)",
        {"zone": zone},
    ).fetchone()
    changes = connection.execute(fine, {"zone": zone}).fetchall()
    return ((None, int(first[0] if first else 0)), *((at, int(after)) for at, after in changes))


def utc_sql(naive: str, zone: str, *, as_tree: bool) -> str:
    """Return SQL for the UTC moment of a naive local timestamp.

    A tree costs ten milliseconds to plan and little to run; ICU is the other way round.
    """
    exact = f"timezone('UTC', timezone('{zone}', {naive}))"
    if zone == "UTC" or not as_tree:
        return naive if zone == "UTC" else exact
    points = [(_local(at, seconds), -seconds) for at, seconds in zone_offsets(zone)]
    return _windowed(naive, points, exact)


def local_sql(moment: str, zone: str, *, as_tree: bool) -> str:
    """Return SQL for the naive local timestamp of a UTC moment."""
    exact = f"timezone('{zone}', timezone('UTC', {moment}))"
    if zone == "UTC" or not as_tree:
        return moment if zone == "UTC" else exact
    return _windowed(moment, list(zone_offsets(zone)), exact)


def naive_sql(text: str, timestamp_format: str | None) -> str:
    """Return SQL for text without offset to the timestamp it says, null when it says none."""
    # DuckDB takes the words epoch and infinity in any format, and makes 1900 of them.
    if timestamp_format:
        words = f"lower(trim({text})) IN ('epoch', 'infinity', '-infinity')"
        return f"CASE WHEN NOT {words} THEN try_strptime({text}, {quoted(timestamp_format)}) END"
    plain = f"try_strptime({text}, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S'])"
    return (
        f"coalesce(CASE WHEN length({text}) = 19 THEN {plain} END,"
        f" CASE WHEN regexp_full_match({text}, '{_NAIVE}') THEN TRY_CAST({text} AS TIMESTAMP) END)"
    )


def offset_sql(text: str) -> str:
    """Return SQL for text that states its UTC offset to UTC, null when it states none."""
    # A cast to TIMESTAMP drops the offset in silence, so it must never see such text.
    return (
        f"CASE WHEN regexp_full_match({text}, '{_OFFSET}')"
        f" THEN timezone('UTC', TRY_CAST({text} AS TIMESTAMPTZ)) END"
    )


def quoted(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _local(at: datetime | None, seconds: int) -> datetime | None:
    if at is None:
        return None
    return at + timedelta(seconds=seconds)


def _windowed(x: str, points: list[tuple[datetime | None, int]], exact: str) -> str:
    # A day inside the window on both sides keeps local and UTC borders out of the argument.
    return (
        f"CASE WHEN {x} >= TIMESTAMP '2000-01-02' AND {x} < TIMESTAMP '2039-12-30'"
        f" THEN {_tree(x, points)} ELSE {exact} END"
    )


def _tree(x: str, points: list[tuple[datetime | None, int]]) -> str:
    if len(points) == 1:
        return f"{x} + INTERVAL '{points[0][1]} seconds'"
    half = len(points) // 2
    return (
        f"CASE WHEN {x} < TIMESTAMP '{points[half][0]}'"
        f" THEN {_tree(x, points[:half])} ELSE {_tree(x, points[half:])} END"
    )
