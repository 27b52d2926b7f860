"""The tables of the control store."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_no", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run_id", sa.String(16), nullable=False),
    sa.Column("command", sa.String(40), nullable=False),
    sa.Column("period_from", sa.Date, nullable=False),
    sa.Column("period_through", sa.Date, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
    sa.Column("snapshot_id", sa.String(16)),
    sa.Column("message", sa.Text, nullable=False),
)

snapshot_events = sa.Table(
    "snapshot_events",
    metadata,
    sa.Column("event_no", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("snapshot_id", sa.String(16), nullable=False, index=True),
    sa.Column("event", sa.String(16), nullable=False),
    sa.Column("happened_at", sa.DateTime, nullable=False),
    sa.Column("run_id", sa.String(16)),
)
