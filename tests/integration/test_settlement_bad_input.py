"""What cannot be settled is shown with the reason and what it may be worth; the rest is settled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.lib.snapshot import Snapshot

from .small_operator import tuples
from .wholesale_operator import Wholesale

D = Decimal
JULY = "2026-07-10T10:00:00"
TERMS: dict[str, dict[str, object]] = {
    "NO_FX": {"currency_code": "XDR", "settlement_currency_code": "EUR"},
    "BY_EVENT": {"rounding_scope": "event", "rounding_digits": 2},
}


def _operator() -> Wholesale:
    w = Wholesale()
    for name in ("GOOD", "OVERLAP", "EXPIRED", "UNIT", "BY_EVENT", "DOLLARS", "NO_FX", "AGAIN"):
        w.partner(name, **TERMS.get(name, {}))
        if name != "AGAIN":
            w.calls(name, (JULY, 600))
    w.rate("GOOD", "0.06")
    w.declares("GOOD", ("2026-07-01", 600, "0.60"))
    # both hold on 10 July; the dearer and the cheaper are named, the first is the estimate
    w.rate("OVERLAP", "0.06", valid_to_on="2026-07-20")
    w.rate("OVERLAP", "0.08", valid_from_on="2026-07-05")
    w.rate("EXPIRED", "0.06", valid_to_on="2026-07-01")
    w.rate("UNIT", "0.06", unit_quantity=0)
    w.rate("BY_EVENT", "0.06")
    w.rate("BY_EVENT", "0.05", 600)
    w.rate("DOLLARS", "0.06")
    w.declares("DOLLARS", ("2026-07-01", 600, "0.70"), currency_code="USD")
    w.rate("NO_FX", "0.06", currency_code="XDR")
    w.rate("AGAIN", "0.06")
    # few enough repeated records for the landing door
    w.partner("BULK")
    w.rate("BULK", "0.06")
    w.calls("BULK", *[(JULY, 60)] * 100)
    w.calls("AGAIN", (JULY, 600))
    w.rows["interconnect_usage"].append(w.rows["interconnect_usage"][-1])
    w.calls("NOBODY", (JULY, 60))
    w.calls("STRANGER", (JULY, 60), partner_id="STRANGER")
    w.calls("GOOD", (JULY, 60), direction_code="incoming")
    w.calls("GOOD", (JULY, 60), service_code="sms")
    w.add(
        "partner_routes",
        trunk_group_id="T-TEST",
        partner_id="GOOD",
        is_test="true",
        valid_from_on="2026-01-01",
    )
    w.calls("TEST", (JULY, 60))
    w.declares("STRANGER", ("2026-07-01", 60, "0.06"))
    return w


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """June and July of the operator above."""
    return _operator().settle(tmp_path_factory.mktemp("unsettled"))


def _items(snapshot: Snapshot) -> dict[tuple[object, ...], tuple[object, ...]]:
    rows = tuples(
        snapshot,
        "select item_type, partner_id, reason_code, event_count, estimated_amount, currency_code, "
        "reason from fct_unsettled_items",
    )
    return {row[:3]: row[3:] for row in rows}


def test_each_fault_has_its_reason_and_its_worth(snapshot: Snapshot) -> None:
    items = {key: value[:3] for key, value in _items(snapshot).items()}
    nothing = D(0)
    assert items == {
        ("traffic", "OVERLAP", "RATE_OVERLAP"): (1, D("0.60"), "EUR"),
        ("traffic", "EXPIRED", "AGREEMENT_EXPIRED"): (1, D("0.60"), "EUR"),
        ("traffic", "UNIT", "RATE_MISSING"): (1, nothing, None),
        ("traffic", "BY_EVENT", "RATE_MISSING"): (1, nothing, None),
        ("traffic", "", "ROUTE_UNMAPPED"): (1, nothing, None),
        ("traffic", "STRANGER", "PARTNER_UNKNOWN"): (1, nothing, None),
        ("traffic", "GOOD", "AGREEMENT_MISSING"): (1, nothing, None),
        ("traffic", "GOOD", "RATE_MISSING"): (1, nothing, None),
        ("repeated", "AGAIN", "REPEATED_RECORD"): (1, nothing, None),
        ("declared", "DOLLARS", "CURRENCY_UNEXPECTED"): (0, D("0.70"), "USD"),
        ("declared", "STRANGER", "PARTNER_UNKNOWN"): (0, D("0.06"), "EUR"),
        ("unconverted", "NO_FX", "FX_RATE_MISSING"): (1, D("0.60"), "XDR"),
        ("price", "OVERLAP", "OVERLAP"): (0, nothing, None),
        ("price", "UNIT", "UNIT_ZERO"): (0, nothing, None),
        ("price", "BY_EVENT", "SLICES_BY_EVENT"): (0, nothing, None),
    }


def test_two_prices_of_one_day_are_named_with_their_lines(snapshot: Snapshot) -> None:
    reason = _items(snapshot)["price", "OVERLAP", "OVERLAP"][3]
    assert reason == (
        "rates R-OVERLAP-2 (partner_rates.csv line 3) and R-OVERLAP-3 (partner_rates.csv line 4) "
        "both hold from 2026-07-05 to 2026-07-20; end the first where the second begins"
    )


def test_the_rest_is_settled(snapshot: Snapshot) -> None:
    lines = tuples(
        snapshot, "select partner_id, line_amount from fct_settlement_lines order by partner_id"
    )
    assert lines == [
        ("AGAIN", D("0.60")),
        ("BULK", D("6.00")),
        ("DOLLARS", D("0.60")),
        ("GOOD", D("0.60")),
        ("NO_FX", D("0.60")),
    ]
    assert tuples(
        snapshot, "select partner_id, difference_amount from fct_statement_differences"
    ) == [("GOOD", D("0.00"))]
