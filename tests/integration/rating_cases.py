"""Small operators written row by row, and what the models make of their usage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .vectors.family import Project
from .vectors.feeds import Feeds

MONTH = "2026-05"
Rated = dict[str, dict[str, Any]]


def add_plan(feeds: Feeds, plan: str, price: Mapping[str, object], service: str = "voice") -> None:
    """A plan with one usage price; price_rule_id is the plan unless said."""
    feeds.add(
        "product_offerings", product_offering_id=plan, offering_name=plan, product_type="plan"
    )
    add_price(feeds, plan, price, service)


def add_price(feeds: Feeds, plan: str, price: Mapping[str, object], service: str = "voice") -> None:
    """One more usage price of a plan."""
    row = {
        "price_rule_id": plan,
        "product_offering_id": plan,
        "charge_code": "USAGE",
        "charge_type": "usage",
        "service_code": service,
        "charge_model": "per_unit",
        "currency_code": "EUR",
        "valid_from_on": "2000-01-01",
    }
    feeds.add("approved_prices", **row | dict(price))


def add_holding(
    feeds: Feeds,
    subscription: str,
    offering: str,
    account: str = "",
    since: str = "2000-01-01",
    until: str = "",
) -> None:
    """A subscription that holds an offer; its account is its own unless said."""
    row = {
        "account_id": account or f"A-{subscription}",
        "subscription_id": subscription,
        "service_id": f"N-{subscription}",
        "product_offering_id": offering,
        "status": "active",
        "valid_from_on": since,
        "valid_to_on": until,
    }
    feeds.add("crm_services", **row)
    feeds.add("subscriptions", **row)
    known = {one["account_id"] for one in feeds.rows.get("accounts", [])}
    if row["account_id"] not in known:
        feeds.add(
            "accounts",
            account_id=row["account_id"],
            account_type="consumer",
            currency_code="EUR",
        )


def add_call(
    feeds: Feeds, event_id: str, subscription: str, at: str | dt.datetime, seconds: object
) -> None:
    """A call at a UTC moment."""
    feeds.add(
        "network_usage", network_record_id=event_id, service_id=f"N-{subscription}",
        service_code="voice", call_type_code="originating", started_at=str(at),
        quantity=seconds, unit_code="second",
    )  # fmt: skip


def rate(
    home: Path, feeds: Feeds, time_zone: str = "UTC", first: str = MONTH, last: str = MONTH
) -> Rated:
    """Every event as the models rate it, by its id."""
    variables = {
        "period_from": f"{first}-01",
        "period_through": f"{last}-01",
        "keep_rated_events": True,
    }
    project = Project(home, feeds, time_zone)
    with project.built(variables, ["int_billing__rated_events"]) as connection:
        found = connection.execute("from main.int_billing__rated_events")
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["event_id"]: row for row in rows}
