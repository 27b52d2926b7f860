"""The price of a usage case in the words of our catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .feeds import Inputs, Row, UnsupportedError

# charge model and aggregation of ours for a model of a case
MODELS = {
    "flat": ("flat", None),
    "per_unit": ("per_unit", None),
    "standard": ("per_unit", None),
    "graduated": ("graduated", None),
    "volume": ("volume", None),
    "package": ("package", None),
    "blocks": ("blocks", None),
    "percentage": ("percentage", None),
    "graduated_percentage": ("graduated_percentage", None),
    "dynamic": ("dynamic", None),
    "capacity": ("capacity", None),
    "prorated_graduated": ("graduated", "level_day"),
    "weighted_sum": ("per_unit", "level_day"),
}
OF_AMOUNT = {"percentage", "graduated_percentage", "dynamic"}
FIELDS = {
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
    "package_rounding",
    "free_units",
    "usage_discount",
    "unit_conversion",
    "compare_decimals",
    "is_first_in_period",
    "is_last_in_period",
    "first_tier_flat_on_zero",
    "min_amount",
    "max_amount",
    "previously_billed",
    "tax_percent",
    "quantity_for_tier",
    "rate_percent",
    "fixed_amount",
    "events",
    "free_events",
    "free_total",
    "per_transaction_min",
    "per_transaction_max",
    "multiplier",
    "unit_records",
    "rule",
    "period_from",
    "period_to",
    "opening_level",
    "discount_percent",
    "aggregation",
    "note",
    "amount",
}
MODES = {
    "truncate": "down",
    "middle": "half_up",
    "ceiling": "ceil",
    "round_up": "up",
    "round_down": "down",
}
AGGREGATIONS = {"max": "peak", "peak": "peak", "sum": None}


@dataclass(frozen=True)
class Terms:
    """The rows of a price, and how quantities of the case become base units of ours.

    Attributes: scale: base units in one unit of the case; unit: base units that the price buys.
    """

    price: Row
    scale: Decimal
    unit: Decimal
    is_of_amount: bool
    is_level: bool
    tiers: list[Row] = field(default_factory=list)
    allowances: list[Row] = field(default_factory=list)
    discounts: list[Row] = field(default_factory=list)

    def sized(self, quantity: Decimal) -> dict[str, Any]:
        """An event of a quantity, or of an amount."""
        reversal = {"is_reversal": "true"} if quantity < 0 else {}
        if self.is_of_amount:
            return {"quantity": 1, "event_amount": quantity} | reversal
        return {"quantity": quantity * self.scale} | reversal


def terms_of(name: str, inputs: Inputs) -> Terms:
    """The rows of the price of a case."""
    model = inputs["model"]
    if model not in MODELS:
        raise UnsupportedError(f"charge model {model}")
    for more in sorted(set(inputs) - FIELDS):
        raise UnsupportedError(f"field {more}")
    charge_model, aggregation = MODELS[model]
    if "quantity_for_tier" in inputs or "unit_amount_divisor" in inputs:
        aggregation = "level_day"
    if "aggregation" in inputs:
        aggregation = AGGREGATIONS[inputs["aggregation"]]
    scale = _scale(inputs)
    factor, conversion = _conversion(inputs)
    fine = _fineness(inputs)
    unit = factor * scale * fine
    price: Row = {"charge_model": charge_model, "price_amount": "0", "unit_quantity": unit}
    price |= _amounts(model, inputs, scale, fine) | conversion(scale) | _bounds(inputs)
    price |= {"aggregation_type": aggregation, "tier_policy": inputs.get("tier_policy")}
    price |= {"tax_group_code": name if "tax_percent" in inputs else None}
    price |= _rounding(inputs, charge_model, aggregation)
    return Terms(
        price=price,
        scale=scale,
        unit=Decimal(str(price["unit_quantity"])),
        is_of_amount=model in OF_AMOUNT,
        is_level=aggregation == "level_day",
        tiers=list(_tiers(inputs, Decimal(1) if model in OF_AMOUNT else factor * scale, fine)),
        allowances=_allowances(inputs, scale),
        discounts=_discounts(inputs),
    )


def _figures(value: object) -> Iterator[Decimal]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _figures(one)
    elif isinstance(value, list):
        for one in value:
            yield from _figures(one)
    elif isinstance(value, str):
        try:
            yield Decimal(value)
        except ArithmeticError:
            return


def _decimals(values: Iterator[Decimal]) -> int:
    return max((-int(v.normalize().as_tuple().exponent) for v in values), default=0)


def _scale(inputs: Inputs) -> Decimal:
    """Base units of a unit, so that three decimals hold every quantity and bound."""
    if inputs["model"] in OF_AMOUNT:
        return Decimal(1)
    keys = ("quantity", "quantity_before", "quantity_for_tier", "free_units", "usage_discount")
    told = [inputs.get(key) for key in (*keys, "unit_amount_divisor", "opening_level", "events")]
    bounds = [tier.get("to") for tier in inputs.get("tiers", [])]
    decimals = min(_decimals(_figures([*told, *bounds, inputs.get("unit_records", {})])), 9)
    return Decimal(10) ** max(0, decimals - 3)


def _fineness(inputs: Inputs) -> Decimal:
    """Units that a price is told for, so that six decimals hold it."""
    prices = [tier.get("unit_amount") for tier in inputs.get("tiers", [])]
    return Decimal(10) ** max(0, _decimals(_figures([inputs.get("unit_amount"), *prices])) - 6)


def _conversion(inputs: Inputs) -> tuple[Decimal, Any]:
    conversion = inputs.get("unit_conversion")
    if not conversion:
        return Decimal(1), lambda scale: {}
    if "multiply_by" in conversion:
        factor = 1 / Decimal(conversion["multiply_by"])
    else:
        factor = Decimal(conversion["divide_by"])
    mode = conversion.get("rounding") or "none"
    decimals = int(conversion.get("decimals") or conversion.get("precision") or 0)

    def increments(scale: Decimal) -> Row:
        if mode == "none":
            return {}
        step = factor * scale / Decimal(10) ** decimals
        return {
            "first_increment_quantity": step,
            "next_increment_quantity": step,
            "quantity_rounding_mode": MODES.get(mode, mode),
        }

    return factor, increments


def _amounts(model: str, inputs: Inputs, scale: Decimal, fine: Decimal) -> Row:
    if model in ("per_unit", "standard", "weighted_sum"):
        return {"price_amount": Decimal(inputs["unit_amount"]) * fine}
    if model == "flat":
        return {"price_amount": inputs["amount"]}
    if model == "package":
        size = Decimal(inputs["package_size"]) * scale
        price = {"price_amount": inputs["package_amount"], "unit_quantity": size}
        if inputs.get("package_rounding") in ("down", "floor"):
            step = {"first_increment_quantity": size, "next_increment_quantity": size}
            return price | step | {"charge_model": "per_unit", "quantity_rounding_mode": "down"}
        return price
    if model == "percentage":
        return {
            "rate_ratio": Decimal(inputs["rate_percent"]) / 100,
            "connect_amount": inputs.get("fixed_amount"),
            "free_event_count": inputs.get("free_events"),
            "free_amount": inputs.get("free_total"),
            "minimum_amount": inputs.get("per_transaction_min"),
            "maximum_amount": inputs.get("per_transaction_max"),
        }
    if model == "dynamic":
        return {"rate_ratio": inputs["multiplier"]}
    return {}


def _bounds(inputs: Inputs) -> Row:
    first = (inputs.get("tiers") or [{}])[0]
    has_flat = Decimal(first.get("flat_amount") or 0) > 0
    return {
        "minimum_period_amount": inputs.get("min_amount"),
        "maximum_period_amount": inputs.get("max_amount"),
        "is_flat_owed_unused": str(
            has_flat and inputs.get("first_tier_flat_on_zero", True)
        ).lower(),
    }


def _rounding(inputs: Inputs, charge_model: str, aggregation: str | None) -> Row:
    """Line rounding: the month's, and for the plainest price that of the invoice line."""
    told = inputs.get("line_rounding")
    plain = charge_model in ("flat", "per_unit") and aggregation is None
    plain = plain and not {"discount_percent", "min_amount", "max_amount"} & set(inputs)
    if told and plain and told == {"decimals": 2, "mode": "half_up"}:
        return {}
    mode = (told or {}).get("mode", "half_up")
    return {
        "period_rounding_decimals": (told or {}).get("decimals", 6),
        "rounding_mode": MODES.get(mode, mode) if told else None,
    }


