"""Readers reopen the snapshot in a loop during 50 publishes: none fails, none sees two at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import duckdb

from dagster_project.lib.snapshot import Provenance, commit, stage
from dagster_project.lib.warehouse import TableSpec

from .conftest import environment

PUBLISHES = 50
READERS = 3
# Both tables hold the number of their snapshot in every row; a torn read would see two numbers.
READER = """
import sys
from pathlib import Path
from dagster_project.lib.snapshot import open_snapshot
home, reads, seen = Path(sys.argv[1]), 0, set()
print("ready", flush=True)
while not (home / "stop").exists():
    snapshot = open_snapshot(home)
    [row] = snapshot.rows(
        "select min(a.no) as low, max(b.no) as high, count(*) as n from one as a, two as b"
    )
    named = int(snapshot.manifest.provenance.run_id)
    assert (row["low"], row["high"], row["n"]) == (named, named, 100 * 100), (row, named)
    reads, seen = reads + 1, seen | {named}
print(reads, len(seen))
"""


def _publish(home: Path, no: int) -> None:
    with duckdb.connect() as connection:
        for name in ("one", "two"):
            connection.execute(f"create table {name} as select {no} as no, i from range(100) t(i)")  # noqa: S608
        specs = [TableSpec(name, name, ("i",)) for name in ("one", "two")]
        folder = stage(connection, specs, home, f"{no}")
    made_from = Provenance(f"{no}", "c", "2026-07-01", "2026-07-01", "UTC", "EUR")
    commit(home, folder, made_from)


def test_readers_never_fail_and_never_see_two_snapshots(tmp_path: Path) -> None:
    _publish(tmp_path, 0)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(READERS)
    ]  # fmt: skip
    for reader in readers:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
    for no in range(1, PUBLISHES + 1):
        _publish(tmp_path, no)
        time.sleep(0.02)
    (tmp_path / "stop").touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        reads, seen = map(int, out.split())
        assert reads >= seen > 1
