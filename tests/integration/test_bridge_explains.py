"""Whatever the chain does to an operator drawn at random, the bridge leaves nothing unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .leaky_operator import WINDOW, Operator
from .vectors.family import Project

SEEDS = (1, 2)
PLANS_OF_A_KIND = 3
Row = tuple[Any, ...]

_BRIDGE = """
select account_id, revenue_stream, strftime(billing_month, '%Y-%m'), step_code, step_amount,
    under_amount, over_amount, listed_amount, unexplained_amount
from fct_bridge order by all
"""
# The first point of the bridge is made of what billing received and of the steps before it; here
# it is held against one rating of all that the network delivered. What months owe is in both.
_EXPECTED = """
with points as (
    select billing_month, account_id, charge_amount as delivered, 0 as expected
    from int_billing__rated_events
    union all
    select p.event_month, s.account_id, p.period_micros * 0.000001::decimal(6, 6), 0
    from int_usage__period_charges as p join stg_billing__subscriptions as s using (subscription_id)
    union all
    select billing_month, account_id, 0, step_amount from fct_bridge
    where revenue_stream = 'usage' and step_code = 'expected'
)
select account_id, strftime(billing_month, '%Y-%m'), sum(delivered), sum(expected)
from points group by all order by all
"""


@dataclass(frozen=True)
class Bridge:
    """The bridge of a leaky operator, and its first point beside the rating of all usage."""

    rows: list[Row]
    expected: list[Row]


@pytest.fixture(scope="module", params=SEEDS)
def bridge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bridge:
    feeds = Operator(request.param).draw(PLANS_OF_A_KIND)
    project = Project(tmp_path_factory.mktemp("leaky"), feeds)
    models = ["fct_bridge", "int_billing__rated_events"]
    with project.built({**WINDOW, "keep_rated_events": True}, models) as warehouse:
        return Bridge(
            warehouse.execute(_BRIDGE).fetchall(), warehouse.execute(_EXPECTED).fetchall()
        )


def test_nothing_is_unexplained(bridge: Bridge) -> None:
    assert [row for row in bridge.rows if row[-1]] == []


def test_expected_is_what_all_delivered_usage_costs(bridge: Bridge) -> None:
    assert [row for row in bridge.expected if row[2] != row[3]] == []


def test_every_step_has_something_to_explain(bridge: Bridge) -> None:
    steps = {(stream, step) for _, stream, _, step, amount, *_ in bridge.rows if amount}
    for step in ("lost_before_rating", "billing_only", "rating", "timing", "not_invoiced"):
        assert ("usage", step) in steps
    for stream in ("usage", "recurring", "one_off"):
        assert (stream, "invoicing") in steps
