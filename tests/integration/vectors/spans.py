"""Days and periods of a case, and the account, offer and price that hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .feeds import Feeds, Row


def local_day(text: str, zone: str) -> tuple[date, bool]:
    """The local day of a date or moment, and whether the moment is its first."""
    if "T" not in text:
        return date.fromisoformat(text), True
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC) if text[-1] != "Z" else None
    local = (moment or datetime.fromisoformat(text)).astimezone(ZoneInfo(zone))
    return local.date(), (local.hour, local.minute, local.second) == (0, 0, 0)


def months_later(day: date, months: int) -> date:
    """The same day some months later, the last one where the month is shorter."""
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    last = date((number + 1) // 12, (number + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def period_of(first: date, end: date) -> Row:
    """How a price says that its periods are as long as this one."""
    months = (end.year - first.year) * 12 + end.month - first.month
    if months > 0 and months_later(first, months) == end:
        return {"period_unit": "month", "period_count": months}
    return {"period_unit": "day", "period_count": (end - first).days}


def add_account(name: str, feeds: Feeds, **more: object) -> None:
    """An account of a case."""
    feeds.add(
        "accounts", account_id=f"A-{name}", account_type="consumer", currency_code="EUR", **more
    )


def add_service(name: str, account: str, feeds: Feeds, **more: object) -> None:
    """An offer of its own, held by a subscription."""
    feeds.add(
        "product_offerings", product_offering_id=name, offering_name=name, product_type="plan"
    )
    row = {"subscription_id": name, "account_id": f"A-{account}", "service_id": f"N-{name}"}
    for feed in ("crm_services", "subscriptions"):
        feeds.add(feed, **row, product_offering_id=name, status="active", **more)


def add_price(name: str, feeds: Feeds, **more: object) -> None:
    """A recurring price of that offer."""
    row: Row = {
        "price_rule_id": name, "product_offering_id": name, "charge_type": "recurring",
        "charge_code": "MRC", "charge_model": "flat", "currency_code": "EUR",
        "valid_from_on": "1990-01-01",
    }  # fmt: skip
    feeds.add("approved_prices", **row | more)
