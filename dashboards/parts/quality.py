"""How far the figures can be trusted: checks, landed files, controls that did not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboards.data import Reader, Row

MOST_FILES = 500
_CHECKS = """
select door, count(*) as check_count, count(*) filter (success) as success_count
from expectation_results group by door order by door
"""
_FAILED = """
select door, table_name, expectation, column_name, observed, unexpected_count
from expectation_results where not success
order by door, table_name, expectation, column_name
"""
_FILES = """
select
    count(*) as file_count, count(*) filter (status = 'refused') as refused_count,
    count(*) filter (status = 'duplicate') as duplicate_count,
    coalesce(sum(line_count), 0)::bigint as line_count,
    coalesce(sum(loaded_count), 0)::bigint as loaded_count,
    coalesce(sum(quarantined_count), 0)::bigint as quarantined_count
from fct_landed_files
"""
_FILE_LIST = f"""
select feed, source_file, status, reason, line_count, header_count, trailer_count, blank_count,
    loaded_count, quarantined_count, first_event_on, last_event_on
from fct_landed_files
where $feed::varchar is null or feed = $feed
order by status <> 'loaded' desc, quarantined_count > 0 desc, feed, source_file
limit {MOST_FILES}
"""  # noqa: S608
_FEEDS = "select distinct feed from fct_landed_files order by feed"
_RUNS = """
select r.control_id, c.title, r.billing_month, r.status, r.reason, r.left_count, r.right_count,
    r.matched_count, r.explained_count, r.pending_count, r.finding_count
from fct_control_runs as r left join dim_controls as c using (control_id)
where ($month::date is null or r.billing_month = $month::date)
order by r.status <> 'not_run', r.status <> 'low_coverage', r.control_id, r.billing_month
"""


@dataclass(frozen=True)
class State:
    """The status strip in figures."""

    check_count: int
    success_count: int
    refused_count: int
    quarantined_count: int
    not_run: list[Row]
    low_coverage: list[Row]

    @property
    def is_sound(self) -> bool:
        """Whether every check held and no file was refused."""
        return self.check_count == self.success_count and not self.refused_count


@dataclass(frozen=True)
class Quality:
    """The page on data quality."""

    state: State
    files: Row
    file_list: list[Row]
    failed: list[Row]
    runs: list[Row]


def state_of(reader: Reader, month: date | None) -> State:
    """The strip that stands on every page."""
    checks = reader.rows(_CHECKS)
    files = reader.one(_FILES)
    runs = reader.rows(_RUNS, {"month": month})
    return State(
        check_count=sum(row["check_count"] for row in checks),
        success_count=sum(row["success_count"] for row in checks),
        refused_count=files["refused_count"],
        quarantined_count=files["quarantined_count"],
        not_run=_with_status(runs, "not_run"),
        low_coverage=_with_status(runs, "low_coverage"),
    )


def feeds(reader: Reader) -> list[str]:
    """The feeds that something landed for."""
    return [row["feed"] for row in reader.rows(_FEEDS)]


def build(reader: Reader, month: date | None, feed: str | None) -> Quality:
    """Everything on the page for one month (or all) and one feed (or all)."""
    return Quality(
        state=state_of(reader, month),
        files=reader.one(_FILES),
        file_list=reader.rows(_FILE_LIST, {"feed": feed}),
        failed=reader.rows(_FAILED),
        runs=reader.rows(_RUNS, {"month": month}),
    )


def _with_status(runs: Sequence[Row], status: str) -> list[Row]:
    return [row for row in runs if row["status"] == status]
