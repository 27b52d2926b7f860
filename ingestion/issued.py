"""What was issued comes back in at raw: the bill run's own invoices, as any other source.

The control store knows them; it hands its rows to `write_issued`. Where nothing was ever issued, a
part without rows lets the models find their columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_AMOUNT = pa.decimal128(18, 6)
_INVOICES = pa.schema(
    [
        ("invoice_number", pa.utf8()),
        ("document_type", pa.utf8()),
        ("corrects_invoice_number", pa.utf8()),
        ("is_part", pa.bool_()),
        ("bill_run_id", pa.utf8()),
        ("legal_entity_code", pa.utf8()),
        ("billing_month", pa.date32()),
        ("account_id", pa.utf8()),
        ("bill_cycle_code", pa.utf8()),
        ("currency_code", pa.utf8()),
        ("period_start_on", pa.date32()),
        ("period_end_on", pa.date32()),
        ("issued_on", pa.date32()),
        ("due_on", pa.date32()),
        ("line_count", pa.int64()),
        ("gross_amount", _AMOUNT),
        ("discount_amount", _AMOUNT),
        ("net_amount", _AMOUNT),
        ("tax_amount", _AMOUNT),
        ("rounding_amount", _AMOUNT),
        ("total_amount", _AMOUNT),
        ("prepaid_amount", _AMOUNT),
    ]
)
_LINES = pa.schema(
    [
        ("invoice_number", pa.utf8()),
        ("line_no", pa.int64()),
        ("document_type", pa.utf8()),
        ("expected_line_key", pa.utf8()),
        ("billing_month", pa.date32()),
        ("origin_month", pa.date32()),
        ("account_id", pa.utf8()),
        ("line_type", pa.utf8()),
        ("subscription_id", pa.utf8()),
        ("service_id", pa.utf8()),
        ("product_offering_id", pa.utf8()),
        ("charge_code", pa.utf8()),
        ("service_code", pa.utf8()),
        ("zone_code", pa.utf8()),
        ("discount_id", pa.utf8()),
        ("tax_group_code", pa.utf8()),
        ("price_rule_id", pa.utf8()),
        ("quantity", _AMOUNT),
        ("unit_code", pa.utf8()),
        ("unit_price_amount", _AMOUNT),
        ("line_amount", _AMOUNT),
        ("event_count", pa.int64()),
        ("service_start_on", pa.date32()),
        ("service_end_on", pa.date32()),
        ("currency_code", pa.utf8()),
    ]
)
_BATCH_ROWS = 50_000
ISSUED = {"issued_invoices": _INVOICES, "issued_invoice_lines": _LINES}


def write_issued(home: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write all rows of one of the tables `ISSUED` in place of those before."""
    schema = ISSUED[name]
    path = home / "raw" / f"tieout__{name}" / "part.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    with pq.ParquetWriter(aside, schema, compression="zstd", store_schema=False) as writer:
        for batch in _batches(rows):
            kept = [{column: row[column] for column in schema.names} for row in batch]
            writer.write_table(pa.Table.from_pylist(kept, schema=schema))
    aside.replace(path)


def count_issued(home: Path) -> int | None:
    """How many documents lie in raw; None when a part is not there, or of an older form."""
    paths = {name: home / "raw" / f"tieout__{name}" / "part.parquet" for name in ISSUED}
    for name, path in paths.items():
        if not path.is_file() or not pq.read_schema(path).equals(ISSUED[name]):
            return None
    return int(pq.read_metadata(paths["issued_invoices"]).num_rows)


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
    """The rows in pieces that fit into memory; one empty piece when there are none."""
    batch: list[Mapping[str, Any]] = []
    is_first = True
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch, is_first = [], False
    if batch or is_first:
        yield batch
