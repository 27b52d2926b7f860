"""What holds of every bill, tried on many drawn at random in one build."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .batches import one_batch
from .vectors.bills import Bill, Coupon, Line, add_bill, add_credit_note
from .vectors.family import Project
from .vectors.feeds import MONTH, Feeds

ONE_MONTH = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
MODELS = ["fct_expected_invoices", "fct_expected_credit_notes"]
CENT = Decimal("0.01")
TAXES = st.sampled_from([(), ("19",), ("7",), ("19", "2.5"), ("0",)])


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    """Up to six lines and three coupons."""
    point = draw(st.sampled_from(["line", "tax_group", "invoice"]))
    places = draw(st.sampled_from([2, 2, 4, 6]))
    lines = [
        Line(
            f"L{no}",
            str(draw(st.decimals("0", "99.99", places=places))),
            draw(TAXES),
            point,
            inclusive=draw(st.booleans()),
        )
        for no in range(draw(st.integers(1, 6)))
    ]
    coupons = [
        Coupon(str(no), percent=percent, amount=amount, order=draw(st.integers(0, 1)))
        for no in range(1, draw(st.integers(0, 3)) + 1)
        for percent, amount in [
            draw(st.sampled_from([("10", None), ("33.3", None), (None, "5"), (None, "123.45")]))
        ]
    ]
    # of several exact discounts the printed lines of a tax class may pass its charges by a cent
    exact = len(coupons) < 2 and draw(st.booleans())
    spread = "exact" if exact else "largest_remainder"
    return Bill("", lines, coupons, spread)


def is_varied(drawn: list[Bill]) -> bool:
    """Whether it is no list of empty bills, which is what hypothesis tries first."""
    return sum(len(bill.coupons) for bill in drawn) > 30


def _feeds(drawn: list[Bill]) -> Feeds:
    """Every bill twice, the second time with its rows the other way round; and credits of them."""
    feeds = Feeds()
    for no, bill in enumerate(drawn):
        add_bill(replace(bill, name=f"A{no}"), feeds)
    for no, bill in reversed(list(enumerate(drawn))):
        turned = replace(bill, lines=bill.lines[::-1], coupons=bill.coupons[::-1])
        add_bill(replace(turned, name=f"B{no}"), feeds)
        if not bill.coupons and not any(line.inclusive for line in bill.lines):
            add_credit_note(f"A{no}", {"items": _items(bill)}, feeds)
    return feeds


def _items(bill: Bill) -> list[dict[str, str]]:
    """What the lines were booked at, with all their tax."""
    return [
        {
            "item_amount": str(_cents(line.amount)),
            "tax_percent": str(sum(map(Decimal, line.taxes), Decimal(0))),
        }
        for line in bill.lines
    ]


def _cents(amount: str) -> Decimal:
    return Decimal(amount).quantize(CENT, "ROUND_HALF_UP")


@one_batch
@given(drawn=st.lists(bills(), min_size=60, max_size=60).filter(is_varied))
def test_bills_add_up_in_any_order(
    drawn: list[Bill], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("bills")
    with Project(folder, _feeds(drawn)).built(ONE_MONTH, MODELS) as connection:
        assert _count(connection, "main.fct_expected_invoices") == 2 * len(drawn)
        _check_sums(connection)
        _check_shares(connection, drawn)
        _check_taxes(connection, drawn)
        _check_order(connection)
        _check_credits(connection)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(_all(connection, f"select count(*) from {table}")[0][0])


def _all(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _check_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Lines, taxes and shares add up to the cent; no total falls below zero."""
    lines = (
        "(select account_id, sum(line_amount) s from main.fct_expected_invoice_lines group by 1)"
    )
    taxes = "(select account_id, sum(tax_amount) t from main.fct_expected_taxes group by 1)"
    wrong = _all(
        connection,
        "select i.account_id, i.gross_amount, i.discount_amount, i.net_amount, s, i.tax_amount, t, "
        f"i.total_amount from main.fct_expected_invoices i join {lines} using (account_id) "
        f"join {taxes} using (account_id) where i.net_amount <> s or i.tax_amount <> t "
        "or i.gross_amount - i.discount_amount <> i.net_amount "
        "or i.net_amount + i.tax_amount + i.rounding_amount <> i.total_amount "
        "or i.total_amount < 0 or i.total_amount <> round(i.total_amount, 2)",
    )
    assert wrong == []
    # taken out of each line by itself, tax may leave a net below zero by half a cent a line
    below = _all(
        connection,
        "select account_id, net_amount from main.fct_expected_invoices as i where net_amount < 0 "
        "and (net_amount < -0.005 * line_count or account_id not in (select account_id from "
        "main.int_billing__priced_charges where is_tax_inclusive and rounding_point = 'line'))",
    )
    assert below == []
    fractions = _all(
        connection,
        "select expected_line_key, line_amount from main.fct_expected_invoice_lines "
        "where line_amount <> round(line_amount, 2)",
    )
    assert fractions == []
    contained = _all(
        connection,
        "select tax_class_key, sum(full_micros), sum(net_micros), max(full_micros) "
        "from main.int_billing__net_lines group by 1 having sum(net_micros) > sum(full_micros)",
    )
    assert contained == []
    # the tax table covers every line
    assert not _all(
        connection,
        "select account_id from main.fct_expected_invoices i where net_amount > "
        "(select sum(taxable_amount) from main.fct_expected_taxes t "
        "where t.account_id = i.account_id)",
    )


