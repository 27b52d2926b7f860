"""The file ledger counts deleted rows, and local times that happen twice or never."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COUNTS = ("deleted_count", "ambiguous_time_count", "missing_time_count")


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("landed_files") as table:
        for name in COUNTS:
            table.add_column(sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("landed_files") as table:
        for name in COUNTS:
            table.drop_column(name)
