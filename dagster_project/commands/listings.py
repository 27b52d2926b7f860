"""`tieout controls` and `tieout quarantine list`: what is checked, what was set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dagster_project.commands.context import open_current, open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.controls.catalogue import load_catalogue
from dagster_project.resources.code import DBT_PROJECT


def controls(options: Options, *, as_json: bool) -> int:
    """The command `tieout controls list`: the catalogue, with the outcome of the last run."""
    catalogue = load_catalogue(DBT_PROJECT / "models" / "controls")
    states = _last_states(open_workspace(options).home)
    rows = [{**one, "last_status": states.get(one["control_id"], "")} for one in catalogue]
    if as_json:
        print_json({"controls": rows})
        return 0
    names = ("control_id", "title", "owner", "severity", "last_status")
    print_table(names, [[one.get(name, "") for name in names] for one in rows])
    return 0


def quarantine(options: Options, feed: str, *, count: int, is_raw: bool, as_json: bool) -> int:
    """The command `tieout quarantine list`: file, row and reason of each line set aside.

    Values are masked where they are personal; the lines themselves come only with `is_raw`.
    """
    import duckdb

    from ingestion.contracts import load_contracts
    from ingestion.quarantine import mask_key

    home = open_workspace(options).home
    path = home / "raw" / "tieout__quarantined_rows" / "part.parquet"
    rows: list[dict[str, Any]] = []
    total = 0
    if path.is_file():
        params = {"path": str(path), "feed": feed or None}
        source = "from read_parquet($path) where ($feed is null or feed = $feed)"
        with duckdb.connect() as connection:
            total = connection.sql(f"select count(*) {source}", params=params).fetchall()[0][0]
            limited = {**params, "count": count or total}
            query = f"select * {source} order by feed, source_file, source_row limit $count"
            rows = connection.sql(query, params=limited).to_arrow_table().to_pylist()
    contracts = load_contracts()
    for row in rows:
        row["natural_key"] = mask_key(contracts.get(row["feed"]), row["natural_key"])
    if is_raw:
        lines = _raw_lines(home, rows)
        rows = [{**row, "line": lines.get(_place(row))} for row in rows]
    if as_json:
        print_json({"count": total, "rows": rows})
        return 0
    names = ["feed", "source_file", "source_row", "reason_code", "column_name", "value"]
    names += ["line"] if is_raw else []
    print_table(names, [[row[name] for name in names] for row in rows])
    print_lines([f"{total} lines in quarantine; --raw shows the lines to those who may read them"])
    return 0


def quality(options: Options, docs: Path | None, *, as_json: bool) -> int:
    """The command `tieout quality`: what the doors saw, and their pages when asked for."""
    snapshot = open_current(options)
    rows = snapshot.rows("select * from expectation_results order by door, table_name, expectation")
    broken = [row for row in rows if not row["success"]]
    if docs:
        from expectations.run import write_data_docs
        from ingestion.contracts import load_contracts

        write_data_docs(open_workspace(options).home, load_contracts(), snapshot.folder, docs)
    if as_json:
        about = {"snapshot_id": snapshot.snapshot_id, "count": len(rows), "docs": docs}
        print_json({**about, "broken": broken})
        return 0
    names = ("door", "table_name", "expectation", "column_name", "observed")
    if broken:
        print_table(names, [[row[name] for name in names] for row in broken])
    print_lines([f"{len(rows)} expectations at the doors, {len(broken)} not met"])
    print_lines([f"pages: {docs}/*.html"] if docs else [])
    return 0


def _place(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["feed"], row["file_hash"], row["source_row"]


def _raw_lines(home: Path, rows: list[dict[str, Any]]) -> dict[tuple[str, str, int], str]:
    """The lines as they were delivered, from files that only their owner or group may read."""
    from ingestion.quarantine import read_lines

    files = sorted({(row["feed"], row["file_hash"]) for row in rows})
    return {
        (feed, file_hash, number): line
        for feed, file_hash in files
        for number, line in read_lines(home, feed, file_hash).items()
    }


def _last_states(home: Path) -> dict[str, str]:
    from dagster_project.lib.snapshot import current_id, open_snapshot

    if current_id(home) is None:
        return {}
    snapshot = open_snapshot(home)
    rows = snapshot.rows(
        "select control_id, string_agg(distinct status, ',' order by status) as status "
        "from fct_control_runs group by 1"
    )
    return {row["control_id"]: row["status"] for row in rows}
