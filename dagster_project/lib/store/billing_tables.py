"""The tables of the bill run: its life, what it issued, and the numbers it gave.

Money and quantities are whole micro-units: SQLite keeps a NUMERIC as a binary fraction. Issued
rows and events are never changed or removed; triggers of the migration refuse it.
"""

from __future__ import annotations

import sqlalchemy as sa

from dagster_project.lib.store.tables import metadata


def _text(name: str, length: int = 200, *, is_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=is_key, nullable=False)


def _micros(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _invoice_id(*, is_key: bool) -> sa.Column[str]:
    key = sa.ForeignKey("issued_invoices.invoice_id")
    return sa.Column("invoice_id", sa.String(40), key, primary_key=is_key, nullable=False)


bill_runs = sa.Table(
    "bill_runs",
    metadata,
    _text("bill_run_id", 40, is_key=True),
    sa.Column("billing_month", sa.Date, nullable=False, index=True),
    _text("bill_cycle_code", 60),
    _text("account_id"),
    _text("status", 16),
    _text("content_hash", 64),
    _text("code_revision", 16),
    sa.Column("invoice_count", sa.BigInteger, nullable=False),
    sa.Column("line_count", sa.BigInteger, nullable=False),
    sa.Column("held_count", sa.BigInteger, nullable=False),
    _text("drafted_by"),
    sa.Column("drafted_at", sa.DateTime, nullable=False),
    sa.Column("reviewed_by", sa.String(200)),
    sa.Column("reviewed_at", sa.DateTime),
    sa.Column("issued_by", sa.String(200)),
    sa.Column("issued_at", sa.DateTime),
    sa.Column("issued_on", sa.Date),
    sa.Column("cancelled_by", sa.String(200)),
    sa.Column("cancelled_at", sa.DateTime),
)

# A kind of gate point that somebody accepts, and why.
bill_run_acceptances = sa.Table(
    "bill_run_acceptances",
    metadata,
    sa.Column(
        "bill_run_id", sa.String(40), sa.ForeignKey("bill_runs.bill_run_id"), primary_key=True
    ),
    _text("kind", 40, is_key=True),
    _text("accepted_by"),
    sa.Column("accepted_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

# One bill of an account and month belongs to one run: taken for a whole run before its first
# number. `correction_no` counts the bills of that account and month that were credited before.
bill_run_claims = sa.Table(
    "bill_run_claims",
    metadata,
    _text("account_id", is_key=True),
    sa.Column("billing_month", sa.Date, primary_key=True),
    sa.Column("currency_code", sa.String(3), primary_key=True),
    sa.Column("correction_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column(
        "bill_run_id",
        sa.String(40),
        sa.ForeignKey("bill_runs.bill_run_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("document_count", sa.Integer, nullable=False),
)

number_sequences = sa.Table(
    "number_sequences",
    metadata,
    _text("legal_entity_code", 60, is_key=True),
    sa.Column("number_year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_number", sa.BigInteger, nullable=False),
)

issued_invoices = sa.Table(
    "issued_invoices",
    metadata,
    _text("invoice_id", 40, is_key=True),
    _text("invoice_number", 60),
    _text("legal_entity_code", 60),
    sa.Column("number_year", sa.Integer, nullable=False),
    sa.Column("sequence_number", sa.BigInteger, nullable=False),
    _text("document_type", 16),
    sa.Column("corrects_invoice_number", sa.String(60)),
    # which credit note of its invoice it is, from 0; is_part: something of the invoice is left
    sa.Column("part_no", sa.Integer, nullable=False, server_default="0"),
    sa.Column("is_part", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("bill_run_id", sa.String(40), sa.ForeignKey("bill_runs.bill_run_id")),
    sa.Column("draft_no", sa.BigInteger),
    sa.Column("billing_month", sa.Date, nullable=False),
    sa.Column("account_id", sa.String(200), nullable=False, index=True),
    _text("bill_cycle_code", 60),
    sa.Column("currency_code", sa.String(3), nullable=False),
    sa.Column("correction_no", sa.Integer, nullable=False),
    sa.Column("period_start_on", sa.Date, nullable=False),
    sa.Column("period_end_on", sa.Date, nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("line_count", sa.BigInteger, nullable=False),
    _micros("gross_micros"),
    _micros("discount_micros"),
    _micros("net_micros"),
    _micros("tax_micros"),
    _micros("rounding_micros"),
    _micros("total_micros"),
    sa.Column("prepaid_micros", sa.BigInteger, nullable=False, server_default="0"),
    # seller and buyer as they were on that day
    sa.Column("parties", sa.JSON, nullable=False),
    _text("issued_by"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.UniqueConstraint("invoice_number", name="uq_issued_invoices_number"),
    sa.UniqueConstraint(
        "legal_entity_code", "number_year", "sequence_number", name="uq_issued_invoices_sequence"
    ),
    sa.UniqueConstraint("corrects_invoice_number", "part_no", name="uq_issued_invoices_corrects"),
    sa.UniqueConstraint("bill_run_id", "draft_no", name="uq_issued_invoices_draft"),
    sa.UniqueConstraint(
        "account_id",
        "billing_month",
        "currency_code",
        "correction_no",
        "document_type",
        "part_no",
        name="uq_issued_invoices_bill",
    ),
)

issued_lines = sa.Table(
    "issued_lines",
    metadata,
    _invoice_id(is_key=True),
    sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
    _text("expected_line_key", 400),
    _text("document_type", 16),
    sa.Column("correction_no", sa.Integer, nullable=False),
    sa.Column("part_no", sa.Integer, nullable=False, server_default="0"),
    sa.Column("origin_month", sa.Date, nullable=False),
    _text("line_type", 16),
    *(
        sa.Column(name, sa.String(200))
        for name in (
            "subscription_id",
            "service_id",
            "product_offering_id",
            "charge_code",
            "service_code",
            "zone_code",
            "discount_id",
            "tax_group_code",
            "price_rule_id",
            "gl_account_id",
            "unit_code",
        )
    ),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("arithmetic", sa.Text, nullable=False),
    sa.Column("quantity_micros", sa.BigInteger),
    sa.Column("unit_price_micros", sa.BigInteger),
    _micros("line_micros"),
    sa.Column("event_count", sa.BigInteger),
    sa.Column("service_start_on", sa.Date),
    sa.Column("service_end_on", sa.Date),
    sa.UniqueConstraint(
        "expected_line_key",
        "correction_no",
        "document_type",
        "part_no",
        name="uq_issued_lines_charge",
    ),
)

issued_taxes = sa.Table(
    "issued_taxes",
    metadata,
    _invoice_id(is_key=True),
    sa.Column("tax_no", sa.Integer, primary_key=True, autoincrement=False),
    *(
        sa.Column(name, sa.String(200))
        for name in (
            "tax_rate_id",
            "tax_name",
            "tax_group_code",
            "tax_category_code",
            "jurisdiction_code",
            "exemption_reason",
        )
    ),
    # billionths of the share: 0.19 is 190000000
    sa.Column("rate_nanos", sa.BigInteger, nullable=False),
    _micros("taxable_micros"),
    _micros("tax_micros"),
)

# Who did what, when.
billing_events = sa.Table(
    "billing_events",
    metadata,
    sa.Column("event_no", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("bill_run_id", sa.String(40), index=True),
    sa.Column("invoice_number", sa.String(60), index=True),
    _text("event", 16),
    _text("actor"),
    sa.Column("happened_at", sa.DateTime, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

# One row; whoever begins to issue, or credits, takes it for the time of the transaction.
billing_locks = sa.Table(
    "billing_locks",
    metadata,
    _text("lock_name", 16, is_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),
)
IMMUTABLE = ("issued_invoices", "issued_lines", "issued_taxes", "billing_events")