def _check_shares(connection: duckdb.DuckDBPyConnection, drawn: list[Bill]) -> None:
    """Shares of a discount add up to it, and those of a tax to the rounded sum."""
    found = {
        name: (Decimal(charged) / 10**6, Decimal(taken) / 10**6)
        for name, charged, taken in _all(
            connection,
            "select account_id, sum(case when discount_id is null then full_micros else 0 end), "
            "sum(case when discount_id is null then 0 else -full_micros end) "
            "from main.int_billing__net_lines group by 1",
        )
    }
    alone = [
        (f"A{no}", Decimal(bill.coupons[0].amount))
        for no, bill in enumerate(drawn)
        if len(bill.coupons) == 1 and bill.coupons[0].amount
    ]
    assert alone
    for name, amount in alone:
        charged, taken = found[name]
        assert taken == min(amount, charged), name
    astray = _all(
        connection,
        "select t.account_id, p.picos, t.tax from (select account_id, sum(tax_amount) as tax "
        "from main.fct_expected_taxes group by 1) as t join (select account_id, sum(tax_picos) as "
        "picos from main.int_billing__charge_taxes group by 1 "
        "having bool_and(rounding_point = 'invoice')) as p using (account_id) "
        "where account_id not in (select account_id from main.int_billing__priced_charges "
        "where is_tax_inclusive) and abs(t.tax * 1000000 * 1000000 - p.picos) > 5000000000",
    )
    assert astray == []


def _check_taxes(connection: duckdb.DuckDBPyConnection, drawn: list[Bill]) -> None:
    """Each tax is its rate of what it is on: to the cent where that is in cents and rounded once.

    Otherwise each line may have rounded half a cent of its amount and half a cent of its tax.
    """
    table = (
        "select account_id, tax_rate_id, rate_ratio, taxable_amount, tax_amount "
        "from main.fct_expected_taxes where rate_ratio > 0"
    )
    exact_count = 0
    for account, tax_id, rate, taxable, tax in _all(connection, table):
        bill = drawn[int(account[1:])]
        lines = [line for line in bill.lines if f"T{'+'.join(line.taxes)}/" in tax_id]
        parts = 1 + len(lines) * (1 + len(bill.coupons))
        assert abs(tax - rate * taxable) <= parts * CENT / 2 * (1 + rate), account
        if not bill.coupons and all(map(_is_plain, lines)):
            exact_count += 1
            assert tax == _cents(str(rate * taxable)), account
    assert exact_count > 3


def _is_plain(line: Line) -> bool:
    is_cents = Decimal(line.amount) == _cents(line.amount)
    return is_cents and not line.inclusive and line.rounding_point == "tax_group"


def _check_order(connection: duckdb.DuckDBPyConnection) -> None:
    """The order in which rows are delivered changes nothing."""
    figures = "gross_amount, discount_amount, net_amount, tax_amount, total_amount, line_count"
    by_side = (
        "select substr(account_id, 2), {} from main.fct_expected_invoices "
        "where account_id like '{}%'"
    )
    first, second = (sorted(_all(connection, by_side.format(figures, side))) for side in ("A", "B"))
    assert first == second


def _check_credits(connection: duckdb.DuckDBPyConnection) -> None:
    """A credit of every line nets its bill to zero, but for cents of taxes rounded apart."""
    pairs = _all(
        connection,
        "select n.credit_request_id, n.subtotal_amount, i.net_amount, n.tax_amount, i.tax_amount, "
        "(select count(*) from main.fct_expected_taxes t where t.account_id = i.account_id "
        "and t.tax_amount <> 0), n.total_amount from main.fct_expected_credit_notes n "
        "join main.fct_expected_invoices i on n.account_id = i.account_id",
    )
    assert pairs
    for name, subtotal, net, credited, tax, tax_count, total in pairs:
        assert subtotal == net, name
        assert total == subtotal + credited, name
        # each tax, or each line, may have rounded half a cent
        assert abs(credited - tax) <= CENT * max(3, tax_count), name
