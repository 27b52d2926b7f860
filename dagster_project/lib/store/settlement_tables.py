"""The tables of disputes with partners: what is disputed, on which evidence, and each step of it.

Money is whole micro-units, as in the tables of the bill run. Steps are never changed or removed;
triggers of the migration refuse it.
"""

from __future__ import annotations

import sqlalchemy as sa

from dagster_project.lib.store.tables import metadata

# `dispute_no` counts the disputes of one statement, from 1: of two processes that open the same
# at once, the key lets one through. Amounts are declared less measured, but for what is claimed,
# undisputed and agreed; see docs/settlement.md.
partner_disputes = sa.Table(
    "partner_disputes",
    metadata,
    sa.Column("dispute_id", sa.String(40), primary_key=True),
    sa.Column("partner_id", sa.String(200), nullable=False),
    sa.Column("direction_code", sa.String(16), nullable=False),
    sa.Column("statement_month", sa.Date, nullable=False),
    sa.Column("currency_code", sa.String(3), nullable=False),
    sa.Column("dispute_no", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("snapshot_id", sa.String(16), nullable=False),
    sa.Column("agreement_id", sa.String(200), nullable=False),
    sa.Column("version_no", sa.BigInteger, nullable=False),
    sa.Column("stated_on", sa.Date, nullable=False),
    sa.Column("dispute_until_on", sa.Date, nullable=False),
    sa.Column("claimed_micros", sa.BigInteger, nullable=False),
    sa.Column("difference_micros", sa.BigInteger, nullable=False),
    sa.Column("disputed_micros", sa.BigInteger, nullable=False),
    sa.Column("undisputed_micros", sa.BigInteger, nullable=False),
    sa.Column("agreed_micros", sa.BigInteger),
    sa.Column("opened_by", sa.String(200), nullable=False),
    sa.Column("opened_at", sa.DateTime, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("evidence_hash", sa.String(64), nullable=False),
    sa.UniqueConstraint(
        "partner_id",
        "direction_code",
        "statement_month",
        "currency_code",
        "dispute_no",
        name="uq_partner_disputes_statement",
    ),
)

# What the dispute stands on, as it was when it was opened.
partner_dispute_evidence = sa.Table(
    "partner_dispute_evidence",
    metadata,
    sa.Column(
        "dispute_id",
        sa.String(40),
        sa.ForeignKey("partner_disputes.dispute_id"),
        primary_key=True,
    ),
    sa.Column("content", sa.Text, nullable=False),
)

partner_dispute_events = sa.Table(
    "partner_dispute_events",
    metadata,
    sa.Column("event_no", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "dispute_id",
        sa.String(40),
        sa.ForeignKey("partner_disputes.dispute_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("happened_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("agreed_micros", sa.BigInteger),
)
