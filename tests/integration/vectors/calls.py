"""rate_call, debit, round_up_to and usage_buckets: calls, messages and sessions with tariffs.

Every interval of a tariff becomes a price row; where there are several, or a time of day counts,
one of a time band of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from .family import Family, Figures, Project
from .feeds import MONTH, Case, Feeds, Inputs, Row, UnsupportedError, add_offer
from .usage import SERVICE_OF

DAY_SECONDS = 86_400
MODES = {"up": "up", "down": "down", "middle": "half_up"}
MAXIMUM_RULES = {"free": "cap", "disconnect": "disconnect"}
INTERVAL = {"rates", "connect_fee", "rounding", "weight", "timing", "max_cost", "max_cost_strategy"}
TIMING = {"weekdays", "months", "month_days", "start_time", "end_time", "years"}
QUERY = """
    select event_id, strftime(billing_month, '%Y-%m') as month, charge_amount, rated_quantity,
        span_count, unrounded_amount, quantity
    from main.int_billing__rated_events
"""
DEBIT = {
    "calc", "rule", "usage", "unit_balances", "money", "money_rate", "money_increment",
    "allow_negative", "connect_fee", "currency",
}  # fmt: skip
DEBITS = """
    select d.event_id, d.cost_amount, d.debited_quantity, d.money_after_amount, d.is_rejected,
        list(b.left_quantity order by b.slot_no) filter (b.slot_no > 0)
    from main.int_prepaid__debits as d
    join main.int_prepaid__balances_after as b using (subscription_id)
    group by all
"""


def add_call(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """rate_call: one event; a price row, and if need be a time band, for each interval."""
    intervals = inputs["intervals"]
    for interval in intervals:
        if more := sorted(set(interval) - INTERVAL | set(interval.get("timing", {})) - TIMING):
            raise UnsupportedError(f"an interval with {', '.join(more)}")
    service = inputs["service"]
    started_at = _utc(inputs.get("answer_time", f"{MONTH}-01T10:00:00Z"))
    prices = [_price(interval, inputs) for interval in intervals]
    _add_subscription(name, feeds)
    is_timed = len(intervals) > 1 or "timing" in intervals[0] or "answer_time" in inputs
    for number, (interval, price) in enumerate(zip(intervals, prices, strict=True)):
        rule = f"{name}#{number}"
        if is_timed:
            _add_band(rule, interval, feeds)
        row = price | {
            "time_band_code": rule if is_timed else "",
            "band_rule": "complete_increment" if service == "voice" else "start",
        }
        for start, end in _years(interval.get("timing", {}).get("years")):
            key = f"{rule}@{start}"
            feeds.add(
                "approved_prices", price_rule_id=key, product_offering_id=name, charge_code="USAGE",
                charge_type="usage", service_code=service, currency_code="EUR", **row,
                valid_from_on=start, valid_to_on=end,
            )  # fmt: skip
            _add_steps(key, interval["rates"], feeds)
    _add_event(name, name, service, inputs["usage"], started_at, feeds)


def _utc(text: str) -> str:
    moment = dt.datetime.fromisoformat(text)
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"


def _add_subscription(name: str, feeds: Feeds) -> None:
    offer = Feeds()
    add_offer(name, "voice", offer, {}, "2000-01-01")
    del offer.rows["approved_prices"]
    feeds.take(offer)


def _years(years: Sequence[int] | None) -> Iterator[tuple[str, str]]:
    if not years:
        yield "2000-01-01", ""
    for year in years or ():
        yield f"{year}-01-01", f"{year + 1}-01-01"


def _add_band(code: str, interval: dict[str, Any], feeds: Feeds) -> None:
    """Of intervals of one weight the one that began last holds: the start is part of it."""
    timing = interval.get("timing", {})
    start, end = _seconds(timing.get("start_time")), _seconds(timing.get("end_time"))
    weight = int(Decimal(str(interval.get("weight", 0))) * DAY_SECONDS) + start
    days = timing.get("weekdays") or range(1, 8)
    months, month_days = timing.get("months") or [""], timing.get("month_days") or [""]
    for weekday, month, month_day in product(days, months, month_days):
        feeds.add(
            "time_bands", time_band_code=code, weekday_no=weekday, month_no=month,
            month_day_no=month_day, starts_at_second=start, ends_at_second=end or DAY_SECONDS,
            weight=weight,
        )  # fmt: skip


def _seconds(clock: str | None) -> int:
    if not clock:
        return 0
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return 3600 * hours + 60 * minutes + seconds


def _price(interval: dict[str, Any], inputs: Inputs) -> Row:
    rounding = interval.get("rounding") or {"method": "middle", "decimals": 6}
    if not inputs.get("final_rounding", True):
        rounding = {"method": "middle", "decimals": 6}
    row: Row = {
        "charge_model": "graduated",
        "tier_basis": "event",
        "price_amount": "0",
        "connect_amount": interval.get("connect_fee", "0"),
        "rounding_mode": MODES[rounding["method"]],
        "rounding_decimals": min(rounding["decimals"], 6),
        "increment_rounding_decimals": inputs.get("increment_cost_decimals", ""),
    }
    if "max_cost" in interval and "max_cost_strategy" in interval:
        row |= {
            "maximum_amount": interval["max_cost"],
            "maximum_rule": MAXIMUM_RULES[interval["max_cost_strategy"]],
        }
    return row


def _add_steps(rule: str, rates: Sequence[dict[str, str]], feeds: Feeds) -> None:
    ordered = sorted(rates, key=lambda rate: Decimal(rate.get("group_start", "0")))
    starts = [rate.get("group_start", "0") for rate in ordered]
    for number, (rate, end) in enumerate(zip(ordered, [*starts[1:], ""], strict=True), start=1):
        price, unit = Decimal(rate["rate"]), Decimal(rate["unit"])
        while price != round(price, 6):
            price, unit = price * 10, unit * 10
        feeds.add(
            "price_tiers", price_rule_id=rule, tier_no=number, upper_quantity=end,
            price_amount=f"{price:f}", unit_quantity=f"{unit:f}",
            increment_quantity=rate["increment"], currency_code="EUR",
        )  # fmt: skip


def _add_event(
    event_id: str, name: str, service: str, quantity: str, started_at: str, feeds: Feeds
) -> None:
    code, unit = SERVICE_OF[service]
    feeds.add(
        "network_usage", network_record_id=event_id, service_id=f"N-{name}", service_code=code,
        call_type_code="originating", started_at=started_at, quantity=quantity, unit_code=unit,
    )  # fmt: skip


def add_rounding(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """round_up_to: the increments of one event."""
    price = {
        "charge_model": "per_unit",
        "price_amount": "1",
        "first_increment_quantity": inputs["multiple"],
    }
    add_offer(name, "data", feeds, price)
    _add_event(name, name, "data", inputs["value"], f"{MONTH}-01 10:00:00", feeds)


def add_buckets(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """usage_buckets: events that belong to the months of the operator's clock."""
    price = {"charge_model": "per_unit", "price_amount": inputs.get("unit_amount", "1")}
    add_offer(name, "data", feeds, price, "2000-01-01")
    for number, event in enumerate(inputs["events"]):
        at = _utc(event["timestamp"])
        _add_event(f"{name}#{number}", name, "data", event["quantity"], at, feeds)


