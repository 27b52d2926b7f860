"""Recurring charges reckoned by hand, each from the feeds to the piece that is charged."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from .vectors.family import MICRO, Project
from .vectors.feeds import Feeds
from .vectors.spans import add_account, add_price, add_service

MONTHS = {"period_from": "2024-01-01", "period_through": "2024-05-01"}
QUERY = """
select subscription_id, product_offering_id, valid_from_on, gross_micros
from main.int_billing__recurring_items
where charge_set = 'entitled' and charge_month between date '2024-01-01' and date '2024-05-01'
order by valid_from_on
"""
Charged = dict[str, list[tuple[date, Decimal]]]


def _one(name: str, feeds: Feeds, price: str, since: str, until: str = "", **more: object) -> None:
    add_account(name, feeds)
    add_price(name, feeds, price_amount=price, **more)
    add_service(name, name, feeds, valid_from_on=since, valid_to_on=until)


def _operator() -> Feeds:
    feeds = Feeds()
    _one("ANCHOR", feeds, "10.00", "2024-01-31", period_alignment="offer")
    _one("LEAP", feeds, "29.00", "2024-02-20", "2024-03-01")
    _one("SUMMER", feeds, "31.00", "2024-03-31", "2024-04-01")
    _one("SECONDS", feeds, "74.30", "2024-03-31", "2024-04-01", proration_type="second")
    _one("TRIAL", feeds, "31.00", "2024-03-05", "2024-04-01", trial_day_count=10)
    for name, price, basis in (("NEW", "31.00", "new"), ("OLD", "30.00", "old")):
        _one(name, feeds, price, "2024-03-01", "2024-05-15")
        for day, since in ((1, "2024-01-01"), (15, "2024-04-02")):
            feeds.add(
                "bill_days", account_id=f"A-{name}", bill_day=day, valid_from_on=since,
                bridge_basis=basis,
            )  # fmt: skip
    for name, kept in (("PAUSED", False), ("KEPT", True)):
        _one(
            name, feeds, "31.00", "2024-03-01", "2024-03-11", is_charged_while_suspended=kept
        )  # fmt: skip
        row = {"subscription_id": name, "account_id": f"A-{name}", "service_id": f"N-{name}"}
        for status, since, until in (
            ("suspended", "2024-03-11", "2024-03-21"),
            ("active", "2024-03-21", "2024-04-01"),
        ):
            for feed in ("crm_services", "subscriptions"):
                feeds.add(
                    feed, **row, product_offering_id=name, status=status, valid_from_on=since,
                    valid_to_on=until,
                )  # fmt: skip
    _one("UPGRADE", feeds, "31.00", "2024-03-01", "2024-03-12")
    add_price("BETTER", feeds, price_amount="62.00")
    feeds.add(
        "product_offerings", product_offering_id="BETTER", offering_name="x", product_type="plan"
    )
    for feed in ("crm_services", "subscriptions"):
        feeds.add(
            feed, subscription_id="UPGRADE", account_id="A-UPGRADE", service_id="N-UPGRADE",
            product_offering_id="BETTER", status="active", valid_from_on="2024-03-12",
            valid_to_on="2024-04-01",
        )  # fmt: skip
    return feeds


@pytest.fixture(scope="module")
def charged(tmp_path_factory: pytest.TempPathFactory) -> Charged:
    """What is charged of each subscription: first day and amount, in order."""
    project = Project(tmp_path_factory.mktemp("recurring"), _operator(), "Europe/Berlin")
    found: Charged = defaultdict(list)
    with project.built(MONTHS, ["int_billing__recurring_items"]) as connection:
        for name, _, day, micros in connection.execute(QUERY).fetchall():
            found[name].append((day, micros * MICRO))
    return found


def _says(*pieces: tuple[int, int, str]) -> list[tuple[date, Decimal]]:
    return [(date(2024, month, day), Decimal(amount)) for month, day, amount in pieces]


def test_the_31st_is_the_last_day_of_shorter_months_and_springs_back(charged: Charged) -> None:
    assert charged["ANCHOR"] == _says(
        (1, 31, "10"), (2, 29, "10"), (3, 31, "10"), (4, 30, "10"), (5, 31, "10")
    )


def test_february_of_a_leap_year_has_29_days(charged: Charged) -> None:
    # 29.00 x 10 / 29
    assert charged["LEAP"] == _says((2, 20, "10"))


def test_a_day_of_23_hours_is_a_day_and_by_the_second_it_is_not(charged: Charged) -> None:
    # 31.00 x 1 / 31; 74.30 x 23 h / 743 h
    assert charged["SUMMER"] == _says((3, 31, "1"))
    assert charged["SECONDS"] == _says((3, 31, "2.30"))


def test_a_trial_is_not_charged(charged: Charged) -> None:
    # ten days from 5 March: 31.00 x 17 / 31
    assert charged["TRIAL"] == _says((3, 15, "17"))


def test_the_bridge_to_another_bill_day_is_a_part_of_the_period_it_is_said_to_be(
    charged: Charged,
) -> None:
    # 1 to 15 April: 14 days of 15 March to 15 April (31), or of April (30)
    assert charged["NEW"] == _says((3, 1, "31"), (4, 1, "14"), (4, 15, "31"))
    assert charged["OLD"] == _says((3, 1, "30"), (4, 1, "14"), (4, 15, "30"))


def test_suspended_days_cost_only_where_the_price_says_so(charged: Charged) -> None:
    # 10 and 11 of 31 days
    assert charged["PAUSED"] == _says((3, 1, "10"), (3, 21, "11"))
    assert charged["KEPT"] == _says((3, 1, "31"))


def test_the_day_of_an_upgrade_belongs_to_the_new_plan(charged: Charged) -> None:
    # 31.00 x 11 / 31 and 62.00 x 20 / 31
    assert charged["UPGRADE"] == _says((3, 1, "11"), (3, 12, "40"))
