"""Reads what was issued: one document, all of a run, and everything for raw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dagster_project.lib.store.billing_tables import issued_invoices, issued_lines, issued_taxes

MICRO, NANO = Decimal("0.000001"), Decimal("0.000000001")
_FETCH_ROWS = 10_000


@dataclass(frozen=True)
class IssuedDocument:
    """An issued invoice or credit note; amounts as `*_amount`, signed as in the store."""

    invoice: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    taxes: tuple[Mapping[str, Any], ...]


class InvoiceTable:
    """Reads issued documents; there is nothing here that writes."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def find(self, invoice_number: str) -> IssuedDocument | None:
        """The document of that number, with its lines and taxes in their order."""
        condition = issued_invoices.c.invoice_number == invoice_number
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(issued_invoices).where(condition)).one_or_none()
            if row is None:
                return None
            rows = [
                tuple(
                    in_amounts(one._mapping)
                    for one in connection.execute(
                        sa.select(table)
                        .where(table.c.invoice_id == row.invoice_id)
                        .order_by(table.c[order])
                    )
                )
                for table, order in ((issued_lines, "line_no"), (issued_taxes, "tax_no"))
            ]
        return IssuedDocument(in_amounts(row._mapping), rows[0], rows[1])

    def credit_notes_of(self, invoice_number: str) -> list[str]:
        """The numbers of the credit notes of an invoice, in their order."""
        table = issued_invoices
        query = (
            sa.select(table.c.invoice_number)
            .where(table.c.corrects_invoice_number == invoice_number)
            .order_by(table.c.part_no)
        )
        with self._engine.connect() as connection:
            return [str(row[0]) for row in connection.execute(query)]

    def lines_before(self, credit_note: Mapping[str, Any]) -> dict[int, Decimal]:
        """What the lines of an invoice were before one of its credit notes, by line number."""
        heads, lines = issued_invoices, issued_lines
        number = credit_note["corrects_invoice_number"]
        earlier = sa.or_(
            heads.c.invoice_number == number,
            sa.and_(
                heads.c.corrects_invoice_number == number,
                heads.c.part_no < credit_note["part_no"],
            ),
        )
        query = (
            sa.select(lines.c.line_no, sa.func.sum(lines.c.line_micros))
            .join(heads, heads.c.invoice_id == lines.c.invoice_id)
            .where(earlier)
            .group_by(lines.c.line_no)
        )
        with self._engine.connect() as connection:
            return {int(row[0]): int(row[1]) * MICRO for row in connection.execute(query)}

    def of_run(self, bill_run_id: str) -> Iterator[dict[str, Any]]:
        """The invoices of a run in the order of their numbers."""
        query = (
            sa.select(issued_invoices)
            .where(issued_invoices.c.bill_run_id == bill_run_id)
            .order_by(issued_invoices.c.draft_no)
        )
        yield from self._each(query)

    def count_of_run(self, bill_run_id: str) -> int:
        """How many invoices of a run are issued."""
        query = sa.select(sa.func.count()).where(issued_invoices.c.bill_run_id == bill_run_id)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def count(self) -> int:
        """How many documents were ever issued; none of them changes or goes away."""
        with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(issued_invoices)
            return int(connection.execute(query).scalar_one())

    def all_invoices(self) -> Iterator[dict[str, Any]]:
        """Every document, by number of its legal entity and year."""
        order = ("legal_entity_code", "number_year", "sequence_number")
        query = sa.select(issued_invoices).order_by(*(issued_invoices.c[name] for name in order))
        yield from self._each(query)

    def all_lines(self) -> Iterator[dict[str, Any]]:
        """Every line with what its document says of it, in the order of `all_invoices`."""
        invoices = issued_invoices
        order = ("legal_entity_code", "number_year", "sequence_number")
        more = ("invoice_number", "billing_month", "account_id", "currency_code")
        query = (
            sa.select(issued_lines, *(invoices.c[name] for name in more))
            .join(invoices, invoices.c.invoice_id == issued_lines.c.invoice_id)
            .order_by(*(invoices.c[name] for name in order), issued_lines.c.line_no)
        )
        yield from self._each(query)

    def _each(self, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
        with self._engine.connect() as connection:
            found = connection.execution_options(yield_per=_FETCH_ROWS).execute(query)
            for row in found:
                yield in_amounts(row._mapping)


def in_amounts(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Whole micro-units as exact amounts: `net_micros` becomes `net_amount`."""
    plain = {}
    for name, value in row.items():
        if name == "quantity_micros":
            plain["quantity"] = None if value is None else value * MICRO
        elif name.endswith("_micros"):
            plain[name[: -len("micros")] + "amount"] = None if value is None else value * MICRO
        elif name.endswith("_nanos"):
            plain[name[: -len("nanos")] + "ratio"] = value * NANO
        else:
            plain[name] = value
    return plain
