"""An operator small enough to be reckoned by hand: a handful of CSV files in UTC and EUR."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dagster_project.lib.snapshot import Snapshot, open_snapshot

from .conftest import run_tieout

FEEDS = {
    "product_offerings": "offerings",
    "price_rules": "prices",
    "accounts": "accounts",
    "subscriptions": "subscriptions",
    "network_usage": "network",
    "rated_usage": "rated",
    "bill_runs": "runs",
    "invoices": "invoices",
    "invoice_lines": "lines",
}


def reconcile(folder: Path, files: Mapping[str, str], *words: str) -> Snapshot:
    """Land the files and reconcile up to July 2026; words go to `tieout run`."""
    (folder / "landing").mkdir()
    for name, text in files.items():
        (folder / "landing" / name).write_text(text)
    operator = (
        '[operator]\nname = "T"\ntime_zone = "UTC"\ncurrency_code = "EUR"\n'
        'home_country_code = "49"\n'
    )
    feeds = "".join(f'[feeds.{feed}]\npath = "{name}.csv"\n' for feed, name in FEEDS.items())
    (folder / "tieout.toml").write_text(operator + feeds)
    done = run_tieout("run", "--period", "2026-07", *words, "--json", cwd=folder)
    assert done.code == 0, done.err
    return open_snapshot(folder / ".tieout")


def tuples(snapshot: Snapshot, sql: str) -> list[tuple[object, ...]]:
    """The rows of a statement on the published tables."""
    return [tuple(row.values()) for row in snapshot.rows(sql)]
