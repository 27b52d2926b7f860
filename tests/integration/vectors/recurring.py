"""prorate: recurring charges in parts of a period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .family import MICRO, Family, Figures, Project
from .feeds import Case, Feeds, Inputs, Row, UnsupportedError, add_offer

EVERY_MONTH = {"period_from": "2010-01-01", "period_through": "2025-12-01"}


def add_proration(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A recurring charge in a part of one calendar month."""
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
    add_offer(name, None, feeds, price, inputs["billed_from"], inputs["billed_to"])


def _months(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7])


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    query = (
        "select subscription_id, sum(gross_micros)::bigint "
        "from main.int_billing__recurring_charges where charge_set = 'entitled' group by 1"
    )
    models = ["int_billing__recurring_charges"]
    with Project(home, feeds).built(EVERY_MONTH, models) as connection:
        found = dict(connection.execute(query).fetchall())
    return {case["id"]: _figures(case, found[case["id"]] * MICRO) for case in cases}


def _figures(case: Case, charge: Decimal) -> Figures:
    rounding = case["inputs"].get("rounding")
    if rounding:
        charge = charge.quantize(Decimal(1).scaleb(-rounding["decimals"]), ROUND_HALF_UP)
    return {"amount": charge}


FAMILY = Family(
    {"prorate": add_proration},
    _answer,
    frozenset({"factor", "units_billed", "units_in_period", "amount_per_day"}),
)
