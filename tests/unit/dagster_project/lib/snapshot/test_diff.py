from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.lib.snapshot import commit, diff, stage
from dagster_project.lib.warehouse import TableSpec

from .conftest import Publish, made_from


def test_rows_and_money_that_changed_are_counted(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = publish().snapshot_id
    warehouse.execute("update fct_findings set under_amount = 9 where finding_id = 'f1'")
    warehouse.execute("delete from fct_findings where finding_id = 'f3'")
    warehouse.execute("insert into fct_findings values ('f4', 'USG-05', 1, 0, 'EUR', 'r2')")
    found = diff(tmp_path, before, publish().snapshot_id)
    table = next(one for one in found.tables if one.table_name == "fct_findings")
    assert (table.added, table.removed, table.changed) == (1, 1, 1)
    assert (table.rows_before, table.rows_after) == (3, 3)
    sums = {one["control_id"]: one for one in found.findings}
    assert sums["USG-05"]["before"]["under_amount"] == "3.750000"
    assert sums["USG-05"]["after"] == {
        "count": 3, "under_amount": "11.500000", "over_amount": "0.000000",
    }  # fmt: skip
    assert sums["RAT-01"]["after"]["count"] == 0


def test_another_run_of_the_same_facts_is_no_change(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = publish().snapshot_id
    warehouse.execute("update fct_findings set run_id = 'r2'")
    after = publish().snapshot_id
    found = diff(tmp_path, before, after)
    assert before != after
    assert not found.findings
    assert all(one.added == one.removed == one.changed == 0 for one in found.tables)


def test_nulls_and_new_columns_are_compared(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("update fct_findings set currency_code = null where finding_id = 'f1'")
    before = publish().snapshot_id
    warehouse.execute("alter table fct_findings add column note varchar")
    warehouse.execute("update fct_findings set currency_code = 'EUR' where finding_id = 'f1'")
    found = diff(tmp_path, before, publish().snapshot_id)
    table = next(one for one in found.tables if one.table_name == "fct_findings")
    assert (table.added, table.removed, table.changed) == (0, 0, 1)


def test_tables_that_came_went_or_have_no_key(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def publish_tables(*names: str) -> str:
        specs = [TableSpec(name, name) for name in names]
        folder = stage(warehouse, specs, tmp_path, "run")
        return commit(tmp_path, folder, made_from())[0].snapshot_id

    for name in ("kept", "old", "new"):
        warehouse.execute(f"create table {name} as from fct_findings")
    before = publish_tables("kept", "old")
    warehouse.execute("delete from kept where finding_id = 'f1'")
    found = diff(tmp_path, before, publish_tables("kept", "new"))
    counts = {one.table_name: (one.added, one.removed, one.changed) for one in found.tables}
    assert counts == {"kept": (0, 1, 0), "new": (3, 0, 0), "old": (0, 3, 0)}
    assert found.findings == []
