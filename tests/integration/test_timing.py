"""Late usage (decision 0006) computed by hand: timing, leakage and what is not yet due."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.lib.snapshot import Snapshot

from .small_operator import reconcile, tuples

# 0.10 a minute, no allowance. June closes on 2 July, July on 2 August; the zone is UTC.
#   A 29 June, 480 s = 0.80, rated 30 June, on no invoice: leakage of June.
#   B 30 June, 720 s = 1.20, rated 3 July, on July's invoice: timing, 1.20 in June, -1.20 in July.
#   C 31 July, 300 s = 0.50, rated 3 August, no run since: due later.
#   D 10 July, 600 s = 1.00, rated 11 July, on July's invoice with B: the line says 2.20.
CALL = "A1,S1,491700000001,voice,49301"
FILES = {
    "offerings.csv": "product_offering_id,product_type\nPLAN,plan\n",
    "prices.csv": (
        "price_rule_id,product_offering_id,charge_code,charge_type,service_code,charge_model,"
        "price_amount,unit_quantity,currency_code,valid_from_on\n"
        "P1,PLAN,USAGE_VOICE,usage,voice,per_unit,0.10,60,EUR,2026-01-01\n"
    ),
    "accounts.csv": "account_id,account_type,currency_code\nA1,consumer,EUR\n",
    "subscriptions.csv": (
        "subscription_id,account_id,service_id,product_offering_id,status,valid_from_on\n"
        "S1,A1,491700000001,PLAN,active,2026-01-01\n"
    ),
    "network.csv": (
        "network_record_id,service_id,service_code,call_type_code,other_party_number,started_at,"
        "quantity,unit_code\n"
        "A,491700000001,voice,originating,49301,2026-06-29 10:00:00,480,second\n"
        "B,491700000001,voice,originating,49301,2026-06-30 10:00:00,720,second\n"
        "D,491700000001,voice,originating,49301,2026-07-10 10:00:00,600,second\n"
        "C,491700000001,voice,originating,49301,2026-07-31 10:00:00,300,second\n"
    ),
    "rated.csv": (
        "rated_usage_id,network_record_id,account_id,subscription_id,service_id,service_code,"
        "other_party_number,started_at,quantity,unit_code,charge_amount,currency_code,rated_at,"
        "invoice_line_id\n"
        "RA,A,{call},2026-06-29 10:00:00,480,second,0.80,EUR,2026-06-30 08:00:00,\n"
        "RB,B,{call},2026-06-30 10:00:00,720,second,1.20,EUR,2026-07-03 08:00:00,L7\n"
        "RD,D,{call},2026-07-10 10:00:00,600,second,1.00,EUR,2026-07-11 08:00:00,L7\n"
        "RC,C,{call},2026-07-31 10:00:00,300,second,0.50,EUR,2026-08-03 08:00:00,\n"
    ).replace("{call}", CALL),
    "runs.csv": (
        "bill_run_id,period_start_on,period_end_on,cutoff_at,status\n"
        "R6,2026-06-01,2026-07-01,2026-07-02 00:00:00,issued\n"
        "R7,2026-07-01,2026-08-01,2026-08-02 00:00:00,issued\n"
    ),
    "invoices.csv": (
        "invoice_id,account_id,invoiced_on,period_start_on,period_end_on,net_amount,tax_amount,"
        "total_amount,currency_code\n"
        "I7,A1,2026-08-03,2026-07-01,2026-08-01,2.20,0,2.20,EUR\n"
    ),
    "lines.csv": (
        "invoice_line_id,invoice_id,account_id,subscription_id,line_type,charge_code,service_code,"
        "line_amount,service_start_on,service_end_on,currency_code\n"
        "L7,I7,A1,S1,usage,USAGE_VOICE,voice,2.20,2026-07-01,2026-08-01,EUR\n"
    ),
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Two months of the operator above, reconciled."""
    return reconcile(tmp_path_factory.mktemp("timing"), FILES, "--from", "2026-06")


def test_only_the_event_whose_run_was_issued_is_leakage(snapshot: Snapshot) -> None:
    found = tuples(
        snapshot,
        "select control_id, value_key, month(period), under_amount, over_amount "
        "from fct_findings where under_amount + over_amount <> 0",
    )
    assert found == [("USG-05", "RA", 6, Decimal("0.80"), Decimal(0))]


def test_an_event_on_the_next_bill_is_timing_in_both_months(snapshot: Snapshot) -> None:
    items = tuples(
        snapshot,
        "select month(billing_month), item_type, item_amount from fct_bridge_items order by 1, 2",
    )
    assert items == [
        (6, "billed in another month", Decimal("1.20")),
        (7, "billed here for another month", Decimal("-1.20")),
        (7, "due in a later bill run", Decimal("0.50")),
    ]


def test_the_bridge_of_each_month_ends_at_what_was_billed(snapshot: Snapshot) -> None:
    steps = tuples(
        snapshot,
        "select month(billing_month), step_code, step_amount, unexplained_amount "
        "from fct_bridge order by 1, step_no",
    )
    nothing = Decimal(0)
    assert steps == [
        (6, "expected", Decimal("2.00"), nothing),
        (6, "timing", Decimal("1.20"), nothing),
        (6, "not_invoiced", Decimal("0.80"), nothing),
        (7, "expected", Decimal("1.50"), nothing),
        (7, "timing", Decimal("-0.70"), nothing),
        (7, "billed", Decimal("2.20"), nothing),
    ]
