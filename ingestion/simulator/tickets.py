"""A few complaints, as a help desk has them."""

from __future__ import annotations

from ingestion.simulator.files import csv_head
from ingestion.simulator.roles import Role
from ingestion.simulator.traffic import World

_COLUMNS = (
    "ticket_id",
    "account_id",
    "subscription_id",
    "category_code",
    "opened_at",
    "closed_at",
)
_REASONS = {Role.RC_DUP: "charged_twice", Role.CEASED_LINE: "no_service", Role.EXACT: "wrong_bill"}


def ticket_text(world: World) -> str:
    """Return the tickets of customers who noticed that they pay too much."""
    lines, calendar = world.lines, world.calendar
    rows = []
    for role, reason in _REASONS.items():
        for sub in (lines.role == role).nonzero()[0][:10]:
            opened = calendar.date_of(min(int(lines.role_day[sub]), calendar.day_count - 3) + 2)
            rows.append(
                f"T{int(sub):08d},A{10_000_000 + int(lines.acct[sub])},S{10_000_000 + int(sub)},"
                f"{reason},{opened} 10:00:00,{opened} 16:30:00\n"
            )
    return csv_head(_COLUMNS) + "".join(sorted(rows))
