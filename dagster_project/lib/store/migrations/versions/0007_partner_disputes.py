"""Disputes with partners, their evidence and steps, and triggers that keep both as they were."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0007"
down_revision = "0006"

TABLES: dict[str, tuple[SchemaItem, ...]] = {
    "partner_disputes": (
        sa.Column("dispute_id", sa.String(length=40), nullable=False),
        sa.Column("partner_id", sa.String(length=200), nullable=False),
        sa.Column("direction_code", sa.String(length=16), nullable=False),
        sa.Column("statement_month", sa.Date(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("dispute_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("snapshot_id", sa.String(length=16), nullable=False),
        sa.Column("agreement_id", sa.String(length=200), nullable=False),
        sa.Column("version_no", sa.BigInteger(), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("dispute_until_on", sa.Date(), nullable=False),
        sa.Column("claimed_micros", sa.BigInteger(), nullable=False),
        sa.Column("difference_micros", sa.BigInteger(), nullable=False),
        sa.Column("disputed_micros", sa.BigInteger(), nullable=False),
        sa.Column("undisputed_micros", sa.BigInteger(), nullable=False),
        sa.Column("agreed_micros", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("dispute_id"),
        sa.UniqueConstraint(
            "partner_id",
            "direction_code",
            "statement_month",
            "currency_code",
            "dispute_no",
            name="uq_partner_disputes_statement",
        ),
    ),
    "partner_dispute_evidence": (
        sa.Column("dispute_id", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["partner_disputes.dispute_id"]),
        sa.PrimaryKeyConstraint("dispute_id"),
    ),
    "partner_dispute_events": (
        sa.Column("event_no", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("dispute_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["dispute_id"], ["partner_disputes.dispute_id"]),
        sa.PrimaryKeyConstraint("event_no"),
    ),
}
IMMUTABLE = ("partner_dispute_evidence", "partner_dispute_events")
REFUSAL = "what a dispute stands on, and its steps, are never changed"


def upgrade() -> None:
    """Make the tables and their guards."""
    for name, columns in TABLES.items():
        op.create_table(name, *columns)
    op.create_index(
        "ix_partner_dispute_events_dispute_id", "partner_dispute_events", ["dispute_id"]
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(
            "create function tieout_refuse_dispute() returns trigger language plpgsql as "
            f"$$ begin raise exception '{REFUSAL}'; end $$"
        )
    for table in IMMUTABLE:
        for word in ("update", "delete"):
            _guard(table, word, is_sqlite)


def downgrade() -> None:
    """Remove them."""
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("drop function tieout_refuse_dispute()")


def _guard(table: str, word: str, is_sqlite: bool) -> None:
    head = f"create trigger {table}_no_{word} before {word} on {table} "
    if is_sqlite:
        op.execute(f"{head}begin select raise(abort, '{REFUSAL}'); end")
    else:
        op.execute(f"{head}for each statement execute function tieout_refuse_dispute()")
