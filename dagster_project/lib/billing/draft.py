"""Freezes what a bill run is to issue: Parquet with hashes, made once, never recomputed.

Reading the models and issuing are days apart, and the models move on with every late record. So
what was reviewed is kept byte by byte, and issuing reads nothing else.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.billing.checks import refuse_unsound
from dagster_project.lib.billing.gate import GateLimits, find_points
from dagster_project.lib.billing.interface import open_views
from dagster_project.lib.billing.journal import ORDER, is_balanced, make_journal
from dagster_project.lib.billing.statements import STATEMENTS
from dagster_project.lib.errors import DataError

FOLDER = Path("billing")
MANIFEST = "manifest.json"
# where a draft lies until it has a name
NEW = ".new"
# table -> its total order, for equal content is to be equal bytes
TABLES: Mapping[str, str] = {
    "invoices": "draft_no",
    "lines": "draft_no, line_no",
    "taxes": "draft_no, tax_no",
    "events": "draft_no, expected_line_key, started_at, event_id",
    "parties": "draft_no",
    "held": "held_charge_key",
    "left_out": "account_id, currency_code",
    "points": "kind, account_id, currency_code",
    "runs": "currency_code",
    "journal": ORDER,
}


@dataclass(frozen=True)
class Scope:
    """What a run is narrowed to; empty: everything."""

    billing_month: date
    bill_cycle_code: str = ""
    account_id: str = ""

    @property
    def given(self) -> dict[str, Any]:
        """As the parameters of the statements."""
        return {
            "month": self.billing_month,
            "cycle": self.bill_cycle_code,
            "account": self.account_id,
        }

    def __str__(self) -> str:
        """As a person says it."""
        text = f"{self.billing_month:%Y-%m}"
        text += f", cycle {self.bill_cycle_code}" if self.bill_cycle_code else ""
        return text + (f", account {self.account_id}" if self.account_id else "")


@dataclass(frozen=True)
class DraftSummary:
    """What lies in a draft's folder.

    Attributes: content_hash (over the hashes of all tables); live_count (bills of the scope that
        were issued before and are therefore not in it); tables (rows and sha256 of each).
    """

    bill_run_id: str
    scope: Scope
    content_hash: str
    invoice_count: int
    line_count: int
    held_count: int
    live_count: int
    tables: Mapping[str, Mapping[str, Any]]


def make_draft(
    connection: duckdb.DuckDBPyConnection, home: Path, scope: Scope, limits: GateLimits
) -> DraftSummary:
    """Read the models and freeze what they say into a new folder, not yet named by an id.

    Raises: DataError when an invoice does not add up.
    """
    open_views(connection, scope.billing_month)
    for sql in STATEMENTS:
        given = {name: value for name, value in scope.given.items() if f"${name}" in sql}
        connection.execute(sql, given)
    refuse_unsound(connection)
    make_journal(connection)
    assert is_balanced(connection)  # noqa: S101 - follows from what was just checked
    find_points(connection, scope.given, limits)
    folder = home / FOLDER / NEW
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tables = {name: _freeze(connection, folder, name, order) for name, order in TABLES.items()}
    live = connection.execute("select count(*) from d_live").fetchone()
    digest = hashlib.sha256(json.dumps([asdict(scope), tables], default=str).encode()).hexdigest()
    return DraftSummary(
        bill_run_id="",
        scope=scope,
        content_hash=digest,
        invoice_count=tables["invoices"]["rows"],
        line_count=tables["lines"]["rows"],
        held_count=tables["held"]["rows"],
        live_count=int(live[0]) if live else 0,
        tables=tables,
    )


def place_draft(home: Path, summary: DraftSummary, attempt: int) -> DraftSummary:
    """Name the new folder by its content; the same content has the same name.

    Args: attempt: how many runs of this content were cancelled before.
    """
    text = f"{summary.content_hash}|{attempt}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    named = replace(summary, bill_run_id=f"{summary.scope.billing_month:%Y-%m}-{digest}")
    source, target = home / FOLDER / NEW, home / FOLDER / named.bill_run_id
    document = json.dumps(asdict(named), default=str, indent=2)
    (source / MANIFEST).write_text(document, encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    source.rename(target)
    return named


def read_manifest(home: Path, bill_run_id: str) -> dict[str, Any]:
    """What a draft's folder says of itself.

    Raises: DataError when it is gone.
    """
    path = home / FOLDER / bill_run_id / MANIFEST
    if not path.is_file():
        raise DataError(
            "TIE-3061",
            "what this bill run froze is not here",
            where=str(path),
            effect="nothing was read or issued",
            fix="use the TIEOUT_HOME it was drafted in, or cancel the run and draft again",
        )
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def verify_draft(home: Path, bill_run_id: str, content_hash: str) -> None:
    """Prove that a folder holds what was reviewed.

    Raises: DataError, naming the tables that are other ones.
    """
    manifest = read_manifest(home, bill_run_id)
    folder = home / FOLDER / bill_run_id
    broken = [
        name
        for name, said in manifest["tables"].items()
        if not (folder / f"{name}.parquet").is_file()
        or _sha256(folder / f"{name}.parquet") != said["sha256"]
    ]
    if broken or manifest["content_hash"] != content_hash:
        raise DataError(
            "TIE-3062",
            "this is not what was drafted",
            where=f"{folder}: {', '.join(broken) or MANIFEST}",
            effect="nothing was issued",
            fix=f"`tieout bill cancel {bill_run_id}` and draft again",
        )


def _freeze(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str, order: str
) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    counted = connection.execute(
        f"copy (from d_{name} order by {order}) to '{path}' (format parquet, compression zstd)"
    ).fetchone()
    return {"rows": int(counted[0]) if counted else 0, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
