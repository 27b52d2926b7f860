"""prorate, steps, schedule, whole_periods, count_days, capped_credit: charges of periods.

A case becomes subscriptions with a price each; its figures are those of the pieces that the models
charge. All cases of one time zone are one project.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from ingestion.issued import ISSUED, write_issued

from . import commitments
from .family import MICRO, Family, Figures, Project
from .feeds import Case, Feeds, Inputs, Row, UnsupportedError
from .spans import add_account, add_price, add_service, local_day, months_later, period_of

UNITS = {
    "day": "day",
    "day_both_ends_inclusive": "day_inclusive",
    "second": "second",
    "fixed_days_in_month": "fixed_30",
    "none": "none",
}
MODES = {"truncate": "down", "middle": "half_up", "ceiling": "ceil"}
PERIODS = {"days": "day", "weeks": "week", "months": "month", "years": "year"}
FEMTO = Decimal("0.000000000000001")
GIVEN_UP = date(2024, 2, 1)


def zone_of(inputs: Inputs) -> str:
    """The time zone whose days a case counts."""
    zones = {step.get("timezone", "UTC") for step in inputs.get("steps", [inputs])}
    if len(zones) > 1:
        raise UnsupportedError("steps in several time zones")
    zone: str = inputs.get("timezone") or zones.pop()
    return zone


def add_proration(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A recurring charge in a part of one period."""
    zone = zone_of(inputs)
    _rounding(inputs)
    add_account(name, feeds)
    _add_part(name, name, inputs, zone, feeds)


