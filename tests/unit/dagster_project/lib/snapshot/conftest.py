from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dagster_project.lib.snapshot import Manifest, Provenance, commit, stage, stage_extra
from dagster_project.lib.warehouse import TableSpec

Publish = Callable[..., Manifest]
FINDINGS = TableSpec("fct_findings", "fct_findings", ("finding_id",))


def made_from(**changes: Any) -> Provenance:
    given = {
        "run_id": "r1", "code_revision": "c1", "period_from": "2026-05-01",
        "period_through": "2026-07-01", "time_zone": "Europe/Berlin", "currency_code": "EUR",
        "parameters": {}, "inputs": {"mediation__network_usage": ["aa"]}, **changes,
    }  # fmt: skip
    return Provenance(**given)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table fct_findings (finding_id varchar, control_id varchar, "
            "under_amount decimal(18,6), over_amount decimal(18,6), currency_code varchar, "
            "run_id varchar)"
        )
        connection.execute(
            "insert into fct_findings values ('f2', 'USG-05', 1.5, 0, 'EUR', 'r1'), "
            "('f1', 'USG-05', 2.25, 0, 'EUR', 'r1'), ('f3', 'RAT-01', 0, 4, 'USD', 'r1')"
        )
        yield connection


@pytest.fixture
def publish(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Publish:
    """Publishes what stands in the warehouse now."""

    def publish_now(**changes: Any) -> Manifest:
        folder = stage(warehouse, [FINDINGS], tmp_path, "run")
        stage_extra(folder, "expectation_results", pa.table({"success": [True]}))
        return commit(tmp_path, folder, made_from(**changes))[0]

    return publish_now
