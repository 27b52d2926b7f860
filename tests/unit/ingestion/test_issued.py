"""What bill runs issued lies in raw, with or without rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.issued import ISSUED, write_issued
from tests.unit.ingestion.landing import Landing

PLAIN: dict[str, Any] = {"utf8": "x", "date32[day]": date(2026, 7, 1), "int64": 1, "bool": False}


def a_row(name: str, **changes: Any) -> dict[str, Any]:
    """A row of one of the tables, with these values."""
    row = {field.name: PLAIN.get(str(field.type), Decimal("1.50")) for field in ISSUED[name]}
    return {
        **row,
        **{field.name: "x" for field in ISSUED[name] if pa.types.is_string(field.type)},
        **changes,
    }


def test_an_ingestion_leaves_parts_without_rows(landing: Landing) -> None:
    landing.ingest()
    for name, schema in ISSUED.items():
        part = pq.read_table(landing.home / "raw" / f"tieout__{name}" / "part.parquet")
        assert part.num_rows == 0 and part.schema == schema


def test_an_ingestion_leaves_what_was_issued(landing: Landing) -> None:
    write_issued(landing.home, "issued_invoices", [a_row("issued_invoices", invoice_number="1")])
    landing.ingest()
    assert landing.rows("invoice_number, total_amount", "tieout__issued_invoices") == [
        ("1", Decimal("1.500000"))
    ]


def test_many_rows_are_written_in_pieces(tmp_path: Path) -> None:
    rows = (a_row("issued_invoice_lines", line_no=number) for number in range(50_001))
    write_issued(tmp_path, "issued_invoice_lines", rows)
    part = tmp_path / "raw" / "tieout__issued_invoice_lines" / "part.parquet"
    assert pq.read_table(part)["line_no"].to_pylist() == list(range(50_001))
    assert pq.ParquetFile(part).num_row_groups == 2
