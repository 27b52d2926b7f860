"""Faults of a bill's input: what they touch is held with its reason, everything else is billed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .billing_operator import tieout
from .vectors.family import Project
from .vectors.feeds import Feeds

MONTH = {
    "period_from": "2026-05-01",
    "period_through": "2026-05-01",
    "keep_rated_events": True,
}
ADDRESS = {
    "street_address": "1 High Street",
    "postal_code": "10115",
    "city_name": "Berlin",
    "country_code": "DE",
}


class Operator:
    """An operator that issues its own bills, one account a fault."""

    def __init__(self) -> None:
        """Know a company, a tax and a zone."""
        self.feeds = Feeds()
        self.feeds.add("legal_entities", legal_entity_code="N", legal_name="Nordlicht")
        self.feeds.add(
            "tax_rates", tax_rate_id="VAT", tax_group_code="STD", rate_ratio="0.19",
            valid_from_on="2020-01-01",
        )  # fmt: skip
        self.feeds.add("destination_zones", prefix="49", zone_code="NAT")

    def account(self, name: str, currency: str = "EUR", address: bool = True) -> None:
        """An account with a plan of its own name."""
        where = ADDRESS if address else dict.fromkeys(ADDRESS, "")
        self.feeds.add(
            "accounts", account_id=name, account_type="consumer", currency_code=currency, **where
        )
        self.feeds.add(
            "product_offerings", product_offering_id=name, offering_name=name, product_type="plan"
        )
        for feed in ("crm_services", "subscriptions"):
            self.feeds.add(
                feed, account_id=name, subscription_id=f"S-{name}", service_id=f"N-{name}",
                product_offering_id=name, status="active", valid_from_on="2026-05-01",
            )  # fmt: skip

    def price(self, name: str, no: int = 1, **fields: object) -> None:
        """A price of the plan of an account, ten a month unless said."""
        row: dict[str, object] = {
            "price_rule_id": f"{name}-{no}",
            "product_offering_id": name,
            "charge_type": "recurring",
            "charge_code": "MRC",
            "charge_model": "flat",
            "price_amount": "10",
            "proration_type": "day",
            "tax_group_code": "STD",
            "currency_code": "EUR",
            "valid_from_on": "2020-01-01",
        }
        self.feeds.add("approved_prices", **(row | fields))

    def usage_price(self, name: str, no: int = 2, **fields: object) -> None:
        """Calls at a cent a second."""
        shared = {"charge_type": "usage", "charge_code": "USAGE_VOICE", "service_code": "voice"}
        usage = {"charge_model": "per_unit", "price_amount": "0.01", "unit_quantity": "1"}
        self.price(name, no, **(shared | usage | fields))

    def call(self, name: str, number: str = "4930123456", seconds: int = 100) -> None:
        """A call on 10 May, a hundred seconds unless said."""
        self.feeds.add(
            "rated_usage", rated_usage_id=f"{name}-{number}", account_id=name,
            subscription_id=f"S-{name}", service_id=f"N-{name}", service_code="voice",
            other_party_number=number, started_at="2026-05-10 10:00:00", quantity=str(seconds),
            unit_code="second", charge_amount="0", currency_code="EUR",
        )  # fmt: skip


def _operator() -> Feeds:
    operator = Operator()
    for name in ("CLEAN", "OVERLAP", "GAP", "NOPRICE", "TIERS", "ZONE", "TAX", "LEAST", "ENDLESS"):
        operator.account(name)
    operator.account("MONEY", currency="USD")
    operator.account("HOMELESS", address=False)
    for name in ("CLEAN", "LEAST", "TIERS", "ZONE", "HOMELESS", "MONEY", "ENDLESS"):
        operator.price(name)
    operator.usage_price("CLEAN", zone_code="NAT")
    operator.call("CLEAN")
    operator.usage_price("LEAST", zone_code="NAT", minimum_period_amount="5")
    operator.call("LEAST")
    operator.price("OVERLAP", 1, valid_to_on="2026-05-11")
    operator.price("OVERLAP", 2, valid_from_on="2026-05-10", price_amount="12")
    operator.price("OVERLAP", 3, charge_code="FEE", price_amount="1")
    operator.price("GAP", 1, valid_to_on="2026-05-10")
    operator.price("GAP", 2, valid_from_on="2026-05-16")
    operator.usage_price("TIERS", charge_model="graduated")
    for no, upper in ((1, "100"), (2, "50"), (3, "")):
        operator.feeds.add(
            "price_tiers", price_rule_id="TIERS-2", tier_no=no, upper_quantity=upper,
            price_amount="0.01", currency_code="EUR",
        )  # fmt: skip
    operator.call("TIERS")
    operator.usage_price("ZONE", zone_code="NAT")
    operator.call("ZONE")
    operator.call("ZONE", number="999123456")
    operator.price("TAX", tax_group_code="LUXURY")
    operator.usage_price("ENDLESS", zone_code="NAT")
    operator.feeds.add(
        "allowances", allowance_id="FOREVER", product_offering_id="ENDLESS", service_code="voice",
        allowance_quantity="60", unit_code="second", is_rolled_over="true",
    )  # fmt: skip
    operator.call("ENDLESS")
    operator.call("CLEAN", number="4930999", seconds=-60)
    _more_than_there_is_room_for(operator)
    return operator.feeds


def _more_than_there_is_room_for(operator: Operator) -> None:
    """Seven allowances of a minute and five balances, and as many as there may be beside them."""
    for name, count in (("SIX", 6), ("SEVEN", 7)):
        operator.account(name)
        operator.price(name)
        operator.usage_price(name, zone_code="NAT")
        operator.call(name, seconds=500)
        for no in range(1, count + 1):
            operator.feeds.add(
                "allowances", allowance_id=f"{name}-{no}", product_offering_id=name,
                service_code="voice", allowance_quantity="60", unit_code="second", priority=no,
            )  # fmt: skip
    for name, count in (("FOUR", 4), ("FIVE", 5)):
        operator.account(name)
        operator.price(name)
        operator.usage_price(name, zone_code="NAT")
        operator.call(name, seconds=500)
        operator.feeds.rows["subscriptions"][-1]["charge_mode"] = "prepaid"
        for no in range(1, count + 1):
            operator.feeds.add(
                "balance_definitions", balance_code=f"{name}-{no}", balance_type="unit",
                service_code="voice", priority=no,
            )  # fmt: skip
            operator.feeds.add(
                "balance_snapshots", subscription_id=f"S-{name}", balance_code=f"{name}-{no}",
                snapshot_at="2026-05-01 00:00:00", balance_amount="150",
            )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    project = Project(tmp_path_factory.mktemp("held"), _operator(), quarantined=1)
    models = ["fct_held_charges", "fct_expected_invoices", "int_prepaid__debits"]
    with project.built(MONTH, models) as connection:
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in connection.execute(query).fetchall()}


def test_each_fault_is_held_with_its_row_and_what_it_may_be_worth(
    built: duckdb.DuckDBPyConnection,
) -> None:
    held = _rows(
        built,
        "select account_id, reason_code, charge_code, estimated_amount, event_count, reason "
        "from main.fct_held_charges",
    )
    assert {name: row[:4] for name, row in held.items()} == {
        # the price before the hole, for six of 31 days
        "GAP": ("PRICE_GAP", "MRC", Decimal("1.94"), 0),
        # 10 / 31 * 10 + 12 / 31 * 22
        "OVERLAP": ("PRICE_OVERLAP", "MRC", Decimal("11.75"), 0),
        "NOPRICE": ("NO_PRICE", "PLAN", Decimal("0"), 0),
        "TIERS": ("TIER_GAP", "USAGE_VOICE", Decimal("1"), 1),
        "ZONE": ("UNKNOWN_ZONE", "USAGE_VOICE", Decimal("1"), 1),
        "TAX": ("TAX_UNKNOWN", "MRC", Decimal("10"), 0),
        "MONEY": ("CURRENCY_MIXED", "MRC", Decimal("10"), 0),
        "HOMELESS": ("NO_ADDRESS", "MRC", Decimal("10"), 0),
        # 500 s less the 360 s of the six that are used, at a cent; the seventh would bear 60
        "SEVEN": ("ALLOWANCE_LIMIT", "USAGE_VOICE", Decimal("1.40"), 1),
        # 500 s at a cent, as if money paid
        "FIVE": ("BALANCE_LIMIT", "PREPAID", Decimal("5"), 0),
        "ENDLESS": ("ALLOWANCE_NO_EXPIRY", "USAGE_VOICE", Decimal("1"), 1),
        # no account: it did not get past the door
        "": ("NEGATIVE_QUANTITY", "USAGE", Decimal("0"), 1),
    }
    for name, (*_, reason) in held.items():
        assert ".csv" in reason, f"{name}: {reason}"
        assert ";" in reason, f"{name}: {reason}"
    assert "LUXURY" in held["TAX"][-1]
    assert "999123456" in held["ZONE"][-1]
    assert "OVERLAP-1" in held["OVERLAP"][-1]
    assert "OVERLAP-2" in held["OVERLAP"][-1]
    assert "FOREVER" in held["ENDLESS"][-1]
    assert "rollover_month_count" in held["ENDLESS"][-1]
    assert "-60" in held[""][-1]
    assert "CLEAN-4930999" in held[""][-1]


def test_the_rest_is_billed(built: duckdb.DuckDBPyConnection) -> None:
    billed = _rows(
        built, "select account_id, net_amount, tax_amount from main.fct_expected_invoices"
    )
    assert billed == {
        "CLEAN": (Decimal("11"), Decimal("2.09")),
        # ten, a call of one, and what is missing to five
        "LEAST": (Decimal("15"), Decimal("2.85")),
        "OVERLAP": (Decimal("1"), Decimal("0.19")),
        # nine and sixteen days of 31
        "GAP": (Decimal("8.06"), Decimal("1.53")),
        "TIERS": (Decimal("10"), Decimal("1.90")),
        "ZONE": (Decimal("11"), Decimal("2.09")),
        # ten, and 500 s less six minutes
        "SIX": (Decimal("11.40"), Decimal("2.17")),
        "SEVEN": (Decimal("10"), Decimal("1.90")),
        "ENDLESS": (Decimal("10"), Decimal("1.90")),
    }


def test_no_event_is_lost(built: duckdb.DuckDBPyConnection) -> None:
    billed, held, rated = (
        built.execute(f"select {what} from main.{table}").fetchall()[0][0]
        for what, table in (
            ("sum(event_count)", "fct_expected_invoice_lines"),
            ("sum(event_count)", "fct_held_charges"),
            ("count(*)", "int_billing__rated_events"),
        )
    )
    prepaid = 2
    # one of those held was refused at the door, so it was never rated
    assert (billed, held - 1, rated - prepaid) == (4, 4, 8)


def test_prepaid_usage_is_debited_from_all_balances_or_held(
    built: duckdb.DuckDBPyConnection,
) -> None:
    debited = _rows(
        built, "select subscription_id, debited_quantity, cost_amount from main.int_prepaid__debits"
    )
    assert debited == {"S-FOUR": (Decimal("500"), Decimal("0"))}


def test_the_report_of_the_run_shows_each_fault(
    built: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _operator().write(tmp_path)
    said = tieout(tmp_path, "bill", "--period", "2026-05", "--by", "Ada").out
    held = built.execute(
        "select reason_code, estimated_amount, currency_code, account_id, charge_code, reason "
        "from main.fct_held_charges"
    ).fetchall()
    assert len(held) == 12
    for code, amount, currency, account, charge, reason in held:
        assert f"held: 1 charges, {code}, about {amount:.2f} {currency}\n" in said
        assert f"  {account or 'no account'} {charge}: {reason}\n" in said
    # the accounts of test_the_rest_is_billed: 87.46 and 16.62
    assert "9 invoices: net 87.46 EUR, tax 16.62 EUR, total 104.08 EUR\n" in said
