"""An issued invoice says what of it was paid before it was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    column = sa.Column("prepaid_micros", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("issued_invoices", column)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("issued_invoices", "prepaid_micros")