def add_steps(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Several charges and credits, each of a subscription of the account."""
    zone = zone_of(inputs)
    for step in inputs["steps"]:
        if step["calc"] != "prorate":
            raise UnsupportedError(f"a step of {step['calc']}")
        _rounding(step)
    add_account(name, feeds)
    for number, step in enumerate(inputs["steps"]):
        _add_part(f"{name}#{number}", name, step, zone, feeds)


def add_rounding(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A whole month at a price, which is rounded as the case says."""
    decimals = inputs.get("decimals", -int(inputs.get("negative_decimals", 0)))
    if int(decimals) > 6:
        raise UnsupportedError("an amount rounded to more than six decimals")
    month = {"billed_from": "2024-01-01", "billed_to": "2024-02-01"}
    month |= {"period_from": "2024-01-01", "period_to": "2024-02-01"}
    mode = str(inputs.get("mode", inputs.get("method", "half_up")))
    rounding = {"decimals": int(decimals), "mode": MODES.get(mode, mode)}
    price = {"unit": "none", "full_amount": inputs["value"], "rounding": rounding}
    add_proration(name, price | month, feeds)


def _rounding(inputs: Inputs) -> Row:
    if inputs["unit"] not in UNITS:
        raise UnsupportedError(f"proration by {inputs['unit']}")
    rounding = inputs.get("rounding", {"decimals": 6, "mode": "half_up"})
    factor = inputs.get("factor_rounding")
    if factor and factor["mode"] != "half_up":
        raise UnsupportedError("a share rounded otherwise than half up")
    return {
        "rounding_mode": MODES.get(rounding["mode"], rounding["mode"]),
        "rounding_decimals": rounding["decimals"],
        "factor_decimals": factor["decimals"] if factor else None,
        "proration_type": UNITS[inputs["unit"]],
        "fixed_day_count": inputs.get("fixed_days"),
    }


def _add_part(name: str, account: str, inputs: Inputs, zone: str, feeds: Feeds) -> None:
    first, _ = local_day(inputs["billed_from"], zone)
    end, _ = local_day(inputs["billed_to"], zone)
    is_credit = bool(inputs.get("credit"))
    if "period_from" in inputs:
        start, stop = (local_day(inputs[key], zone)[0] for key in ("period_from", "period_to"))
    elif is_credit:
        start, stop = months_later(end, -1), end
    else:
        start, stop = first, max(months_later(first, 1), end)
    period = period_of(start, stop) if "period_from" in inputs else {"period_unit": "month"}
    price = period | _rounding(inputs)
    price |= {"price_amount": inputs.get("full_amount", "1"), "period_alignment": "offer"}
    price |= {"valid_from_on": start, "valid_to_on": min(end, stop) if is_credit else stop}
    if is_credit:
        price |= {"charge_timing": "advance", "early_end_rule": "credit"}
        full = Decimal(inputs["full_amount"])
        if Decimal(inputs.get("cap_amount", full)) < full:
            raise UnsupportedError("a credit that is capped")
    add_price(name, feeds, **price)
    more: Row = {"anchor_on": start, "unit_count": inputs.get("quantity")}
    add_service(name, account, feeds, **more, **_span(inputs, zone, start, is_credit))


def _span(inputs: Inputs, zone: str, start: date, is_credit: bool) -> Row:
    """The days, and moments, of the subscription: what is credited is what it gives up."""
    since = start.isoformat() if is_credit else inputs["billed_from"]
    until = inputs["billed_from"] if is_credit else inputs["billed_to"]
    first, _ = local_day(since, zone)
    end, is_midnight = local_day(until, zone)
    if inputs["unit"] == "second" and not is_midnight:
        end += timedelta(days=1)
    return {
        "valid_from_on": first,
        "valid_from_at": since if "T" in since else None,
        "valid_to_on": end,
        "valid_to_at": until if "T" in until else None,
    }


def add_schedule(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """The periods of a subscription that begins on a day: at the bill day, or at that day."""
    start, _ = local_day(inputs["start"], zone_of(inputs))
    unit, anchor_day = PERIODS[inputs["period"]], inputs.get("anchor_day")
    by_bill_day = anchor_day and unit in ("month", "year")
    add_account(name, feeds, bill_day=anchor_day if by_bill_day else None)
    add_price(
        name, feeds, price_amount="1", period_unit=unit, period_count=inputs.get("length", 1),
        period_alignment="bill_day" if by_bill_day else "offer",
    )  # fmt: skip
    add_service(name, name, feeds, valid_from_on=start, anchor_on=None if by_bill_day else start)


def add_whole_periods(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A subscription whose periods begin with its first day."""
    first, end = (local_day(inputs[key], zone_of(inputs))[0] for key in ("from", "to"))
    add_account(name, feeds)
    add_price(
        name, feeds, price_amount="1", period_alignment="offer",
        period_unit=PERIODS[inputs["period"]], period_count=inputs.get("length", 1),
    )  # fmt: skip
    add_service(name, name, feeds, valid_from_on=first, valid_to_on=end, anchor_on=first)


def add_days(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A subscription between two moments; landing takes their local days."""
    zone_of(inputs)
    add_account(name, feeds)
    add_price(name, feeds, price_amount="31")
    add_service(name, name, feeds, valid_from_on=inputs["from"], valid_to_on=inputs["to"])


def add_capped_credit(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A period charged in advance and given up on its first day; invoices say what was charged."""
    zone_of(inputs)
    add_account(name, feeds)
    add_price(
        name, feeds, price_amount=inputs["potential"], charge_timing="advance",
        early_end_rule="credit", credit_limit_type="invoiced",
    )  # fmt: skip
    add_service(name, name, feeds, valid_from_on=GIVEN_UP, valid_to_on=GIVEN_UP)


def _write_issued(home: Path, cases: Sequence[Case]) -> None:
    """What earlier bills charged and credited of the period that is given up."""
    common: Row = dict.fromkeys(ISSUED["issued_invoice_lines"].names)
    common |= {"billing_month": date(2024, 1, 1), "line_type": "recurring", "charge_code": "MRC"}
    rows = [
        common
        | {"invoice_number": f"{case['id']}-{number}", "line_no": 1, "currency_code": "EUR"}
        | {"subscription_id": case["id"], "service_start_on": GIVEN_UP, "line_amount": amount}
        for case in cases
        if case["inputs"]["calc"] == "capped_credit"
        for number, amount in enumerate(
            [Decimal(case["inputs"]["paid"]), -Decimal(case["inputs"]["already_credited"])]
        )
    ]
    write_issued(home, "issued_invoice_lines", rows)


@dataclass
class Lines:
    """What the models charge of one subscription and kind of piece.

    Attributes: amount: rounded, exact: not rounded; part, full: what was counted of the period and
        in it; share: the part as a quotient; starts: first days; whole: whole periods; price: of
        one period.
    """

    amount: Decimal = Decimal(0)
    exact: Decimal = Decimal(0)
    part: int = 0
    full: int = 0
    share: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    whole: int = 0
    starts: list[date] = field(default_factory=list)


QUERY = """
select
    subscription_id, piece_type, valid_from_on, gross_micros, gross_rest_femtos, exact_micros,
    exact_rest_femtos, part_count, full_count, share_numerator, share_denominator, price_micros,
    valid_from_on = period_start_on and valid_to_on = period_end_on as is_whole
from main.int_billing__recurring_items
where charge_set = 'entitled'
order by valid_from_on
"""


CREDITS = "select subscription_id, gross_micros from main.int_billing__limited_credits"


def _lines(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], Lines]:
    found: dict[tuple[str, str], Lines] = defaultdict(Lines)
    for name, kind, start, gross, gross_rest, exact, exact_rest, part, full, *rest in rows:
        numerator, denominator, price, is_whole = rest
        lines = found[name, kind]
        lines.amount += gross * MICRO + gross_rest * FEMTO
        lines.exact += exact * MICRO + exact_rest * FEMTO
        lines.part += part
        lines.full = full
        lines.share += Decimal(numerator) / Decimal(denominator)
        lines.price = price * MICRO
        lines.whole += is_whole
        lines.starts.append(start)
    return found


def _window(cases: Sequence[Case]) -> dict[str, str]:
    """The months that any date of the cases lies in, and one more on either side."""
    years = [int(text[:4]) for case in cases for text in _dates(case["inputs"])]
    years.append(GIVEN_UP.year)
    return {"period_from": f"{min(years) - 1}-12-01", "period_through": f"{max(years) + 2}-01-01"}


def _dates(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _dates(one)
    elif isinstance(value, str) and value[4:5] == "-" and value[:4].isdigit():
        yield value


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    by_zone: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_zone[zone_of(case["inputs"])].append(case)
    figures: dict[str, Figures] = {}
    for number, (zone, members) in enumerate(sorted(by_zone.items())):
        rows = Feeds()
        for case in members:
            ADDERS[case["inputs"]["calc"]](case["id"], case["inputs"], rows)
        models = ["int_billing__limited_credits", *commitments.MODELS]
        project = Project(home / str(number), rows, zone)
        _write_issued(home / str(number), members)
        with project.built(_window(members), models) as connection:
            lines = _lines(connection.execute(QUERY).fetchall())
            owed = commitments.read(connection)
            credits = dict(connection.execute(CREDITS).fetchall())
        for case in members:
            calc = case["inputs"]["calc"]
            if calc == "capped_credit":
                figures[case["id"]] = {"credit": -credits[case["id"]] * MICRO}
            elif calc in commitments.ADDERS:
                figures[case["id"]] = commitments.figures(case, owed)
            else:
                figures[case["id"]] = _FIGURES[calc](case, lines)
    return figures


Found = dict[tuple[str, str], Lines]


def _step_figures(name: str, inputs: Inputs, lines: Found) -> Lines:
    return lines.get((name, "credit" if inputs.get("credit") else "charge"), Lines())


def _prorated(case: Case, lines: Found) -> Figures:
    inputs = case["inputs"]
    found = _step_figures(case["id"], inputs, lines)
    shares = {"factor": found.share, "amount_before_rounding": abs(found.exact)}
    if found.full:
        quantity = Decimal(inputs.get("quantity", 1))
        shares["amount_per_day"] = found.price * quantity / found.full
    decimals = inputs.get("compare_decimals", {})
    figures: Figures = {
        key: value.quantize(Decimal(1).scaleb(-decimals.get(key, 9)), ROUND_HALF_UP)
        for key, value in shares.items()
    }
    return figures | {
        "amount": found.amount,
        "units_billed": found.part,
        "units_in_period": found.full,
    }


def _summed(case: Case, lines: Found) -> Figures:
    steps = [
        _step_figures(f"{case['id']}#{number}", step, lines).amount
        for number, step in enumerate(case["inputs"]["steps"])
    ]
    return {"steps": steps, "total": sum(steps)}


def _scheduled(case: Case, lines: Found) -> Figures:
    start, count = case["inputs"]["start"], case["inputs"]["count"]
    days = lines[case["id"], "charge"].starts[: count + 1]
    return {"dates": [day.isoformat() + start[10:] for day in days]}


def _rounded(case: Case, lines: Found) -> Figures:
    return {"value": lines[case["id"], "charge"].amount}


def _counted(case: Case, lines: Found) -> Figures:
    return {"days": lines.get((case["id"], "charge"), Lines()).part}


def _whole(case: Case, lines: Found) -> Figures:
    return {"periods": lines.get((case["id"], "charge"), Lines()).whole}


_FIGURES: dict[str, Callable[[Case, Found], Figures]] = {
    "prorate": _prorated,
    "steps": _summed,
    "schedule": _scheduled,
    "count_days": _counted,
    "round": _rounded,
    "whole_periods": _whole,
}
ADDERS: dict[str, Callable[[str, Inputs, Feeds], None]] = {
    "prorate": add_proration,
    "round": add_rounding,
    "steps": add_steps,
    "schedule": add_schedule,
    "whole_periods": add_whole_periods,
    "count_days": add_days,
    "capped_credit": add_capped_credit,
    **commitments.ADDERS,
}
FAMILY = Family(ADDERS, _answer)
