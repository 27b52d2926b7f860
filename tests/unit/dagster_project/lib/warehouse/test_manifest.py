from __future__ import annotations

from typing import Any

from dagster_project.lib.warehouse import TableSpec
from dagster_project.lib.warehouse.manifest import DbtManifest


def _model(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "alias": name,
        "resource_type": "model",
        "relation_name": f'"db"."main"."{name}"',
        "tags": [],
        "config": {"materialized": "table", "meta": {}},
        "depends_on": {"nodes": []},
        "compiled_code": f"select '{name}'",
        **more,
    }


def _unique(model: str, columns: list[str]) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "attached_node": model,
        "tags": [],
        "test_metadata": {"name": "unique_combination_of_columns", "kwargs": {"columns": columns}},
    }


MANIFEST = DbtManifest(
    {
        "nodes": {
            "model.fct_b": _model("fct_b", tags=["published"]),
            "model.fct_a": _model("fct_a", tags=["published"]),
            "model.ctl": _model(
                "ctl_usg_05__x",
                config={"materialized": "view", "meta": {"control_id": "USG-05", "title": "T"}},
                depends_on={"nodes": ["model.fct_a", "source.raw"]},
            ),
            "test.1": _unique("model.fct_a", ["a", "b"]),
            "test.2": _unique("model.fct_a", ["id"]),
            "test.3": {
                "resource_type": "test",
                "attached_node": "model.ctl",
                "tags": [],
                "test_metadata": {"name": "unique", "kwargs": {}},
                "column_name": "finding_id",
            },
        }
    }
)


def test_published_tables_are_ordered_and_keyed_by_the_shortest_proven_key() -> None:
    assert MANIFEST.published() == [
        TableSpec("fct_a", '"db"."main"."fct_a"', ("id",)),
        TableSpec("fct_b", '"db"."main"."fct_b"', ()),
    ]


def test_controls_are_known_by_their_meta() -> None:
    controls = MANIFEST.controls()
    assert list(controls) == ["USG-05"]
    assert controls["USG-05"]["relation"] == '"db"."main"."ctl_usg_05__x"'


def test_sources_are_no_models() -> None:
    compiled = MANIFEST.compiled()['"db"."main"."ctl_usg_05__x"']
    assert compiled.needs == ('"db"."main"."fct_a"',)
    assert compiled.materialized == "view"
