"""The file ledger keeps the version that a remote store states of a file."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("landed_files") as table:
        table.add_column(sa.Column("etag", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("landed_files") as table:
        table.drop_column("etag")