def _tiers(inputs: Inputs, factor: Decimal, fine: Decimal) -> Iterator[Row]:
    upper, tiers = Decimal(0), inputs.get("tiers", [])
    for number, tier in enumerate(tiers, start=1):
        row: Row = {"tier_no": number}
        if inputs["model"] == "capacity":
            for metric, limit in tier["limits"].items():
                yield row | {
                    "metric_code": metric,
                    "upper_quantity": limit and Decimal(limit) * factor,
                    "price_amount": tier["price"],
                }
        elif inputs["model"] == "blocks":
            upper += Decimal(tier["block_size"]) * Decimal(tier["max_blocks"]) * factor
            yield row | {
                "upper_quantity": None if number == len(tiers) else upper,
                "price_amount": tier["block_price"],
                "unit_quantity": Decimal(tier["block_size"]) * factor,
            }
        else:
            yield row | {
                "upper_quantity": tier["to"] and Decimal(tier["to"]) * factor,
                "price_amount": Decimal(tier.get("unit_amount") or 0) * fine,
                "flat_amount": tier.get("flat_amount") or "0",
                "rate_ratio": Decimal(tier.get("rate_percent") or 0) / 100,
            }


def _allowances(inputs: Inputs, scale: Decimal) -> list[Row]:
    free = inputs.get("free_units") or inputs.get("usage_discount")
    if not free or not Decimal(free):
        return []
    return [
        {
            "service_code": "data",
            "allowance_quantity": Decimal(free) * scale,
            "unit_code": "byte",
        }
    ]


def _discounts(inputs: Inputs) -> list[Row]:
    percent = inputs.get("discount_percent")
    if not percent:
        return []
    return [
        {
            "scope_type": "subscription",
            "charge_type": "usage",
            "discount_type": "percent",
            "rate_ratio": Decimal(percent) / 100,
            "currency_code": "EUR",
            "valid_from_on": "2000-01-01",
        }
    ]
