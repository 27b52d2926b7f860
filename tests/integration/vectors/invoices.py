"""Invoices, credit notes, discounts and taxes: an account for a case, a charge for each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from .bills import Bill, Coupon, Line, add_bill, add_credit, add_credit_note, read_bills
from .family import Family, Figures, Project
from .feeds import MONTH, Case, Feeds, Inputs, UnsupportedError

ONE_MONTH = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
MODELS = ["fct_expected_invoices", "fct_expected_credit_notes"]
# What a case may call the figure that a helper works on.
BASES = (
    "subtotal", "line_amount", "base_amount", "base", "net", "taxable_amount", "taxable", "price",
    "original_price", "original_amount", "line_total", "value", "amount", "total",
)  # fmt: skip
PERCENTS = (
    "percent", "percentage", "percent_off", "percentage_off", "rate_percent", "discount_percent",
    "coupon_percent", "rate",
)  # fmt: skip
AMOUNTS = (
    "amount", "amount_off", "fixed", "fixed_amount", "discount_amount", "coupon_amount",
    "discount_fixed",
)  # fmt: skip
TAXES = (
    "taxes", "tax_rates", "rates", "tax_percents", "percents", "rate_percents", "tax_percent",
    "percent", "rate_percent", "rate",
)  # fmt: skip
CURRENCIES = {0: "JPY", 2: "EUR", 3: "KWD"}
DECIMALS = {currency: decimals for decimals, currency in CURRENCIES.items()}


def add_invoice(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Lines with taxes, coupons in their order, credit notes and a wallet."""
    point = "line" if "line" in str(inputs.get("tax_rounding", "")) else "invoice"
    lines = [
        Line(str(one["id"]), str(one.get("exact", one["amount"])), tuple(_taxes(one)), point)
        for one in inputs["lines"]
    ]
    ids = {line.key for line in lines}
    coupons = [
        _coupon(str(no), one, no, _limit(one, ids))
        for no, one in enumerate(inputs.get("coupons", []), start=1)
    ]
    limits = {coupon.lines for coupon in coupons if coupon.lines}
    if sum(map(len, limits)) > len(frozenset[str]().union(*limits)):
        raise UnsupportedError("coupons limited to lines of which only some are the same")
    spread = "largest_remainder" if not name.startswith("lago") else "exact"
    add_bill(Bill(name, lines, coupons, spread), feeds)
    if notes := inputs.get("credit_notes"):
        add_credit(name, "credit_note", _sum(notes), feeds)
    if wallet := inputs.get("wallet_balance"):
        add_credit(name, "prepaid", str(wallet), feeds)


def _sum(value: object) -> str:
    """An amount, or the sum of several."""
    if isinstance(value, list):
        amounts = [one["amount"] if isinstance(one, dict) else one for one in value]
        return str(sum(map(Decimal, amounts), Decimal(0)))
    return str(value)


def _taxes(one: Mapping[str, Any]) -> Iterator[str]:
    if "tax_percent" in one:
        yield str(one["tax_percent"])
    for tax in one.get("taxes", one.get("tax_percents", [])):
        yield str(tax["percent"] if isinstance(tax, dict) else tax)


def _limit(one: Mapping[str, Any], ids: set[str]) -> frozenset[str]:
    """Lines that a coupon names, in whatever field."""
    named = [value for key, value in one.items() if key not in {"id", "amount", "percent"}]
    texts = {text for value in named for text in (value if isinstance(value, list) else [value])}
    return frozenset(map(str, texts)) & ids


def _coupon(key: str, one: Mapping[str, Any], no: int, limit: frozenset[str]) -> Coupon:
    percent, amount = _told(one, PERCENTS), _told(one, AMOUNTS)
    if kind := one.get("type", one.get("discount_type")):
        value = one["value"] if "value" in one else next(v for v in (percent, amount) if v)
        is_percent = str(kind).lower().startswith("percent")
        percent, amount = (value, None) if is_percent else (None, value)
    if percent is None and amount is None:
        raise UnsupportedError(f"a coupon of {sorted(one)}")
    # those limited to some lines come first, then the oldest
    return Coupon(
        key, percent=percent, amount=amount, order=no + (0 if limit else 100), lines=limit
    )


