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
BASES = ("subtotal", "amount", "line_amount", "base", "net", "price", "total", "taxable_amount")
CURRENCIES = {0: "JPY", 2: "EUR", 3: "KWD"}


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
    percent = next(
        (one[name] for name in ("percent", "percentage", "percent_off") if name in one), None
    )
    amount = next((one[name] for name in ("amount", "amount_off", "fixed") if name in one), None)
    if percent is None and amount is None:
        raise UnsupportedError(f"a coupon of {sorted(one)}")
    # those limited to some lines come first, then the oldest
    return Coupon(
        key, percent=percent, amount=amount, order=no + (0 if limit else 100), lines=limit
    )


def add_discount(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Coupons on one amount: percentages first, then amounts."""
    base = next((inputs[key] for key in BASES if key in inputs and key != "amount"), None)
    base = base if base is not None else inputs["amount"]
    coupons = inputs.get("coupons") or inputs.get("discounts") or [_only_coupon(inputs)]
    stacked = [_coupon(str(no), one, 0, frozenset()) for no, one in enumerate(coupons, start=1)]
    add_bill(Bill(name, [Line("all", str(base))], [one.at(0) for one in stacked]), feeds)


def _only_coupon(inputs: Inputs) -> Inputs:
    found = inputs.get("coupon") or inputs.get("discount")
    if isinstance(found, dict):
        return found
    for source, target in (
        ("percent", "percent"), ("percentage", "percent"), ("percent_off", "percent"),
        ("discount_percent", "percent"), ("amount_off", "amount"), ("discount_amount", "amount"),
        ("fixed", "amount"), ("coupon_amount", "amount"), ("coupon_percent", "percent"),
    ):  # fmt: skip
        if source in inputs:
            return {target: inputs[source]}
    if found is not None:
        return {"amount": found}
    if "subtotal" in inputs and "amount" in inputs:
        return {"amount": inputs["amount"]}
    raise UnsupportedError(f"a discount of {sorted(inputs)}")


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
    """Several taxes on one amount."""
    taxes = inputs.get("taxes", inputs.get("rates", inputs.get("tax_rates")))
    if taxes is None:
        taxes = [inputs[key] for key in ("tax_percent", "percent", "rate") if key in inputs]
    percents: list[str] = []
    fixed: list[str] = []
    for one in taxes:
        fields = one if isinstance(one, dict) else {"percent": one}
        value = next(
            (fields[key] for key in ("percent", "percentage", "rate") if key in fields), None
        )
        (percents if value is not None else fixed).append(str(value or fields.get("amount", "0")))
    if fixed:
        raise UnsupportedError("a tax of a fixed amount")
    base = next((inputs[key] for key in BASES if key in inputs), None)
    found = inputs.get("lines") or [{"id": "all", "amount": base}]
    inclusive = bool(inputs.get("inclusive", inputs.get("tax_inclusive", False)))
    lines = [
        Line(
            str(one.get("id", no)),
            str(one["amount"]),
            tuple(percents),
            "tax_group",
            inclusive=inclusive,
        )
        for no, one in enumerate(found)
    ]
    add_bill(Bill(name, lines), feeds)


def add_lines(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Amounts that are rounded each and added."""
    rounding = inputs.get("rounding", {})
    decimals = int(rounding.get("decimals", 2))
    if decimals not in CURRENCIES or rounding.get("mode", "half_up") != "half_up":
        raise UnsupportedError(f"lines rounded {rounding}")
    lines = [Line(str(no), str(amount)) for no, amount in enumerate(inputs["amounts"], start=1)]
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
