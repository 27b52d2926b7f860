"""An invoice may have several credit notes, each for a part of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
REFUSAL = "what was issued is never changed: correct it by a credit note"
BILL = ("account_id", "billing_month", "currency_code", "correction_no", "document_type")
CHARGE = ("expected_line_key", "correction_no", "document_type")
# table -> its new columns, and the keys that one of them joins
CHANGES: dict[str, tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    "issued_invoices": (
        ("part_no", "is_part"),
        {
            "uq_issued_invoices_corrects": ("corrects_invoice_number",),
            "uq_issued_invoices_bill": BILL,
        },
    ),
    "issued_lines": (("part_no",), {"uq_issued_lines_charge": CHARGE}),
}


def upgrade() -> None:
    """Add the columns; the number of the part joins the keys."""
    for table, (added, keys) in CHANGES.items():
        with op.batch_alter_table(table) as batch:
            for name in added:
                batch.add_column(_column(name))
            for key, names in keys.items():
                batch.drop_constraint(key, type_="unique")
                batch.create_unique_constraint(key, [*names, "part_no"])
        _guard_again(table)


def downgrade() -> None:
    """Drop them; refused by the keys where an invoice has several credit notes."""
    for table, (added, keys) in CHANGES.items():
        with op.batch_alter_table(table) as batch:
            for key, names in keys.items():
                batch.drop_constraint(key, type_="unique")
                batch.create_unique_constraint(key, list(names))
            for name in added:
                batch.drop_column(name)
        _guard_again(table)


def _column(name: str) -> sa.Column[Any]:
    if name == "part_no":
        return sa.Column(name, sa.Integer, nullable=False, server_default="0")
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _guard_again(table: str) -> None:
    """SQLite changes a key by making the table anew, and the triggers go with the old one."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for word in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{word} before {word} on {table} "
            f"begin select raise(abort, '{REFUSAL}'); end"
        )
