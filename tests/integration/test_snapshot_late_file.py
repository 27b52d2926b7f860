"""A file that comes late changes only what is of its day, and ends at the same figures."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from dagster_project.lib.snapshot import Snapshot, open_snapshot

from .conftest import MONTHS, Demo, published_bytes, run_tieout

# An ordinary day of an ordinary element: nothing is planted in its file.
LATE = date(2026, 6, 10)


@pytest.fixture(scope="module")
def snapshots(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Snapshot]:
    """The snapshots before and after one file of rated usage came late."""
    folder = tmp_path_factory.mktemp("late")
    project, home = folder / "project", folder / "home"
    shutil.copytree(demo.project, project)
    [late] = project.glob(f"landing/rated_usage/*/rated_{LATE:%Y%m%d}.csv*")
    aside = folder / late.name
    late.rename(aside)
    ids = []
    for _ in ("before", "after"):
        done = run_tieout(
            "--home", home, "--project", project, "run", *MONTHS, "--json", cwd=folder
        )
        assert done.code == 0, done.err
        ids.append(done.document["snapshot_id"])
        if aside.exists():
            aside.rename(late)
    assert published_bytes(home) == published_bytes(demo.home)
    before, after = (open_snapshot(home, one) for one in ids)
    return before, after


def test_only_the_late_day_is_reconciled_anew(snapshots: tuple[Snapshot, Snapshot]) -> None:
    days = [
        {tuple(row.values()) for row in one.rows("select * from fct_usage_reconciliation")}
        for one in snapshots
    ]
    changed = {row[0] for row in days[0] ^ days[1]}
    # calls in a late file may have begun on the evening before
    assert LATE in changed
    assert all(abs((day - LATE).days) <= 1 for day in changed)


def test_findings_of_other_days_keep_every_byte(snapshots: tuple[Snapshot, Snapshot]) -> None:
    elsewhere = (
        "select * from fct_findings where event_at is not null "
        f"and abs(date_diff('day', event_at::date, date '{LATE}')) > 1 and control_id like 'USG-%'"
    )
    before, after = (one.rows(elsewhere) for one in snapshots)
    assert before == after
    assert before
