"""Turns public billing test vectors into catalogue tables, subscriptions and usage of ours.

Every case becomes an offer and a subscription of its own, so that one build of the models answers
all of them. A case that asks for what the catalogue cannot say yet raises UnsupportedError.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Inputs = dict[str, Any]
Row = dict[str, object]

MONTH = "2026-05"
# No case costs this much, so every event differs from it and is kept with its arithmetic.
CHARGED = "987654.321"
SERVICE_OF = {"voice": ("voice", "second"), "sms": ("sms", "event"), "data": ("data", "byte")}
RATED = {"per_unit", "graduated", "volume", "package", "blocks"}
USAGE_INPUTS = set(
    [
        "calc",
        "model",
        "currency",
        "quantity",
        "quantity_before",
        "line_rounding",
        "tier_bounds",
        "tiers",
        "tier_policy",
        "unit_amount",
        "unit_amount_divisor",
        "package_size",
        "package_amount",
        "free_units",
        "usage_discount",
        "unit_conversion",
        "compare_decimals",
        "is_first_in_period",
        "first_tier_flat_on_zero",
    ]
)
NOT_YET = {
    "min_amount": "a least amount for the month",
    "max_amount": "a greatest amount for the month",
    "tax_percent": "tax on a line of its own",
    "quantity_for_tier": "a tier chosen by another quantity than the one charged",
    "period_from": "tiers in part of a month",
}


class UnsupportedError(Exception):
    """What a case asks for that the catalogue cannot say yet."""


@dataclass
class Feeds:
    """Rows by feed."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, feed: str, **row: object) -> None:
        """Keep a row."""
        self.rows.setdefault(feed, []).append(row)

    def write(self, project: Path) -> None:
        """Write a CSV file a feed and the tieout.toml that reads them."""
        landing = project / "landing"
        landing.mkdir(parents=True)
        lines = [
            "[operator]",
            'name = "Vectors"',
            'time_zone = "UTC"',
            'currency_code = "EUR"',
            'home_country_code = "49"',
        ]
        for feed, rows in self.rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            with (landing / f"{feed}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            lines += [f"[feeds.{feed}]", f'path = "{feed}.csv"', 'format = "csv"']
        (project / "tieout.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_cases(folder: Path) -> Iterator[dict[str, Any]]:
    """Every case of every file, in order."""
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        yield from content if isinstance(content, list) else content["cases"]


def add_case(case: dict[str, Any], feeds: Feeds) -> None:
    """The rows of a case.

    Raises: UnsupportedError, before any row is added.
    """
    calc = case["inputs"]["calc"]
    if calc not in ADDERS:
        raise UnsupportedError(f"{calc} is no part of rating")
    staged = Feeds()
    ADDERS[calc](case["id"], case["inputs"], staged)
    for feed, rows in staged.rows.items():
        for row in rows:
            feeds.add(feed, **row)


def _add_usage(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """rate_usage: one event of the quantity, after one of the quantity before."""
    model = inputs["model"]
    if model not in RATED:
        raise UnsupportedError(f"charge model {model}")
    for more in sorted(set(inputs) - USAGE_INPUTS):
        raise UnsupportedError(NOT_YET.get(more, more))
    if Decimal(inputs["quantity"]) == 0 and _has_flat_on_zero(inputs):
        raise UnsupportedError("a fixed amount that is owed without usage")
    price: Row = {"charge_model": model, "price_amount": "0", "unit_quantity": "1"}
    if model == "per_unit":
        price |= {"price_amount": inputs["unit_amount"]}
    if model == "package":
        price |= {"price_amount": inputs["package_amount"], "unit_quantity": inputs["package_size"]}
    if conversion := inputs.get("unit_conversion"):
        if conversion["rounding"] != "ceil":
            raise UnsupportedError(f"units rounded {conversion['rounding']}")
        price |= {name: conversion["divide_by"] for name in ("unit_quantity", *INCREMENTS)}
    price["tier_policy"] = inputs.get("tier_policy")
    _add_offer(name, "data", feeds, price)
    for number, tier in enumerate(_tiers(inputs), start=1):
        feeds.add("price_tiers", price_rule_id=name, tier_no=number, currency_code="EUR", **tier)
    free = inputs.get("free_units") or inputs.get("usage_discount")
    if free:
        _add_allowance(name, free, feeds)
    _add_event(f"{name}#before", name, "data", inputs.get("quantity_before", "0"), 1, feeds)
    _add_event(name, name, "data", inputs["quantity"], 2, feeds)


INCREMENTS = ("first_increment_quantity", "next_increment_quantity")


def _has_flat_on_zero(inputs: Inputs) -> bool:
    first = (inputs.get("tiers") or [{}])[0]
    return inputs.get("first_tier_flat_on_zero", True) and Decimal(first.get("flat_amount", 0)) > 0


def _tiers(inputs: Inputs) -> Iterator[Row]:
    upper, tiers = Decimal(0), inputs.get("tiers", [])
    for number, tier in enumerate(tiers, start=1):
        if inputs["model"] != "blocks":
            yield {
                "upper_quantity": tier["to"],
                "price_amount": tier.get("unit_amount", "0"),
                "flat_amount": tier.get("flat_amount", "0"),
            }
            continue
        upper += Decimal(tier["block_size"]) * Decimal(tier["max_blocks"])
        yield {
            "upper_quantity": None if number == len(tiers) else upper,
            "price_amount": tier["block_price"],
            "unit_quantity": tier["block_size"],
        }


def _add_call(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """rate_call: one event; a rate that is the same for all of it."""
    if len(inputs["intervals"]) > 1 or "timing" in inputs["intervals"][0]:
        raise UnsupportedError("time bands")
    interval = inputs["intervals"][0]
    if "max_cost" in interval:
        raise UnsupportedError("a call that is cut off at its greatest cost")
    rates = interval["rates"]
    first, last = rates[0], rates[-1]
    if any(
        Decimal(r["rate"]) * Decimal(last["unit"]) != Decimal(last["rate"]) * Decimal(r["unit"])
        for r in rates
    ):
        raise UnsupportedError("a price that changes with the length of the call")
    if len(rates) > 2 or (len(rates) == 2 and first["increment"] != last["group_start"]):
        raise UnsupportedError("more than a first and a next increment")
    if any(_is_rounded(rate, inputs["increment_cost_decimals"]) for rate in rates):
        raise UnsupportedError("the cost of each increment rounded")
    if interval["rounding"]["method"] == "up" and interval["rounding"]["decimals"] < 4:
        raise UnsupportedError("a call rounded up")
    service = inputs["service"]
    price = {
        "charge_model": "per_unit",
        "price_amount": first["rate"],
        "unit_quantity": first["unit"],
        "first_increment_quantity": first["increment"],
        "next_increment_quantity": last["increment"],
        "connect_amount": interval["connect_fee"],
        "rounding_decimals": interval["rounding"]["decimals"],
    }
    _add_offer(name, service, feeds, price)
    _add_event(name, name, service, inputs["usage"], 1, feeds)


def _is_rounded(rate: dict[str, str], decimals: int) -> bool:
    """Whether an increment's cost has more decimals than are kept of it."""
    cost = Decimal(rate["rate"]) * Decimal(rate["increment"]) / Decimal(rate["unit"])
    return cost != round(cost, decimals)


def _add_proration(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """prorate: a recurring charge in a part of one calendar month."""
    if inputs["unit"] != "day":
        raise UnsupportedError(f"proration by {inputs['unit']}")
    if "full_amount" not in inputs or "quantity" in inputs:
        raise UnsupportedError("a proration without an amount, or of several pieces")
    first, end = inputs["period_from"], inputs["period_to"]
    if first[8:] != "01" or end[8:] != "01" or _months(end) - _months(first) != 1:
        raise UnsupportedError("a billing period other than the calendar month")
    price: Row = {
        "charge_model": "flat",
        "price_amount": inputs["full_amount"],
        "charge_type": "recurring",
    }
    price |= {"charge_code": "MRC", "proration_type": "day", "charge_timing": "arrears"}
    _add_offer(name, None, feeds, price, inputs["billed_from"], inputs["billed_to"])


def _months(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7])


def _add_offer(
    name: str,
    service: str | None,
    feeds: Feeds,
    price: Row,
    since: str = f"{MONTH}-01",
    until: str = "",
) -> None:
    feeds.add(
        "product_offerings", product_offering_id=name, offering_name=name, product_type="plan"
    )
    common = {"account_id": f"A-{name}", "subscription_id": name, "service_id": f"N-{name}"}
    feeds.add("accounts", account_id=f"A-{name}", account_type="consumer", currency_code="EUR")
    period = {"status": "active", "valid_from_on": since, "valid_to_on": until}
    for feed in ("crm_services", "subscriptions"):
        feeds.add(feed, **common, product_offering_id=name, **period)
    usage = {"charge_type": "usage", "charge_code": "USAGE", "service_code": service}
    row = usage | {"price_rule_id": name, "product_offering_id": name} | price
    feeds.add("approved_prices", **row, currency_code="EUR", valid_from_on="2000-01-01")


def _add_allowance(name: str, quantity: str, feeds: Feeds) -> None:
    feeds.add(
        "allowances", allowance_id=name, product_offering_id=name, service_code="data",
        allowance_quantity=quantity, unit_code="byte",
    )  # fmt: skip


def _add_event(
    event_id: str, name: str, service: str, quantity: str, day: int, feeds: Feeds
) -> None:
    code, unit = SERVICE_OF[service]
    feeds.add(
        "rated_usage", rated_usage_id=event_id, account_id=f"A-{name}", subscription_id=name,
        service_id=f"N-{name}", service_code=code, started_at=f"{MONTH}-{day:02} 10:00:00",
        quantity=quantity, unit_code=unit, charge_amount=CHARGED, currency_code="EUR",
    )  # fmt: skip


ADDERS = {"rate_usage": _add_usage, "rate_call": _add_call, "prorate": _add_proration}
