"""rate_usage and rate_groups: usage of a month under a price of its own.

Every case becomes an offer and a subscription of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from .family import MICRO, Family, Figures, Project, decimal
from .feeds import MONTH, Case, Feeds, Inputs, Row, UnsupportedError, add_offer

ONE_MONTH = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
# No case costs this much, so every event differs from it and is kept with its arithmetic.
CHARGED = "987654.321"
SERVICE_OF = {"voice": ("voice", "second"), "sms": ("sms", "event"), "data": ("data", "byte")}
RATED = {"per_unit", "graduated", "volume", "package", "blocks"}
USAGE_INPUTS = {
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
}
NOT_YET = {
    "min_amount": "a least amount for the month",
    "max_amount": "a greatest amount for the month",
    "tax_percent": "tax on a line of its own",
    "quantity_for_tier": "a tier chosen by another quantity than the one charged",
    "period_from": "tiers in part of a month",
}
INCREMENTS = ("first_increment_quantity", "next_increment_quantity")


def add_usage(name: str, inputs: Inputs, feeds: Feeds) -> None:
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
    add_offer(name, "data", feeds, price)
    for number, tier in enumerate(_tiers(inputs), start=1):
        feeds.add("price_tiers", price_rule_id=name, tier_no=number, currency_code="EUR", **tier)
    free = inputs.get("free_units") or inputs.get("usage_discount")
    if free:
        _add_allowance(name, free, feeds)
    add_event(f"{name}#before", name, "data", inputs.get("quantity_before", "0"), 1, feeds)
    add_event(name, name, "data", inputs["quantity"], 2, feeds)


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


def _add_allowance(name: str, quantity: str, feeds: Feeds) -> None:
    feeds.add(
        "allowances", allowance_id=name, product_offering_id=name, service_code="data",
        allowance_quantity=quantity, unit_code="byte",
    )  # fmt: skip


def add_event(
    event_id: str, name: str, service: str, quantity: str, day: int, feeds: Feeds
) -> None:
    """An event that billing charged with an amount that no price gives."""
    code, unit = SERVICE_OF[service]
    feeds.add(
        "rated_usage", rated_usage_id=event_id, account_id=f"A-{name}", subscription_id=name,
        service_id=f"N-{name}", service_code=code, started_at=f"{MONTH}-{day:02} 10:00:00",
        quantity=quantity, unit_code=unit, charge_amount=CHARGED, currency_code="EUR",
    )  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """What the models make of a case."""

    charge: Decimal
    rated: Decimal
    chargeable: Decimal


def rate(home: Path, feeds: Feeds) -> dict[str, Rated]:
    """Every event as the models rate it."""
    query = (
        "select event_id, charge_micros, rated_milli, chargeable_milli "
        "from main.int_usage__rerated where is_difference and charge_micros is not null"
    )
    with Project(home, feeds).built(ONE_MONTH, ["int_usage__rerated"]) as connection:
        return {
            name: Rated(micros * MICRO, rated / Decimal(1000), chargeable / Decimal(1000))
            for name, micros, rated, chargeable in connection.execute(query).fetchall()
        }


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    found = rate(home, feeds)
    return {case["id"]: _figures(case, found[case["id"]]) for case in cases}


def _figures(case: dict[str, Any], rated: Rated) -> Figures:
    inputs = case["inputs"]
    rounding = inputs.get("line_rounding")
    amount = rated.charge
    if rounding:
        amount = amount.quantize(Decimal(1).scaleb(-rounding["decimals"]), ROUND_HALF_UP)
    divisor = Decimal((inputs.get("unit_conversion") or {}).get("divide_by", 1))
    figures: Figures = {
        "amount": amount,
        "total": amount,
        "amount_before_rounding": rated.charge,
        "billed_quantity": rated.chargeable / divisor,
    }
    if "package_amount" in inputs:
        figures["packages"] = rated.charge / Decimal(inputs["package_amount"])
    quantity = _paid_quantity(inputs)
    effective = rated.charge / quantity if quantity else Decimal(0)
    decimals = (inputs.get("compare_decimals") or {}).get("unit_price_effective", 6)
    rounded = effective.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return figures | {"unit_price_effective": decimal(rounded)}


def _paid_quantity(inputs: dict[str, Any]) -> Decimal:
    paid = Decimal(inputs["quantity"]) - Decimal(inputs.get("free_units", "0"))
    return Decimal(inputs.get("unit_amount_divisor", paid))


FAMILY = Family({"rate_usage": add_usage}, _answer, frozenset({"lines"}))
