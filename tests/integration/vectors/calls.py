"""rate_call: one telephone call, message or data session under a tariff of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from .family import Family, Figures
from .feeds import Case, Feeds, Inputs, UnsupportedError, add_offer
from .usage import add_event, rate


def add_call(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """One event; a rate that is the same for all of it."""
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
    add_offer(name, service, feeds, price)
    add_event(name, name, service, inputs["usage"], 1, feeds)


def _is_rounded(rate: dict[str, str], decimals: int) -> bool:
    """Whether an increment's cost has more decimals than are kept of it."""
    cost = Decimal(rate["rate"]) * Decimal(rate["increment"]) / Decimal(rate["unit"])
    return cost != round(cost, decimals)


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    found = rate(home, feeds)
    return {
        case["id"]: {"cost": found[case["id"]].charge, "rated_usage": found[case["id"]].rated}
        for case in cases
    }


FAMILY = Family({"rate_call": add_call}, _answer, frozenset({"spans"}))
