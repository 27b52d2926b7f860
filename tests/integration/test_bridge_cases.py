"""Cases of the bridge that were reckoned by hand, each on an account of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .rating_cases import add_holding, add_plan
from .vectors.family import Project
from .vectors.feeds import Feeds, Row

WINDOW = {"period_from": "2026-06-01", "period_through": "2026-07-01"}
Steps = dict[str, tuple[Decimal, Decimal, Decimal]]


def _event(
    feeds: Feeds, name: str, subscription: str, row: Row, charge: str, line: str, account: str = ""
) -> None:
    """A record of the network and of billing; without a charge only the network has it."""
    row = {"service_id": f"N-{subscription}"} | row
    feeds.add("network_usage", network_record_id=name, call_type_code="originating", **row)
    if charge:
        feeds.add(
            "rated_usage", rated_usage_id=f"R-{name}", network_record_id=name,
            account_id=account or f"A-{subscription}", subscription_id=subscription,
            charge_amount=charge, currency_code="EUR", rated_at=row["started_at"],
            invoice_line_id=line, **row,
        )  # fmt: skip


def _line(
    feeds: Feeds, name: str, subscription: str, month: str, amount: str, **row: object
) -> None:
    account = row.pop("account", "") or f"A-{subscription}"
    following = {"2026-06": "2026-07", "2026-07": "2026-08"}[month]
    common: Row = {
        "line_type": "usage", "charge_code": "USAGE", "service_start_on": f"{month}-01",
        "service_end_on": f"{following}-01",
    }  # fmt: skip
    feeds.add(
        "invoice_lines", invoice_line_id=name, invoice_id=f"I-{account}-{month}",
        account_id=account, subscription_id=subscription, line_amount=amount, currency_code="EUR",
        **common | row,
    )  # fmt: skip


def _add_levels(feeds: Feeds) -> None:
    """Two seats from 11 June, one more from 22 July, 3.10 a seat and month, by days.

    June has 20 of 30 days of two: 4.133333. July has two seats carried into it, 6.20, and 10 of 31
    days of one, 1.00. KEPT bills the carried level on a line without events, LOST does not.
    """
    for name in ("KEPT", "LOST"):
        price = {"price_amount": "3.10", "unit_quantity": 1, "aggregation_type": "level_day"}
        add_plan(feeds, name, price, service="data")
        add_holding(feeds, name, name)
        for day, seats, charge in (("2026-06-11", 2, "4.133333"), ("2026-07-22", 1, "1.00")):
            row: Row = {
                "service_code": "data", "started_at": f"{day} 10:00:00", "quantity": seats,
                "unit_code": "byte",
            }  # fmt: skip
            line = f"{name}-{day[:7]}"
            _event(feeds, f"{name}-{day}", name, row, charge, line)
            _line(feeds, line, name, day[:7], "4.13" if seats == 2 else charge)
    _line(feeds, "KEPT-carried", "KEPT", "2026-07", "6.20")


def _add_shared(feeds: Feeds) -> None:
    """Two members of an account; the first one's call of 1 July never reaches billing.

    POOL brings 60 s a member, calls cost 0.06 a minute. The lost 120 s use the pool up, so the
    120 s of the other member cost 0.12; billing gave them free. MONEY brings 0.10 a member: the
    lost 0.12 leave 0.08 for the other one's 0.18, so 0.10 is owed; billing took all from the pool.
    """
    terms: dict[str, Row] = {
        "POOL": {"service_code": "voice", "allowance_quantity": 60, "unit_code": "second"},
        "MONEY": {"allowance_type": "money", "allowance_amount": "0.10", "currency_code": "EUR"},
    }
    price = {
        "price_amount": "0.06", "unit_quantity": 60, "first_increment_quantity": 60,
        "next_increment_quantity": 60,
    }  # fmt: skip
    for name, seconds in (("POOL", 120), ("MONEY", 180)):
        add_plan(feeds, name, price)
        feeds.add(
            "allowances", allowance_id=name, product_offering_id=name, sharing_type="account",
            **terms[name],
        )  # fmt: skip
        for place, (member, size, charge) in enumerate((("1", 120, ""), ("2", seconds, "0.00"))):
            subscription = f"{name}{member}"
            add_holding(feeds, subscription, name, f"A-{name}")
            row: Row = {
                "service_code": "voice", "started_at": f"2026-07-0{1 + place} 10:00:00",
                "quantity": size, "unit_code": "second",
            }  # fmt: skip
            _event(feeds, subscription, subscription, row, charge, f"L-{name}", f"A-{name}")
        _line(feeds, f"L-{name}", f"{name}2", "2026-07", "0.00", account=f"A-{name}")


def _add_twice(feeds: Feeds) -> None:
    """Two lines name the call of 60 s at 0.01; PAIR's second line is delivered, GONE's are not."""
    price = {"price_amount": "0.01", "unit_quantity": 1}
    for name in ("PAIR", "GONE"):
        add_plan(feeds, name, price)
        add_holding(feeds, name, name)
        row: Row = {
            "service_code": "voice", "started_at": "2026-07-03 10:00:00", "quantity": 60,
            "unit_code": "second",
        }  # fmt: skip
        _event(feeds, name, name, row, "0.60", f"L-{name}-1")
        again = feeds.rows["rated_usage"][-1] | {"invoice_line_id": f"L-{name}-2"}
        feeds.add("rated_usage", **again)
    for line in ("1", "2"):
        _line(feeds, f"L-PAIR-{line}", "PAIR", "2026-07", "0.60")


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Steps]:
    """Steps by account and month: amount, what findings explain of it, what listed items do."""
    feeds = Feeds()
    _add_levels(feeds)
    _add_shared(feeds)
    _add_twice(feeds)
    project = Project(tmp_path_factory.mktemp("cases"), feeds)
    found: dict[tuple[str, str], Steps] = {}
    with project.built(WINDOW, ["fct_bridge"]) as warehouse:
        rows = warehouse.execute(
            "select account_id, strftime(billing_month, '%Y-%m'), step_code, step_amount,"
            " under_amount - over_amount, listed_amount, unexplained_amount from fct_bridge"
            " where revenue_stream = 'usage'"
        ).fetchall()
    for account, month, step, *amounts, unexplained in rows:
        assert unexplained == 0, (account, month, step)
        found.setdefault((account, month), {})[step] = tuple(amounts)
    return found


def _steps(**amounts: tuple[str, str, str] | str) -> Steps:
    """Steps as a reader writes them; one figure for the ends of the bridge."""
    zero = Decimal(0)
    return {
        step: (Decimal(value), zero, zero)
        if isinstance(value, str)
        else (Decimal(value[0]), Decimal(value[1]), Decimal(value[2]))
        for step, value in amounts.items()
    }


def test_a_level_carried_into_a_month_is_owed_by_the_month(
    bridge: dict[tuple[str, str], Steps],
) -> None:
    june = _steps(expected="4.133333", invoicing=("0.003333", "0", "0.003333"), billed="4.13")
    assert bridge["A-KEPT", "2026-06"] == bridge["A-LOST", "2026-06"] == june
    assert bridge["A-KEPT", "2026-07"] == _steps(expected="7.20", billed="7.20")
    assert bridge["A-LOST", "2026-07"] == _steps(
        expected="7.20", invoicing=("6.20", "6.20", "0"), billed="1.00"
    )


@pytest.mark.parametrize(("account", "amount"), [("A-POOL", "0.12"), ("A-MONEY", "0.10")])
def test_a_lost_record_is_worth_what_all_who_share_its_allowance_lose(
    account: str, amount: str, bridge: dict[tuple[str, str], Steps]
) -> None:
    assert bridge[account, "2026-07"] == _steps(
        expected=amount, lost_before_rating=(amount, amount, "0")
    )


def test_an_event_on_two_lines_is_billed_twice_only_where_they_are_delivered(
    bridge: dict[tuple[str, str], Steps],
) -> None:
    assert bridge["A-PAIR", "2026-07"] == _steps(
        expected="0.60", not_invoiced=("-0.60", "-0.60", "0"), billed="1.20"
    )
    assert bridge["A-GONE", "2026-07"] == _steps(expected="0.60", timing=("0.60", "0", "0.60"))
