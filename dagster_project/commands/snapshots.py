"""`tieout snapshot ...`: list, verify, diff, rollback, prune."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dagster_project.commands.context import now, open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.money import show


def list_all(options: Options, *, as_json: bool) -> int:
    """The command `tieout snapshot list`."""
    from dagster_project.lib.snapshot import list_snapshots

    found: list[dict[str, Any]] = [
        {
            "snapshot_id": one.snapshot_id,
            "is_current": one.is_current,
            "written_at": one.written_at.replace(microsecond=0),
            "period_from": one.manifest.provenance.period_from,
            "period_through": one.manifest.provenance.period_through,
            "table_count": len(one.manifest.tables),
            "row_count": sum(table.rows for table in one.manifest.tables.values()),
            "code_revision": one.manifest.provenance.code_revision,
        }
        for one in list_snapshots(open_workspace(options).home)
    ]
    if as_json:
        print_json({"snapshots": found})
        return 0
    rows = [
        (
            one["snapshot_id"],
            "current" if one["is_current"] else "",
            f"{one['written_at']:%Y-%m-%d %H:%M} UTC",
            f"{one['period_from'][:7]}..{one['period_through'][:7]}",
            one["table_count"],
            one["row_count"],
        )
        for one in found
    ]
    print_table(("snapshot", "", "written", "months", "tables", "rows"), rows)
    return 0


def verify(options: Options, snapshot_id: str | None, *, as_json: bool) -> int:
    """The command `tieout snapshot verify`; 3 when a table is not what its manifest says."""
    from dagster_project.lib.snapshot import open_snapshot
    from dagster_project.lib.snapshot import verify as verify_tables

    home = open_workspace(options).home
    named = open_snapshot(home, snapshot_id).snapshot_id
    checks = verify_tables(home, named)
    broken = [one for one in checks if not one.is_intact]
    if as_json:
        tables = [asdict(one) for one in checks]
        print_json({"snapshot_id": named, "is_intact": not broken, "tables": tables})
    else:
        print_table(
            ("table", "state"),
            [(one.table_name, "intact" if one.is_intact else one.reason) for one in checks],
        )
        state = f"{len(broken)} tables are NOT what was published" if broken else "intact"
        print_lines([f"snapshot {named}: {state}"])
    return 3 if broken else 0


def diff(options: Options, before: str | None, after: str | None, *, as_json: bool) -> int:
    """The command `tieout snapshot diff`; without ids the two newest."""
    from dagster_project.lib.snapshot import diff as compare
    from dagster_project.lib.snapshot import list_snapshots, open_snapshot

    home = open_workspace(options).home
    newest = [one.snapshot_id for one in list_snapshots(home)]
    last = after or open_snapshot(home).snapshot_id
    first = before or next((one for one in newest if one != last), last)
    found = compare(home, first, last)
    if as_json:
        print_json(asdict(found))
        return 0
    print_lines([f"from {first} to {last}"])
    rows = [
        (one.table_name, one.rows_before, one.rows_after, one.added, one.removed, one.changed)
        for one in found.tables
        if one.added or one.removed or one.changed
    ]
    if rows:
        print_table(("table", "before", "after", "added", "removed", "changed"), rows)
    lines = [
        f"{one['control_id']}: {one['before']['count']} -> {one['after']['count']} findings, under "
        f"{_money(one['before']['under_amount'])} -> {_money(one['after']['under_amount'])} "
        f"{one['currency_code']}"
        for one in found.findings
    ]
    print_lines(lines or ["no row differs" if not rows else "no finding differs"])
    return 0


def rollback(options: Options, snapshot_id: str | None, *, as_json: bool) -> int:
    """The command `tieout snapshot rollback`."""
    from dagster_project.lib.snapshot import current_id
    from dagster_project.lib.snapshot import rollback as point_back
    from dagster_project.lib.store import SnapshotLog

    workspace = open_workspace(options)
    with workspace.writing("tieout snapshot rollback"):
        before = current_id(workspace.home)
        manifest = point_back(workspace.home, snapshot_id)
        SnapshotLog(workspace.store).add(manifest.snapshot_id, "rolled_back", now())
    if as_json:
        print_json({"before": before, "snapshot_id": manifest.snapshot_id})
    else:
        print_lines([f"readers now get {manifest.snapshot_id}, before it was {before}"])
    return 0


def prune(options: Options, keep: int, *, as_json: bool) -> int:
    """The command `tieout snapshot prune`."""
    from dagster_project.lib.snapshot import prune as remove
    from dagster_project.lib.store import SnapshotLog

    workspace = open_workspace(options)
    with workspace.writing("tieout snapshot prune"):
        goners = remove(workspace.home, keep)
        log = SnapshotLog(workspace.store)
        for snapshot_id in goners:
            log.add(snapshot_id, "pruned", now())
    if as_json:
        print_json({"removed": goners})
    else:
        print_lines([f"removed {one}" for one in goners] or ["nothing to remove"])
    return 0


def _money(text: str) -> str:
    from decimal import Decimal

    return show(Decimal(text))
