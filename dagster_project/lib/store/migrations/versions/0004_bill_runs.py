"""Bill runs, what they issued, and triggers that keep it as it was issued."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0004"
down_revision = "0003"

TABLES: dict[str, tuple[SchemaItem, ...]] = {
    "bill_runs": (
        sa.Column("bill_run_id", sa.String(length=40), nullable=False),
        sa.Column("billing_month", sa.Date(), nullable=False),
        sa.Column("bill_cycle_code", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("code_revision", sa.String(length=16), nullable=False),
        sa.Column("invoice_count", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("held_count", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("issued_by", sa.String(length=200), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=200), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("bill_run_id"),
    ),
    "bill_run_acceptances": (
        sa.Column("bill_run_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_run_id"],
            ["bill_runs.bill_run_id"],
        ),
        sa.PrimaryKeyConstraint("bill_run_id", "kind"),
    ),
    "bill_run_claims": (
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("billing_month", sa.Date(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("correction_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bill_run_id", sa.String(length=40), nullable=False),
        sa.Column("document_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_run_id"],
            ["bill_runs.bill_run_id"],
        ),
        sa.PrimaryKeyConstraint("account_id", "billing_month", "currency_code", "correction_no"),
    ),
    "number_sequences": (
        sa.Column("legal_entity_code", sa.String(length=60), nullable=False),
        sa.Column("number_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("legal_entity_code", "number_year"),
    ),
    "issued_invoices": (
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("invoice_number", sa.String(length=60), nullable=False),
        sa.Column("legal_entity_code", sa.String(length=60), nullable=False),
        sa.Column("number_year", sa.Integer(), nullable=False),
        sa.Column("sequence_number", sa.BigInteger(), nullable=False),
        sa.Column("document_type", sa.String(length=16), nullable=False),
        sa.Column("corrects_invoice_number", sa.String(length=60), nullable=True),
        sa.Column("bill_run_id", sa.String(length=40), nullable=True),
        sa.Column("draft_no", sa.BigInteger(), nullable=True),
        sa.Column("billing_month", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("bill_cycle_code", sa.String(length=60), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("correction_no", sa.Integer(), nullable=False),
        sa.Column("period_start_on", sa.Date(), nullable=False),
        sa.Column("period_end_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("gross_micros", sa.BigInteger(), nullable=False),
        sa.Column("discount_micros", sa.BigInteger(), nullable=False),
        sa.Column("net_micros", sa.BigInteger(), nullable=False),
        sa.Column("tax_micros", sa.BigInteger(), nullable=False),
        sa.Column("rounding_micros", sa.BigInteger(), nullable=False),
        sa.Column("total_micros", sa.BigInteger(), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_run_id"],
            ["bill_runs.bill_run_id"],
        ),
        sa.PrimaryKeyConstraint("invoice_id"),
        sa.UniqueConstraint(
            "account_id",
            "billing_month",
            "currency_code",
            "correction_no",
            "document_type",
            name="uq_issued_invoices_bill",
        ),
        sa.UniqueConstraint("bill_run_id", "draft_no", name="uq_issued_invoices_draft"),
        sa.UniqueConstraint("corrects_invoice_number", name="uq_issued_invoices_corrects"),
        sa.UniqueConstraint("invoice_number", name="uq_issued_invoices_number"),
        sa.UniqueConstraint(
            "legal_entity_code",
            "number_year",
            "sequence_number",
            name="uq_issued_invoices_sequence",
        ),
    ),
    "issued_lines": (
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expected_line_key", sa.String(length=400), nullable=False),
        sa.Column("document_type", sa.String(length=16), nullable=False),
        sa.Column("correction_no", sa.Integer(), nullable=False),
        sa.Column("origin_month", sa.Date(), nullable=False),
        sa.Column("line_type", sa.String(length=16), nullable=False),
        sa.Column("subscription_id", sa.String(length=200), nullable=True),
        sa.Column("service_id", sa.String(length=200), nullable=True),
        sa.Column("product_offering_id", sa.String(length=200), nullable=True),
        sa.Column("charge_code", sa.String(length=200), nullable=True),
        sa.Column("service_code", sa.String(length=200), nullable=True),
        sa.Column("zone_code", sa.String(length=200), nullable=True),
        sa.Column("discount_id", sa.String(length=200), nullable=True),
        sa.Column("tax_group_code", sa.String(length=200), nullable=True),
        sa.Column("price_rule_id", sa.String(length=200), nullable=True),
        sa.Column("gl_account_id", sa.String(length=200), nullable=True),
        sa.Column("unit_code", sa.String(length=200), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("arithmetic", sa.Text(), nullable=False),
        sa.Column("quantity_micros", sa.BigInteger(), nullable=True),
        sa.Column("unit_price_micros", sa.BigInteger(), nullable=True),
        sa.Column("line_micros", sa.BigInteger(), nullable=False),
        sa.Column("event_count", sa.BigInteger(), nullable=True),
        sa.Column("service_start_on", sa.Date(), nullable=True),
        sa.Column("service_end_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["issued_invoices.invoice_id"],
        ),
        sa.PrimaryKeyConstraint("invoice_id", "line_no"),
        sa.UniqueConstraint(
            "expected_line_key", "correction_no", "document_type", name="uq_issued_lines_charge"
        ),
    ),
    "issued_taxes": (
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("tax_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tax_rate_id", sa.String(length=200), nullable=True),
        sa.Column("tax_name", sa.String(length=200), nullable=True),
        sa.Column("tax_group_code", sa.String(length=200), nullable=True),
        sa.Column("tax_category_code", sa.String(length=200), nullable=True),
        sa.Column("jurisdiction_code", sa.String(length=200), nullable=True),
        sa.Column("exemption_reason", sa.String(length=200), nullable=True),
        sa.Column("rate_nanos", sa.BigInteger(), nullable=False),
        sa.Column("taxable_micros", sa.BigInteger(), nullable=False),
        sa.Column("tax_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["issued_invoices.invoice_id"],
        ),
        sa.PrimaryKeyConstraint("invoice_id", "tax_no"),
    ),
    "billing_events": (
        sa.Column("event_no", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bill_run_id", sa.String(length=40), nullable=True),
        sa.Column("invoice_number", sa.String(length=60), nullable=True),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_no"),
    ),
    "billing_locks": (
        sa.Column("lock_name", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lock_name"),
    ),
}
INDEXES = (
    ("bill_runs", "billing_month"),
    ("bill_run_claims", "bill_run_id"),
    ("issued_invoices", "account_id"),
    ("billing_events", "bill_run_id"),
    ("billing_events", "invoice_number"),
)
IMMUTABLE = ("issued_invoices", "issued_lines", "issued_taxes", "billing_events")
REFUSAL = "what was issued is never changed: correct it by a credit note"


def upgrade() -> None:
    """Make the tables and their guards."""
    for name, columns in TABLES.items():
        op.create_table(name, *columns)
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.bulk_insert(
        sa.table("billing_locks", sa.column("lock_name"), sa.column("turn")),
        [{"lock_name": "issue", "turn": 0}],
    )
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgresql
    guard()


def downgrade() -> None:
    """Remove them."""
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("drop function tieout_refuse_change()")


def _guard_sqlite() -> None:
    for table in IMMUTABLE:
        for word in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{word} before {word} on {table} "
                f"begin select raise(abort, '{REFUSAL}'); end"
            )


def _guard_postgresql() -> None:
    op.execute(
        "create function tieout_refuse_change() returns trigger language plpgsql as "
        f"$$ begin raise exception '{REFUSAL}'; end $$"
    )
    for table in IMMUTABLE:
        for word in ("update", "delete", "truncate"):
            op.execute(
                f"create trigger {table}_no_{word} before {word} on {table} "
                "for each statement execute function tieout_refuse_change()"
            )
