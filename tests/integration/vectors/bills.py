"""Bills of a case as rows of the catalogue, and the figures that the models give for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import duckdb

from .family import Figures
from .feeds import MONTH, Case, Feeds, Inputs, Row

SINCE = f"{MONTH}-01"
MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Line:
    """A charge: key, amount, percentages of tax on it and where that is rounded.

    Attributes: rounding: how its price rounds it, where it is not the booking of the line.
    """

    key: str
    amount: str
    taxes: tuple[str, ...] = ()
    rounding_point: str = "tax_group"
    place: int = 0
    inclusive: bool = False
    rounding: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Coupon:
    """A percentage or an amount, on some lines or on all."""

    key: str
    percent: str | None = None
    amount: str | None = None
    order: int = 0
    lines: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """The charge code of the lines that it is limited to, empty when it is not."""
        return "+".join(["ONLY", *sorted(self.lines)]) if self.lines else ""

    def at(self, order: int) -> Coupon:
        """The same one at another place."""
        return replace(self, order=order)


@dataclass(frozen=True)
class Bill:
    """What one account is billed."""

    name: str
    lines: Sequence[Line]
    coupons: Sequence[Coupon] = ()
    spread: str = "largest_remainder"
    currency: str = "EUR"
    codes: dict[str, str] = field(default_factory=dict)


def add_bill(bill: Bill, feeds: Feeds) -> None:
    """An account with a subscription a line, its taxes and its coupons."""
    feeds.add(
        "accounts", account_id=bill.name, account_type="consumer", currency_code=bill.currency
    )
    for line in bill.lines:
        _add_line(bill, line, feeds)
    for coupon in bill.coupons:
        _add_coupon(bill, coupon, feeds)


def _add_line(bill: Bill, line: Line, feeds: Feeds) -> None:
    key = f"{bill.name}#{line.place:03}#{line.key}"
    # Lines that a coupon is limited to share a charge code, so that it can name them.
    code = next((c.code for c in bill.coupons if line.key in c.lines), "MRC")
    group = _tax_group(line.taxes, feeds)
    feeds.add("product_offerings", product_offering_id=key, offering_name=key, product_type="plan")
    common = {"account_id": bill.name, "subscription_id": key, "service_id": f"N-{key}"}
    for feed in ("crm_services", "subscriptions"):
        feeds.add(
            feed, **common, product_offering_id=key, status="active", valid_from_on=SINCE,
            valid_to_on="",
        )  # fmt: skip
    feeds.add(
        "approved_prices", price_rule_id=key, product_offering_id=key, charge_type="recurring",
        charge_code=code, charge_model="flat", price_amount=line.amount, proration_type="none",
        charge_timing="arrears", tax_group_code=group, rounding_point=line.rounding_point,
        is_tax_inclusive="true" if line.inclusive else "false", currency_code=bill.currency,
        valid_from_on="2000-01-01", **line.rounding,
    )  # fmt: skip


def _tax_group(percents: Sequence[str], feeds: Feeds) -> str:
    """A tax group for every set of percentages, with a tax for each."""
    if not percents:
        return ""
    group = "T" + "+".join(percents)
    known = {row["tax_group_code"] for row in feeds.rows.get("tax_rates", [])}
    for no, percent in enumerate(percents if group not in known else [], start=1):
        feeds.add(
            "tax_rates", tax_rate_id=f"{group}/{no}", tax_name=f"{percent} %", tax_group_code=group,
            rate_ratio=str(Decimal(percent) / 100), valid_from_on="2000-01-01",
        )  # fmt: skip
    return group


def _add_coupon(bill: Bill, coupon: Coupon, feeds: Feeds) -> None:
    ratio = "" if coupon.percent is None else str(Decimal(coupon.percent) / 100)
    feeds.add(
        "discounts", discount_id=f"{bill.name}#{coupon.key}", account_id=bill.name,
        scope_type="account", charge_type="all",
        charge_code=coupon.code,
        discount_type="amount" if coupon.percent is None else "percent", rate_ratio=ratio,
        discount_amount=coupon.amount, priority=coupon.order, spread_type=bill.spread,
        stacking_type="stackable",
    )  # fmt: skip


def add_credit(name: str, kind: str, amount: str, feeds: Feeds) -> None:
    """Credit of the account of a case."""
    feeds.add(
        "account_credits", account_credit_id=f"{name}#{kind}", account_id=name, credit_type=kind,
        credit_amount=amount, currency_code="EUR",
    )  # fmt: skip


def add_credit_note(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """Items, or one of them for a part of its period."""
    shared: Row = {"credit_request_id": name, "account_id": name, "currency_code": "EUR"}
    shared |= {
        "paid_amount": inputs.get("paid_amount", inputs.get("amount_paid")),
        "credited_amount": inputs.get("credited_amount", inputs.get("earlier_credits")),
    }
    for no, item in enumerate(inputs.get("items", [inputs]), start=1):
        fields: Inputs = item if isinstance(item, dict) else {"item_amount": item}
        percent = fields.get("tax_percent", inputs.get("tax_percent", "0"))
        amount = next(
            fields[key] for key in ("item_amount", "full_amount", "amount") if key in fields
        )
        feeds.add(
            "credit_requests", **shared, item_no=no, item_amount=amount,
            tax_ratio=str(Decimal(str(percent)) / 100), period_start_on=fields.get("period_from"),
            period_end_on=fields.get("period_to"), credit_start_on=fields.get("billed_from"),
            credit_end_on=fields.get("billed_to"),
        )  # fmt: skip


def read_bills(
    connection: duckdb.DuckDBPyConnection, cases: Sequence[Case]
) -> Iterator[tuple[Case, Figures]]:
    """What the models say of every case, under the names that cases use."""
    bills = _by_name(connection, "select account_id, * from main.fct_expected_invoices")
    notes = _by_name(connection, "select credit_request_id, * from main.fct_expected_credit_notes")
    shares = _pairs(
        connection,
        "select c.account_id, c.subscription_id, sum(s.discount_micros)::bigint "
        "from main.int_billing__discount_shares s join main.int_billing__charges c "
        "using (charge_key) group by 1, 2",
    )
    taxes = _pairs(
        connection,
        "select c.account_id, c.subscription_id, sum(t.tax_micros)::bigint "
        "from main.int_billing__charge_taxes t join main.int_billing__charges c "
        "using (charge_key) group by 1, 2",
    )
    coupons = _pairs(
        connection,
        "select c.account_id, s.discount_id, sum(s.discount_micros)::bigint "
        "from main.int_billing__discount_shares s join main.int_billing__charges c "
        "using (charge_key) group by 1, 2",
    )
    for case in cases:
        name = case["id"]
        if name in notes:
            yield case, _note_figures(notes[name])
            continue
        figures = _bill_figures(case["inputs"], bills[name])
        figures |= _line_figures(case["inputs"], shares.get(name, {}), taxes.get(name, {}))
        found = coupons.get(name, {})
        count = len(case["inputs"].get("coupons", []))
        figures["coupon_amounts"] = [
            found.get(f"{name}#{no}", 0) * MICRO for no in range(1, count + 1)
        ]
        yield case, figures


def _by_name(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, dict[str, Any]]:
    answer = connection.execute(query)
    columns = [column[0] for column in answer.description]
    return {row[0]: dict(zip(columns, row, strict=True)) for row in answer.fetchall()}


def _pairs(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for account, key, micros in connection.execute(query).fetchall():
        found.setdefault(account, {})[key] = Decimal(micros)
    return found


def _note_figures(note: dict[str, Any]) -> Figures:
    return {
        "subtotal": note["subtotal_amount"],
        "tax": note["tax_amount"],
        "total": note["total_amount"],
        "total_before_adjustment": note["exact_total_amount"],
    }


def _bill_figures(inputs: Inputs, bill: dict[str, Any]) -> Figures:
    wallet = Decimal(inputs.get("wallet_balance", "0"))
    net = bill["net_amount"]
    names = ("net", "final_price", "final_amount", "amount_after_discount", "discounted_amount")
    return dict.fromkeys(names, net) | {
        "subtotal": bill["gross_amount"],
        "coupons": bill["discount_amount"],
        "discount": bill["discount_amount"],
        "tax": bill["tax_amount"],
        "total_tax": bill["tax_amount"],
        "total": bill["total_amount"],
        "prepaid_credit": bill["prepaid_amount"],
        "credit_notes": bill["credit_note_amount"],
        "total_due": bill["due_amount"],
        "wallet_after": wallet - bill["prepaid_amount"],
    }


def _line_figures(inputs: Inputs, shares: dict[str, Decimal], taxes: dict[str, Decimal]) -> Figures:
    def of(found: dict[str, Decimal], key: str) -> Decimal:
        return next((v for k, v in found.items() if k.endswith(f"#{key}")), Decimal(0)) * MICRO

    lines = [str(line["id"]) for line in inputs.get("lines", []) if "id" in line]
    weights = [str(one["key"]) for one in inputs.get("weights", [])]
    return {
        "line_coupons": {key: of(shares, key) for key in lines},
        "line_taxes": {key: of(taxes, key) for key in lines},
        # a share of nothing is no share
        "shares": {key: of(shares, key) for key in weights if of(shares, key)},
    }
