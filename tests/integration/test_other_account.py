"""Events on the invoice of another account, reckoned by hand: nothing of them stays unexplained."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.lib.snapshot import Snapshot

from .small_operator import reconcile, tuples
from .test_timing import CALL
from .test_timing import FILES as ONE_ACCOUNT

# 0.10 a minute, July, both calls made by account A1.
#   A 600 s = 1.00, on A1's line L1 and once more on L2, a line of account A2.
#   B 300 s = 0.50, on L2 only: A2 pays for A1.
FILES = {
    **ONE_ACCOUNT,
    "accounts.csv": ("account_id,account_type,currency_code\nA1,consumer,EUR\nA2,consumer,EUR\n"),
    "network.csv": (
        "network_record_id,service_id,service_code,call_type_code,other_party_number,started_at,"
        "quantity,unit_code\n"
        "A,491700000001,voice,originating,49301,2026-07-10 10:00:00,600,second\n"
        "B,491700000001,voice,originating,49301,2026-07-11 10:00:00,300,second\n"
    ),
    "rated.csv": (
        "rated_usage_id,network_record_id,account_id,subscription_id,service_id,service_code,"
        "other_party_number,started_at,quantity,unit_code,charge_amount,currency_code,rated_at,"
        "invoice_line_id\n"
        f"RA,A,{CALL},2026-07-10 10:00:00,600,second,1.00,EUR,2026-07-11 08:00:00,L1\n"
        f"RA,A,{CALL},2026-07-10 10:00:00,600,second,1.00,EUR,2026-07-11 08:00:00,L2\n"
        f"RB,B,{CALL},2026-07-11 10:00:00,300,second,0.50,EUR,2026-07-12 08:00:00,L2\n"
    ),
    "invoices.csv": (
        "invoice_id,account_id,invoiced_on,period_start_on,period_end_on,net_amount,tax_amount,"
        "total_amount,currency_code\n"
        "I1,A1,2026-08-03,2026-07-01,2026-08-01,1.00,0,1.00,EUR\n"
        "I2,A2,2026-08-03,2026-07-01,2026-08-01,1.50,0,1.50,EUR\n"
    ),
    "lines.csv": (
        "invoice_line_id,invoice_id,account_id,subscription_id,line_type,charge_code,service_code,"
        "line_amount,service_start_on,service_end_on,currency_code\n"
        "L1,I1,A1,S1,usage,USAGE_VOICE,voice,1.00,2026-07-01,2026-08-01,EUR\n"
        "L2,I2,A2,S1,usage,USAGE_VOICE,voice,1.50,2026-07-01,2026-08-01,EUR\n"
    ),
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """July of the operator above, reconciled."""
    return reconcile(tmp_path_factory.mktemp("other_account"), FILES)


def test_who_is_charged_twice_is_the_account_of_the_second_line(snapshot: Snapshot) -> None:
    found = tuples(
        snapshot,
        "select category, value_key, account_id, under_amount, over_amount "
        "from fct_findings where under_amount + over_amount <> 0",
    )
    assert found == [("BILLED_TWICE", "RA", "A2", Decimal(0), Decimal("1.00"))]


def test_what_another_account_pays_is_listed_on_both(snapshot: Snapshot) -> None:
    items = tuples(
        snapshot, "select account_id, item_type, item_amount from fct_bridge_items order by 1"
    )
    assert items == [
        ("A1", "billed to another account", Decimal("0.50")),
        ("A2", "billed here for another account", Decimal("-0.50")),
    ]


def test_the_bridge_of_both_accounts_ends_at_what_was_billed(snapshot: Snapshot) -> None:
    steps = tuples(
        snapshot,
        "select account_id, step_code, step_amount, unexplained_amount "
        "from fct_bridge order by 1, step_no",
    )
    nothing = Decimal(0)
    assert steps == [
        ("A1", "expected", Decimal("1.50"), nothing),
        ("A1", "not_invoiced", Decimal("0.50"), nothing),
        ("A1", "billed", Decimal("1.00"), nothing),
        ("A2", "not_invoiced", Decimal("-1.50"), nothing),
        ("A2", "billed", Decimal("1.50"), nothing),
    ]
