"""true_up and window_commitment: what commitments add to the charges of their periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from .family import MICRO, Figures
from .feeds import Case, Feeds, Inputs, Row, UnsupportedError
from .spans import add_account, add_price, add_service, local_day, period_of

MODELS = ["int_billing__commitment_charges"]
UNITS = {
    "day": "day",
    "day_both_ends_inclusive": "day_inclusive",
    "fixed_days_in_month": "fixed_30",
}
FIRST = date(2024, 1, 1)


def add_true_up(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A plan in a part of its period, other charges of those days, and a commitment."""
    if inputs.get("unit", "day") not in UNITS:
        raise UnsupportedError(f"a commitment by {inputs['unit']}")
    start, stop, first, end = (
        local_day(inputs[key], "UTC")[0]
        for key in ("period_from", "period_to", "billed_from", "billed_to")
    )
    period = period_of(start, stop)
    proration = UNITS[inputs.get("unit", "day")]
    add_account(name, feeds)
    add_price(
        name, feeds, price_amount=inputs.get("plan_fee", "0"), period_alignment="offer",
        proration_type=proration, rounding_decimals=_fee_decimals(inputs), **period,
    )  # fmt: skip
    add_service(name, name, feeds, valid_from_on=first, valid_to_on=end, anchor_on=start)
    for number, fee in enumerate(inputs.get("other_fees", [])):
        _add_order(f"{name}#{number}", name, fee, first, feeds)
    rounding = inputs.get("commitment_rounding") or {"decimals": 6, "mode": "half_up"}
    if rounding["mode"] != "half_up":
        raise UnsupportedError(f"a commitment rounded {rounding['mode']}")
    _add_commitment(
        name, inputs["commitment"], feeds, rounding_decimals=rounding["decimals"],
        period_alignment="start", anchor_on=start, valid_from_on=first, valid_to_on=end,
        proration_type=proration, **period,
    )  # fmt: skip


def _fee_decimals(inputs: Inputs) -> int:
    rounding = inputs.get("fee_rounding") or {"decimals": 2}
    decimals: int = rounding["decimals"]
    return decimals


def _add_order(item: str, name: str, amount: str, day: date, feeds: Feeds) -> None:
    feeds.add(
        "order_items", order_item_id=item, order_id=item, subscription_id=name,
        service_id=f"N-{name}", product_offering_id=name, action_code="add", requested_on=day,
        charge_code=item, charge_amount=amount, currency_code="EUR", state_code="completed",
        state_at=f"{day} 10:00:00",
    )  # fmt: skip


def _add_commitment(name: str, amount: str, feeds: Feeds, **more: object) -> None:
    row: Row = {
        "commitment_id": name, "account_id": f"A-{name}", "commitment_type": "minimum",
        "commitment_amount": amount, "currency_code": "EUR",
    }  # fmt: skip
    feeds.add("commitments", **row | more)


def add_windows(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A day for each window: its charge, and the commitment for a day."""
    charges = windows(inputs)
    end = FIRST + timedelta(days=len(charges))
    add_account(name, feeds)
    add_service(name, name, feeds, valid_from_on=FIRST, valid_to_on=end)
    for number, charge in enumerate(charges):
        _add_order(f"{name}#{number}", name, charge, FIRST + timedelta(days=number), feeds)
    factor = inputs.get("overage_factor") or "1"
    _add_commitment(
        name, inputs.get("commitment") or inputs["commitment_amount"], feeds,
        overage_ratio=factor,
        has_true_up=inputs.get("true_up", inputs.get("true_up_enabled", True)),
        period_unit="day", valid_from_on=FIRST, valid_to_on=end, rounding_decimals=6,
    )  # fmt: skip


def windows(inputs: Inputs) -> list[str]:
    """What the usage of each window costs: the one list of the case, at its price if it has one."""
    lists = [key for key, value in inputs.items() if isinstance(value, list)]
    if len(lists) != 1:
        raise UnsupportedError(f"windows said by {sorted(inputs)}")
    price = inputs.get("unit_amount", inputs.get("unit_price"))
    is_cost = any(word in lists[0] for word in ("charge", "cost", "amount", "fee"))
    factor = Decimal(1) if price is None or is_cost else Decimal(price)
    return [str(Decimal(_plain_amount(one)) * factor) for one in inputs[lists[0]]]


def _plain_amount(window: object) -> str:
    """A window is an amount, or names one."""
    if isinstance(window, Mapping):
        for key in ("amount", "charge", "cost", "fee", "fees", "quantity", "usage", "value"):
            if key in window:
                return str(window[key])
        raise UnsupportedError(f"a window said by {sorted(window)}")
    return str(window)


QUERY = """
select
    commitment_id, sum(true_up_micros), sum(overage_micros), sum(fee_micros),
    sum(least(fee_micros, owed_micros))
from main.int_billing__commitment_charges
group by 1
"""


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """True-up, surcharge, charges, and charges within the commitment, of each commitment."""
    return {
        name: [value * MICRO for value in values]
        for name, *values in connection.execute(QUERY).fetchall()
    }


def figures(case: Case, owed: dict[str, Any]) -> Figures:
    """The figures of a case under every name that they have."""
    true_up, surcharge, fees, within = owed[case["id"]]
    total = true_up + surcharge + fees
    return {
        "true_up": true_up,
        "true_up_amount": true_up,
        "total": total,
        "amount": total,
        "charge": total,
        "total_charge": total,
        "final_charge": total,
        "overage": fees - within + surcharge,
        "overage_amount": fees - within + surcharge,
        "utilized": within,
        "commitment_utilized": within,
    }


ADDERS: dict[str, Callable[[str, Inputs, Feeds], None]] = {
    "true_up": add_true_up,
    "window_commitment": add_windows,
}
