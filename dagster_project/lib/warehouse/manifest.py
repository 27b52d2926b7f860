"""Reads dbt's manifest: which tables are published, by which key, and what SQL made each model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.lib.warehouse.protocol import TableSpec

PUBLISHED_TAG = "published"


@dataclass(frozen=True)
class CompiledModel:
    """A model or seed: its name, its relation, its SQL, and the relations it selects from."""

    name: str
    resource_type: str
    materialized: str
    relation: str
    sql: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class DbtManifest:
    """The content of dbt's manifest.json."""

    content: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> DbtManifest:
        """Load the file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def published(self) -> list[TableSpec]:
        """The models tagged `published`, by name; the key is what a uniqueness test proves."""
        keys = self._keys()
        return sorted(
            (
                TableSpec(node["alias"], node["relation_name"], keys.get(unique_id, ()))
                for unique_id, node in self.content["nodes"].items()
                if node["resource_type"] == "model" and PUBLISHED_TAG in node["tags"]
            ),
            key=lambda table: table.name,
        )

    def controls(self) -> dict[str, dict[str, Any]]:
        """Each control's meta from its yml (title, owner, ...), with its model's relation."""
        found = {}
        for node in self.content["nodes"].values():
            meta = node["config"].get("meta", {}) if node["resource_type"] == "model" else {}
            control_id = meta.get("control_id")
            if control_id:
                found[str(control_id)] = {
                    **meta,
                    "model": node["name"],
                    "relation": node["relation_name"],
                }
        return dict(sorted(found.items()))

    def compiled(self) -> dict[str, CompiledModel]:
        """Every model and seed by relation; those not compiled yet have no SQL."""
        nodes = self.content["nodes"]
        return {
            node["relation_name"]: CompiledModel(
                node["name"],
                node["resource_type"],
                node["config"].get("materialized") or "",
                node["relation_name"],
                node.get("compiled_code") or "",
                tuple(
                    nodes[needed]["relation_name"]
                    for needed in node["depends_on"].get("nodes", [])
                    if needed in nodes
                ),
            )
            for node in nodes.values()
            if node["resource_type"] in ("model", "seed") and node["relation_name"]
        }

    def _keys(self) -> dict[str, tuple[str, ...]]:
        """Per model the columns that a test proves unique; the fewest, when there are several."""
        proven: dict[str, list[tuple[str, ...]]] = {}
        for test in self.content["nodes"].values():
            about = test.get("test_metadata") if test["resource_type"] == "test" else None
            columns = _unique_columns(about, test) if about else ()
            if columns and test.get("attached_node"):
                proven.setdefault(test["attached_node"], []).append(columns)
        return {model: min(keys, key=lambda key: (len(key), key)) for model, keys in proven.items()}


def _unique_columns(about: dict[str, Any], test: dict[str, Any]) -> tuple[str, ...]:
    if about["name"] == "unique":
        return (test["column_name"],)
    if about["name"] == "unique_combination_of_columns":
        return tuple(about["kwargs"]["columns"])
    return ()
