"""The two doors: Great Expectations over what was landed and over what is about to be published.

Results are kept under home until they are published themselves, as `expectation_results`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from dagster_project.resources.workspace import Workspace

RESULTS_TABLE = "expectation_results"
_FOLDER = "checks"


def check_landing(workspace: Workspace, feeds: Sequence[str]) -> dict[str, list[str]]:
    """Hold landed feeds against their contracts.

    Returns: what is broken, per raw table; empty when all is well.
    """
    from expectations.run import run_landing
    from ingestion.contracts import load_contracts

    results = [asdict(one) for one in run_landing(workspace.home, load_contracts(), list(feeds))]
    return _keep(workspace.home, "landing", results)


def check_published(workspace: Workspace, folder: Path) -> dict[str, list[str]]:
    """Hold staged tables against what we promise our readers.

    Returns: what is broken, per table; empty when all is well.
    """
    from expectations.run import run_published

    results = [asdict(one) for one in run_published(folder)]
    return _keep(workspace.home, "published", results)


def read_results(home: Path) -> pa.Table:
    """The results of both doors, as they are published."""
    import pyarrow as pa

    texts = ("suite", "door", "table_name", "expectation", "column_name")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("success", pa.bool_()),
            ("observed", pa.string()),
            ("unexpected_count", pa.int64()),
        ]
    )
    rows = [row for door in ("landing", "published") for row in _read(home, door)]
    return pa.Table.from_pylist(
        [{name: row[name] for name in schema.names} for row in rows], schema
    )


def _keep(home: Path, door: str, results: list[dict[str, Any]]) -> dict[str, list[str]]:
    path = home / _FOLDER / f"{door}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, default=str), encoding="utf-8")
    broken: dict[str, list[str]] = {}
    for one in results:
        if not one["success"]:
            broken.setdefault(one["table_name"], []).append(_say(one))
    return broken


def read_broken(home: Path) -> list[str]:
    """What the doors last found to be broken, each with its table."""
    return [
        f"{one['table_name']}: {_say(one)}"
        for door in ("landing", "published")
        for one in _read(home, door)
        if not one["success"]
    ]


def _say(one: dict[str, Any]) -> str:
    return f"{one['expectation']}({one['column_name'] or ''}): {one['observed']}"


def _read(home: Path, door: str) -> list[dict[str, Any]]:
    path = home / _FOLDER / f"{door}.json"
    if not path.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