def _told(one: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first of the fields that is told."""
    return next((one[name] for name in names if one.get(name) is not None), None)


def _currency(inputs: Inputs) -> str:
    """A currency with the minor unit of the case's; accounts of ours are in few."""
    currency = str(inputs.get("currency", "EUR"))
    return currency if currency in DECIMALS else "EUR"


def add_discount(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Coupons on one amount: percentages first, then amounts."""
    coupons = next((inputs[key] for key in ("coupons", "discounts") if key in inputs), None)
    base, only = _base_and_coupon(inputs)
    stacked = [
        _coupon(str(no), one, 0, frozenset())
        for no, one in enumerate([only] if coupons is None else coupons, start=1)
    ]
    bill = Bill(
        name, [Line("all", str(base))], [one.at(0) for one in stacked], currency=_currency(inputs)
    )
    add_bill(bill, feeds)


def _base_and_coupon(inputs: Inputs) -> tuple[Any, Mapping[str, Any]]:
    """The amount of a case, and the discount that its other fields tell."""
    name = next((key for key in BASES if key in inputs), None)
    if name is None:
        raise UnsupportedError(f"a discount of {sorted(inputs)}")
    found = inputs.get("coupon", inputs.get("discount"))
    if found is None:
        found = {key: value for key, value in inputs.items() if key != name}
    elif not isinstance(found, Mapping):
        found = {"amount": found}
    return inputs[name], found


def add_allocation(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """A discount for the account, spread over charges of the weights given."""
    decimals = int(inputs.get("decimals", 2))
    if decimals not in CURRENCIES:
        raise UnsupportedError(f"shares of {decimals} decimals")
    if inputs.get("method", "largest remainder") != "largest remainder":
        raise UnsupportedError(f"shares by {inputs['method']}")
    weights = [(str(one["key"]), Decimal(str(one["weight"]))) for one in inputs["weights"]]
    total = sum((weight for _, weight in weights), Decimal(0))
    # A discount does not exceed its charges; in the same proportions the shares are the same.
    scale = Decimal(1)
    while total > 0 and (
        total * scale < Decimal(inputs["amount"])
        or any((weight * scale).scaleb(decimals) % 1 for _, weight in weights)
    ):
        scale *= 10
    by_key = inputs.get("tie_break") == "key"
    lines = [
        Line(key, str(weight * scale), place=0 if by_key else no)
        for no, (key, weight) in enumerate(weights, start=1)
    ]
    coupon = Coupon("1", amount=str(inputs["amount"]))
    add_bill(Bill(name, lines, [coupon], currency=CURRENCIES[decimals]), feeds)


def add_taxes(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Several taxes on one amount, or on each of some lines."""
    taxes = _told(inputs, TAXES)
    if taxes is None:
        raise UnsupportedError(f"taxes of {sorted(inputs)}")
    percents = [_percent(one) for one in (taxes if isinstance(taxes, list) else [taxes])]
    found = inputs.get("lines") or [{"amount": _told(inputs, BASES)}]
    inclusive = bool(_told(inputs, ("inclusive", "tax_inclusive", "is_inclusive")))
    lines = [
        Line(
            str(one.get("id", no)),
            str(_told(one, BASES)),
            tuple(percents),
            "tax_group",
            inclusive=inclusive,
        )
        for no, one in enumerate(found)
    ]
    coupons = [Coupon("1", amount=str(inputs["discount"]))] if "discount" in inputs else []
    add_bill(Bill(name, lines, coupons, currency=_currency(inputs)), feeds)


def _percent(tax: object) -> str:
    """The percentage of a tax that is told as such, or with other things."""
    if not isinstance(tax, Mapping):
        return str(tax)
    percent = _told(tax, PERCENTS)
    if percent is None and str(tax.get("type", "")).lower().startswith("percent"):
        percent = tax["value"]
    if percent is None:
        raise UnsupportedError("a tax of a fixed amount")
    return str(percent)


def add_lines(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Amounts that are rounded each and added."""
    rounding = inputs.get("rounding", {})
    decimals, mode = int(rounding.get("decimals", 2)), rounding.get("mode", "half_up")
    if decimals not in CURRENCIES:
        raise UnsupportedError(f"lines rounded {rounding}")
    lines = [
        Line(str(no), str(amount), rounding={"rounding_decimals": decimals, "rounding_mode": mode})
        for no, amount in enumerate(inputs["amounts"], start=1)
    ]
    add_bill(Bill(name, lines, currency=CURRENCIES[decimals]), feeds)


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    with Project(home, feeds).built(ONE_MONTH, MODELS) as connection:
        return {case["id"]: figures for case, figures in read_bills(connection, cases)}


FAMILY = Family(
    {
        "invoice": add_invoice,
        "discount": add_discount,
        "discount_stack": add_discount,
        "allocate": add_allocation,
        "taxes": add_taxes,
        "line_rounding": add_lines,
        "credit_note": add_credit_note,
    },
    _answer,
)
