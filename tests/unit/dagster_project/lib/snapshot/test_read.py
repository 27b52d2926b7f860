from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.lib.errors import DataError
from dagster_project.lib.snapshot import open_snapshot

from .conftest import Publish


def test_tables_are_queried_by_name_with_parameters(publish: Publish, tmp_path: Path) -> None:
    publish()
    rows = open_snapshot(tmp_path).rows(
        "select sum(under_amount) as amount from fct_findings where control_id = $control",
        {"control": "USG-05"},
    )
    assert rows == [{"amount": Decimal("3.750000")}]


def test_amounts_stay_exact_in_arrow(publish: Publish, tmp_path: Path) -> None:
    publish()
    table = open_snapshot(tmp_path).query("select under_amount from fct_findings")
    assert str(table.schema.field("under_amount").type) == "decimal128(18, 6)"


def test_an_open_snapshot_does_not_see_the_next_one(
    publish: Publish, warehouse: object, tmp_path: Path
) -> None:
    publish()
    before = open_snapshot(tmp_path)
    warehouse.execute("delete from fct_findings")  # type: ignore[attr-defined]
    publish()
    count = "select count(*) as n from fct_findings"
    assert (before.rows(count), open_snapshot(tmp_path).rows(count)) == ([{"n": 3}], [{"n": 0}])


def test_before_the_first_run_the_fix_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        open_snapshot(tmp_path)
    assert raised.value.code == "TIE-3012"
    assert "tieout run" in raised.value.fix


def test_unknown_snapshots_and_tables_are_named(publish: Publish, tmp_path: Path) -> None:
    publish()
    with pytest.raises(DataError, match="no snapshot abc"):
        open_snapshot(tmp_path, "abc")
    with pytest.raises(DataError, match="no table fct_unknown"):
        open_snapshot(tmp_path).table("fct_unknown")


def test_an_unreadable_manifest_is_named(publish: Publish, tmp_path: Path) -> None:
    manifest = publish()
    (tmp_path / "published" / manifest.snapshot_id / "manifest.json").write_text("{}")
    with pytest.raises(DataError) as raised:
        open_snapshot(tmp_path)
    assert raised.value.code == "TIE-3010"
