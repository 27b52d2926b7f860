"""What a snapshot says about itself, and how its id follows from what it holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.lib.errors import DataError

MANIFEST_NAME = "manifest.json"
ID_LENGTH = 16


@dataclass(frozen=True)
class TableInfo:
    """A published table: rows, hash, key, and per currency the sum of each amount column."""

    rows: int
    sha256: str
    key: tuple[str, ...] = ()
    control_totals: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Provenance:
    """What a snapshot was made from; equal provenance and equal tables are the same snapshot."""

    run_id: str
    code_revision: str
    period_from: str
    period_through: str
    time_zone: str
    currency_code: str
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json."""

    snapshot_id: str
    tables: dict[str, TableInfo]
    provenance: Provenance

    def to_json(self) -> str:
        """The same text for the same content."""
        text = {
            "snapshot_id": self.snapshot_id,
            "tables": {name: asdict(info) for name, info in sorted(self.tables.items())},
            **asdict(self.provenance),
        }
        return json.dumps(text, indent=1, sort_keys=True) + "\n"


def make_snapshot_id(tables: dict[str, TableInfo], provenance: Provenance) -> str:
    """The first 16 hex digits over table hashes, input hashes, parameters and code revision."""
    content = {
        "tables": {name: info.sha256 for name, info in tables.items()},
        "provenance": asdict(provenance),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:ID_LENGTH]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of one snapshot folder.

    Raises: FileNotFoundError when there is none; DataError when it cannot be read.
    """
    path = folder / MANIFEST_NAME
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        names = Provenance.__dataclass_fields__
        tables = {name: _table_info(info) for name, info in text["tables"].items()}
        provenance = Provenance(**{name: text[name] for name in names})
        return Manifest(text["snapshot_id"], tables, provenance)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "TIE-3010",
            "a snapshot's manifest cannot be read",
            where=str(path),
            effect="this snapshot cannot be used",
            fix="`tieout snapshot rollback` to another one, or `tieout run --full` to rebuild it",
        ) from error


def hash_file(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table_info(info: dict[str, Any]) -> TableInfo:
    return TableInfo(info["rows"], info["sha256"], tuple(info["key"]), info["control_totals"])
