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

landed_files = sa.Table(
    "landed_files",
    metadata,
    sa.Column("feed", sa.String(60), primary_key=True),
    sa.Column("source_file", sa.String(500), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("file_hash", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("etag", sa.String(200), nullable=False, server_default=""),
    sa.Column("code", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("fix", sa.Text, nullable=False),
    sa.Column("line_count", sa.BigInteger, nullable=False),
    sa.Column("header_count", sa.BigInteger, nullable=False),
    sa.Column("trailer_count", sa.BigInteger, nullable=False),
    sa.Column("blank_count", sa.BigInteger, nullable=False),
    sa.Column("loaded_count", sa.BigInteger, nullable=False),
    sa.Column("quarantined_count", sa.BigInteger, nullable=False),
    sa.Column("deleted_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ambiguous_time_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("missing_time_count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("first_event_on", sa.Date),
    sa.Column("last_event_on", sa.Date),
    sa.Column("parts", sa.JSON, nullable=False),
)
