"""What the models declare is what the warehouse holds, column by column, and never a float."""

from __future__ import annotations

import duckdb
import pytest

from tests.house import tree
from tests.integration.conftest import Demo

Columns = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def built(demo: Demo) -> Columns:
    """Columns and their types by table, as the demo built them."""
    found: Columns = {}
    with duckdb.connect(
        str(demo.home / "warehouse" / "tieout.duckdb"), read_only=True
    ) as warehouse:
        rows = warehouse.execute(
            """select table_name, column_name, data_type from information_schema.columns
            order by table_name, ordinal_position"""
        ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def test_every_model_has_the_columns_it_declares(built: Columns) -> None:
    differ = [
        f"{model.name}: declared and not there {sorted(set(model.columns) - set(have))}, "
        f"there and not declared {sorted(set(have) - set(model.columns))}"
        for model in tree.models()
        if list(have := built.get(model.name, {})) != list(model.columns)
    ]
    tree.assert_none(differ)
    assert len(tree.models()) >= 90


def test_no_table_holds_a_float(built: Columns) -> None:
    floats = [
        f"{table}.{column}: {kind}"
        for table, columns in built.items()
        for column, kind in columns.items()
        if any(word in kind for word in ("DOUBLE", "FLOAT", "REAL"))
    ]
    tree.assert_none(floats)


def test_amounts_have_the_type_of_money(built: Columns) -> None:
    astray = [
        f"{table}.{column}: {kind}"
        for table, columns in built.items()
        for column, kind in columns.items()
        if column.endswith("_amount") and kind != "BOOLEAN" and kind != "DECIMAL(18,6)"
    ]
    tree.assert_none(astray)
