"""Reads a frozen draft: its documents for issuing, its tables for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.billing.draft import FOLDER, TABLES
from dagster_project.lib.money import in_micros

Row = Mapping[str, Any]
_BUYER = (
    "billing_name",
    "street_address",
    "city_name",
    "postal_code",
    "country_code",
    "tax_id",
    "buyer_reference",
    "payment_term_days",
    "direct_debit_mandate_id",
    "iban",
    "language_code",
)
_SELLER = (
    "legal_name",
    "street_address",
    "city_name",
    "postal_code",
    "country_code",
    "tax_id",
    "registration_id",
    "iban",
    "bic",
    "payment_term_days",
    "payment_terms",
    "creditor_id",
    "invoice_number_pattern",
)
_TOTALS = """
    select currency_code, count(*) as invoice_count,
        cast(sum(gross_amount) as decimal(18,6)) as gross_amount,
        cast(sum(discount_amount) as decimal(18,6)) as discount_amount,
        cast(sum(net_amount) as decimal(18,6)) as net_amount,
        cast(sum(tax_amount) as decimal(18,6)) as tax_amount,
        cast(sum(rounding_amount) as decimal(18,6)) as rounding_amount,
        cast(sum(total_amount) as decimal(18,6)) as total_amount
    from d_invoices group by currency_code order by currency_code
"""
_CLAIM = ("account_id", "billing_month", "currency_code", "correction_no", "document_count")


@dataclass(frozen=True)
class DraftDocument:
    """One invoice as the store is to keep it, but for its number; money in whole micro-units."""

    invoice: Row
    lines: Sequence[Row]
    taxes: Sequence[Row]


class DraftContent:
    """The frozen tables of one bill run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Use a connection with a view `d_<name>` of each; `open_content` makes one."""
        self._connection = connection

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A whole table, in its order; for the small ones."""
        return self._read(f"select * from d_{table} order by {TABLES[table]}")

    def claims(self) -> list[dict[str, Any]]:
        """Account, month, currency and correction of each bill of the run."""
        rows = self._read("select * from d_invoices order by draft_no")
        return [{name: row[name] for name in _CLAIM} for row in rows]

    def documents(self, after: int, count: int) -> list[DraftDocument]:
        """The documents behind a draft_no, at most `count`, with their lines and taxes."""
        where = "draft_no > $after and draft_no <= $last"
        span = {"after": after, "last": after + count}
        found: dict[str, dict[int, list[dict[str, Any]]]] = {}
        for table in ("invoices", "lines", "taxes", "parties"):
            sql = f"select * from d_{table} where {where} order by {TABLES[table]}"
            grouped = found.setdefault(table, {})
            for row in self._read(sql, span):
                grouped.setdefault(row["draft_no"], []).append(row)
        documents = []
        for draft_no, [invoice] in found["invoices"].items():
            lines = [_in_store(row) for row in found["lines"].get(draft_no, [])]
            taxes = [_in_store(row) for row in found["taxes"].get(draft_no, [])]
            more = {
                "document_type": "invoice",
                "line_count": len(lines),
                "parties": _parties(found["parties"].get(draft_no, [{}])[0]),
            }
            documents.append(DraftDocument({**_in_store(invoice), **more}, lines, taxes))
        return documents

    def events(self, draft_no: int) -> list[dict[str, Any]]:
        """The usage behind one invoice, in the order it was made."""
        order = TABLES["events"]
        sql = f"select * from d_events where draft_no = $no order by {order}"
        return self._read(sql, {"no": draft_no})

    def totals(self) -> list[dict[str, Any]]:
        """Count and value of the draft's invoices, per currency."""
        return self._read(_TOTALS)

    def line_totals(self) -> list[dict[str, Any]]:
        """Count and value of the draft's lines, per currency, type and whether they came late."""
        return self._read(
            "select i.currency_code, l.line_type, l.origin_month < i.billing_month as is_late, "
            "count(*) as line_count, cast(sum(l.line_amount) as decimal(18,6)) as line_amount "
            "from d_lines as l join d_invoices as i using (draft_no) group by all order by all"
        )

    def _read(self, sql: str, given: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return rows_of(self._connection.execute(sql, given or {}))


def rows_of(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a statement; decimals stay exact."""
    names = [str(column[0]) for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@contextmanager
def open_content(home: Path, bill_run_id: str) -> Iterator[DraftContent]:
    """The frozen tables of a run, as long as the block lasts."""
    with duckdb.connect() as connection:
        for name in TABLES:
            path = home / FOLDER / bill_run_id / f"{name}.parquet"
            connection.read_parquet(str(path)).create_view(f"d_{name}")
        yield DraftContent(connection)


def _in_store(row: Row) -> dict[str, Any]:
    """Amounts and quantities in whole micro-units, shares in billionths, texts never empty."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if name.endswith("_amount"):
            plain[f"{name.removesuffix('amount')}micros"] = in_micros(value)
        elif name == "quantity":
            plain["quantity_micros"] = in_micros(value)
        elif name == "rate_ratio":
            plain["rate_nanos"] = 0 if value is None else int(value.scaleb(9))
        else:
            plain[name] = value
    for name in ("description", "arithmetic"):
        if name in plain:
            plain[name] = plain[name] or ""
    if "origin_month" in plain and "draft_no" in plain:
        plain.pop("draft_no")
    return plain


def _parties(row: Row) -> dict[str, Any]:
    return {
        "buyer": {name: row.get(name) for name in _BUYER},
        "seller": {name: row.get(f"seller_{name}") for name in _SELLER},
    }
