"""Allowances that are more than one quantity a month, with figures computed by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .rating_cases import Rated, add_call, add_holding, add_plan, rate
from .vectors.feeds import Feeds

MINUTE = {
    "price_amount": "0.06",
    "unit_quantity": "60",
    "first_increment_quantity": "60",
    "next_increment_quantity": "60",
}


def _allow(feeds: Feeds, name: str, plan: str, quantity: object, **more: object) -> None:
    row = {
        "allowance_id": name,
        "product_offering_id": plan,
        "service_code": "voice",
        "allowance_quantity": quantity,
        "unit_code": "second",
    }
    feeds.add("allowances", **row | more)


def _add_rolled(feeds: Feeds) -> None:
    # 120 s a month, the rest for one month more: March leaves 60, April has 180 and leaves 120,
    # of which May has 120 and its own 120
    _allow(feeds, "ROLL", "ROLL", 120, is_rolled_over=True, rollover_month_count=1)
    add_holding(feeds, "ROLL", "ROLL")
    add_call(feeds, "roll-3", "ROLL", "2026-03-10 10:00:00", 60)
    add_call(feeds, "roll-4", "ROLL", "2026-04-10 10:00:00", 30)
    add_call(feeds, "roll-5", "ROLL", "2026-05-10 10:00:00", 300)


def _feeds() -> Feeds:
    feeds = Feeds()
    for plan in ("TWO", "PART", "BLOCK", "FAMILY", "MONEY", "ROLL"):
        add_plan(feeds, plan, MINUTE | {"price_rule_id": plan})
    feeds.add(
        "product_offerings", product_offering_id="EXTRA", offering_name="x", product_type="add_on"
    )
    # two by priority, and an add-on beside them
    _allow(feeds, "SECOND", "TWO", 120, priority=2)
    _allow(feeds, "FIRST", "TWO", 60, priority=1)
    _allow(feeds, "ADDED", "EXTRA", 60, priority=3)
    add_holding(feeds, "TWO", "TWO")
    add_holding(feeds, "TWO", "EXTRA", since="2026-05-01")
    add_call(feeds, "two-2", "TWO", "2026-05-02 11:00:00", 240)
    add_call(feeds, "two-1", "TWO", "2026-05-02 10:00:00", 61)
    # 310 s of May's 31 days, held for 12 of them: 120 s
    _allow(feeds, "PART", "PART", 310, is_prorated=True)
    add_holding(feeds, "PART", "PART", since="2026-05-20")
    add_call(feeds, "part", "PART", "2026-05-25 10:00:00", 180)
    # in blocks of two minutes: of 300 s two blocks can be used, and a minute takes a whole one
    _allow(feeds, "BLOCK", "BLOCK", 300, increment_quantity=120)
    add_holding(feeds, "BLOCK", "BLOCK")
    for number in (1, 2, 3):
        add_call(feeds, f"block-{number}", "BLOCK", f"2026-05-0{number} 10:00:00", 60)
    # two members bring 60 s each to one pool, and both draw on it in order of time
    _allow(feeds, "FAMILY", "FAMILY", 60, sharing_type="account")
    add_holding(feeds, "F1", "FAMILY", "FAM")
    add_holding(feeds, "F2", "FAMILY", "FAM")
    add_call(feeds, "f1-1", "F1", "2026-05-01 10:00:00", 60)
    add_call(feeds, "f1-3", "F1", "2026-05-03 10:00:00", 60)
    add_call(feeds, "f2-2", "F2", "2026-05-02 10:00:00", 90)
    # 0.10 of money: the first call of 0.06 is paid, of the second 0.02 is charged
    feeds.add(
        "allowances", allowance_id="MONEY", product_offering_id="MONEY", allowance_type="money",
        allowance_amount="0.10", currency_code="EUR",
    )  # fmt: skip
    add_holding(feeds, "MONEY", "MONEY")
    add_call(feeds, "money-1", "MONEY", "2026-05-01 10:00:00", 60)
    add_call(feeds, "money-2", "MONEY", "2026-05-02 10:00:00", 60)
    _add_rolled(feeds)
    return feeds


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Rated:
    return rate(tmp_path_factory.mktemp("allowances"), _feeds(), first="2026-03")


@pytest.mark.parametrize(
    ("event_id", "free", "charge"),
    [
        # 61 s are 120 s: 60 of the first, 60 of the second; then 60 are left of it, 60 added
        ("two-1", "120", "0"),
        ("two-2", "120", "0.12"),
        ("part", "120", "0.06"),
        ("block-1", "60", "0"),
        ("block-2", "60", "0"),
        ("block-3", "0", "0.06"),
        ("f1-1", "60", "0"),
        ("f2-2", "60", "0.06"),
        ("f1-3", "0", "0.06"),
        ("money-1", "0", "0"),
        ("money-2", "0", "0.02"),
        ("roll-3", "60", "0"),
        ("roll-4", "60", "0"),
        ("roll-5", "240", "0.06"),
    ],
)
def test_each_event_takes_what_is_left_of_the_allowances(
    event_id: str, free: str, charge: str, rated: Rated
) -> None:
    event = rated[event_id]
    assert (event["free_quantity"], event["charge_amount"]) == (Decimal(free), Decimal(charge))


def test_what_was_left_before_the_window_is_the_same(
    rated: Rated, tmp_path_factory: pytest.TempPathFactory
) -> None:
    feeds = Feeds()
    add_plan(feeds, "ROLL", MINUTE | {"price_rule_id": "ROLL"})
    _add_rolled(feeds)
    alone = rate(tmp_path_factory.mktemp("rolled"), feeds, first="2026-05")
    assert alone["roll-5"]["free_quantity"] == rated["roll-5"]["free_quantity"] == Decimal(240)
    assert set(alone) == {"roll-5"}


def test_an_event_says_which_allowances_it_used(rated: Rated) -> None:
    assert ", from FIRST 60.000, from SECOND 60.000, charged 0.000" in rated["two-1"]["arithmetic"]
    assert rated["two-1"]["allowance_id"] == "FIRST"
    assert rated["two-2"]["arithmetic"] == (
        "quantity 240.000 second -> after increments 240.000, from SECOND 60.000, "
        "from ADDED 60.000, charged 120.000 x 0.060000 per 60.000 (TWO) = 0.120000"
    )
    assert rated["money-2"]["arithmetic"].endswith(
        " = 0.060000, less 0.040000 from MONEY = 0.020000"
    )