def add_debit(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """debit: one call of a prepaid subscription with balances of its own."""
    if more := sorted(set(inputs) - DEBIT):
        raise UnsupportedError(f"a debit with {', '.join(more)}")
    units = inputs.get("unit_balances", [])
    if len(units) > 4 or any(set(one) - {"units", "increment"} for one in units):
        raise UnsupportedError("balances of another kind")
    _add_subscription(name, feeds)
    feeds.add("subscriptions", **feeds.rows["subscriptions"].pop() | {"charge_mode": "prepaid"})
    if "money_rate" in inputs:
        feeds.add(
            "approved_prices", price_rule_id=name, product_offering_id=name, charge_code="USAGE",
            charge_type="usage", service_code="voice", charge_model="per_unit", currency_code="EUR",
            price_amount=inputs["money_rate"], valid_from_on="2000-01-01",
            first_increment_quantity=inputs.get("money_increment", ""),
            connect_amount=inputs.get("connect_fee", "0"),
        )  # fmt: skip
    balances = [("unit", one["units"], one["increment"]) for one in units]
    if "money" in inputs:
        balances.append(("money", inputs["money"], ""))
    for number, (kind, amount, increment) in enumerate(balances):
        code = f"{name}#{number}"
        feeds.add(
            "balance_definitions", balance_code=code, balance_type=kind, priority=number,
            service_code="voice" if kind == "unit" else "", increment_quantity=increment,
            is_negative_allowed=inputs.get("allow_negative", False),
        )  # fmt: skip
        feeds.add(
            "balance_snapshots", subscription_id=name, balance_code=code,
            snapshot_at=f"{MONTH}-01 00:00:00", balance_amount=amount,
        )  # fmt: skip
    _add_event(name, name, "voice", inputs["usage"], f"{MONTH}-01 10:00:00", feeds)


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    """A build for each time zone, over the months that its events lie in."""
    found: dict[str, Figures] = {}
    zones = {case["inputs"].get("timezone", "UTC") for case in cases}
    for number, zone in enumerate(sorted(zones)):
        chosen = [case for case in cases if case["inputs"].get("timezone", "UTC") == zone]
        found |= _answer_zone(home / f"zone{number}", zone, chosen)
    return found


def _answer_zone(home: Path, zone: str, cases: Sequence[Case]) -> dict[str, Figures]:
    feeds = Feeds()
    for case in cases:
        FAMILY.adders[case["inputs"]["calc"]](case["id"], case["inputs"], feeds)
    months = sorted(str(row["started_at"])[:7] for row in feeds.rows["network_usage"])
    first = (dt.date.fromisoformat(f"{months[0]}-01") - dt.timedelta(days=1)).replace(day=1)
    window = {"period_from": first.isoformat(), "period_through": f"{months[-1]}-01"}
    variables = window | {"keep_rated_events": True}
    models = ["int_billing__rated_events", "int_prepaid__debits", "int_prepaid__balances_after"]
    with Project(home, feeds, zone).built(variables, models) as connection:
        rows = connection.execute(QUERY).fetchall()
        debits = connection.execute(DEBITS).fetchall()
    figures: dict[str, Figures] = {case["id"]: {"months": {}} for case in cases}
    for event_id, month, cost, rated, spans, unrounded, quantity in rows:
        found = figures[event_id.split("#")[0]]
        found |= {"cost": cost, "rated_usage": rated, "value": rated, "spans": spans}
        found |= {"cost_before_final_rounding": unrounded}
        found["months"][month] = found["months"].get(month, Decimal(0)) + quantity
    for name, cost, debited, money, is_rejected, left in debits:
        figures[name] = {
            "cost": cost,
            "debited_usage": debited,
            "money_after": money,
            "fully_covered": not is_rejected,
            "unit_balances_after": left or [],
        }
    return figures


FAMILY = Family(
    {
        "rate_call": add_call,
        "round_up_to": add_rounding,
        "usage_buckets": add_buckets,
        "debit": add_debit,
    },
    _answer,
)
