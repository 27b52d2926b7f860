"""Discounts on recurring charges that another system gave, rightly and wrongly, by hand.

Each case has an account of its own and a month, mostly June 2026. A rightly given discount is no
finding, whether its line stands beside the charge or apart; a wrong one is one finding of the
control that owns it, and nothing is unexplained.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from .rating_cases import add_holding
from .vectors.family import Project
from .vectors.feeds import Feeds, Row

WINDOW = {"period_from": "2026-05-01", "period_through": "2026-07-01"}
MONTHS = ("2026-05", "2026-06", "2026-07")
PRICES = {"P20": "20.00", "P333": "3.33", "P334": "3.34", "P12": "12.00", "OPT": "5.00"}
CODES = {"P20": "FEE", "P333": "FEE", "P334": "FEE", "P12": "FEE", "OPT": "OPTION"}
FOLLOWING = {"2026-05": "2026-06", "2026-06": "2026-07", "2026-07": "2026-08"}
SHARE: Row = {"discount_type": "percent", "scope_type": "subscription"}
Found = tuple[str, str, str, str]


@dataclass
class Case:
    """An account: its offers by subscription, its grants, what was given, and what is found.

    offers: of each subscription, parted by a blank. given: (discount, place, amount, months); the
    place is a subscription for a line on its plan, one with a colon for a line of all its charges,
    or empty for a line of the account. found: (control, category, month, amount). listed: month ->
    what is listed. charged: offer -> what was charged instead of its price. lost: the
    subscription that billing does not know.
    """

    offers: tuple[str, ...]
    grants: dict[str, Row]
    given: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    found: tuple[Found, ...] = ()
    listed: dict[str, str] = field(default_factory=dict)
    charged: dict[str, str] = field(default_factory=dict)
    lost: str = ""


JUNE = ("2026-06",)
# two cycles from 10 April: April and May. June is let pass, July is not
CYCLES: dict[str, Row] = {
    "CY": SHARE | {"rate_ratio": "0.10", "maximum_cycle_count": 2, "valid_from_on": "2026-04-10"}
}
# a fifth of 20.00 is 4.00; 15 % of the 16.00 left is 2.40, and a quarter of 20.00 has room for 1.00
CEILING: dict[str, Row] = {
    "C1": SHARE | {"rate_ratio": "0.20", "stacking_type": "stackable", "priority": 1},
    "C2": SHARE | {"rate_ratio": "0.15", "ceiling_ratio": "0.25", "priority": 2},
}
# the better one alone: 2.00
ALONE: dict[str, Row] = {
    "X1": SHARE | {"rate_ratio": "0.10", "stacking_type": "exclusive", "priority": 1},
    "X2": SHARE | {"rate_ratio": "0.20", "stacking_type": "exclusive", "priority": 2},
}
# 2.00 a line from two lines on
LINES: dict[str, Row] = {
    "NL": {
        "discount_type": "percent", "scope_type": "account", "rate_ratio": "0.10",
        "minimum_line_count": 2,
    }
}  # fmt: skip
# 0.333, 0.333 and 0.334: 0.33 each as they are rated, 1.00 on the sum
TENTH: dict[str, Row] = {
    "AP": {"discount_type": "percent", "scope_type": "account", "rate_ratio": "0.10"}
}
# on the sum 1.00: 0.33, 0.33 and 0.34
TENTH_OF_SUM: dict[str, Row] = {"AS": TENTH["AP"] | {"stacking_type": "stackable"}}
AMOUNT: dict[str, Row] = {
    "AM": {"discount_type": "amount", "scope_type": "account", "discount_amount": "5.00"}
}
OF_PLAN: dict[str, Row] = {
    "SA": {"discount_type": "amount", "scope_type": "subscription", "discount_amount": "5.00"}
}
OF_FEE: dict[str, Row] = {"SA": OF_PLAN["SA"] | {"charge_code": "FEE"}}
# of the account's 40.00: the better one alone is 4.00; a fifth is 8.00, and 25 % has room for 2.00
APART: dict[str, Row] = {name: grant | {"scope_type": "account"} for name, grant in ALONE.items()}
ROOM: dict[str, Row] = {name: grant | {"scope_type": "account"} for name, grant in CEILING.items()}
# a tenth of 20.00 and 5.00, 2.50, is of two charges
OF_BOTH: dict[str, Row] = {"OB": SHARE | {"rate_ratio": "0.10", "stacking_type": "stackable"}}
# a tenth off everything, 2.00 of it off the plan; then a fifth of the 18.00 left is 3.60
# 1.00 off the bill of everybody who has the offer
PROMOTION: Row = {
    "discount_id": "PROMOTION", "discount_type": "amount", "scope_type": "account",
    "charge_type": "recurring", "discount_amount": "1.00", "product_offering_id": "P12",
    "currency_code": "EUR", "valid_from_on": "2026-01-01",
}  # fmt: skip
AFTER_ALL: dict[str, Row] = {
    "AA": SHARE | {"rate_ratio": "0.10", "charge_type": "all", "priority": 1},
    "AR": SHARE | {"rate_ratio": "0.20", "stacking_type": "stackable", "priority": 2},
}
GRACE = "2.00 within the grace after a promotion ended"
ROUNDED = "0.01 discount rounded on a sum of charges"
NOT_GIVEN_ON_ONE = "-2.00 discount that other charges of the account change"
NOT_GIVEN = tuple(("BIL-01", "RC_PRICE", month, "-1.00") for month in MONTHS)
ONE, TWO, THREE = ("P20",), ("P20", "P20"), ("P333", "P333", "P334")

CASES = {
    "CYCLES": Case(ONE, CYCLES, (("CY", "1", "2.00", ("2026-05",)),)),
    "CYCLES-PAST": Case(
        ONE, CYCLES, (("CY", "1", "2.00", MONTHS),),
        (("POM-03", "CYCLES_EXCEEDED", "2026-07", "2.00"),), {"2026-06": GRACE},
    ),
    "CYCLES-NOT": Case(ONE, CYCLES, (), (("BIL-01", "RC_PRICE", "2026-05", "-2.00"),)),
    "CEILING": Case(ONE, CEILING, (("C1", "1", "4.00", MONTHS), ("C2", "1", "1.00", MONTHS))),
    "CEILING-ABOVE": Case(
        ONE, CEILING, (
            ("C1", "1", "4.00", MONTHS), ("C2", "1", "1.00", ("2026-05", "2026-07")),
            ("C2", "1", "2.40", JUNE),
        ),
        (("RAT-10", "STACK_EXCEEDS", "2026-06", "1.40"),),
    ),
    "ALONE": Case(ONE, ALONE, (("X1", "1", "2.00", MONTHS),)),
    "ALONE-BOTH": Case(
        ONE, ALONE, (("X1", "1", "2.00", MONTHS), ("X2", "1", "4.00", JUNE)),
        (("RAT-10", "EXCLUSIVE_COMBINED", "2026-06", "4.00"),),
    ),
    "APART": Case(TWO, APART, (("X1", "", "4.00", MONTHS),)),
    "APART-BOTH": Case(
        TWO, APART, (("X1", "", "4.00", MONTHS), ("X2", "", "8.00", JUNE)),
        (("RAT-10", "EXCLUSIVE_COMBINED", "2026-06", "8.00"),),
    ),
    "ROOM": Case(TWO, ROOM, (("C1", "", "8.00", MONTHS), ("C2", "", "2.00", MONTHS))),
    "ROOM-ABOVE": Case(
        TWO, ROOM, (
            ("C1", "", "8.00", MONTHS), ("C2", "", "2.00", ("2026-05", "2026-07")),
            ("C2", "", "4.80", JUNE),
        ),
        (("RAT-10", "STACK_EXCEEDS", "2026-06", "2.80"),),
    ),
    "LINES": Case(TWO, LINES, (("NL", "1", "2.00", MONTHS), ("NL", "2", "2.00", MONTHS))),
    "LINES-APART": Case(TWO, LINES, (("NL", "", "4.00", MONTHS),)),
    "LINES-FEW": Case(
        ONE, LINES, (("NL", "1", "2.00", JUNE),),
        (("BIL-07", "NO_ENTITLEMENT", "2026-06", "2.00"),),
    ),
    "LINES-FEW-APART": Case(
        ONE, LINES, (("NL", "", "2.00", JUNE),),
        (("BIL-07", "NO_ENTITLEMENT", "2026-06", "2.00"),),
    ),
    "SHARE": Case(THREE, TENTH, tuple(("AP", line, "0.33", MONTHS) for line in "123")),
    "SHARE-APART": Case(
        THREE, TENTH, (("AP", "", "1.00", MONTHS),), (), dict.fromkeys(MONTHS, ROUNDED)
    ),
    "SHARE-INSIDE": Case(THREE, TENTH, (), charged={"P333": "3.00", "P334": "3.01"}),
    "SHARE-HIGH": Case(
        THREE, TENTH, (("AP", "", "0.99", ("2026-05", "2026-07")), ("AP", "", "1.50", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "0.51"),),
    ),
    "SUM": Case(
        THREE, TENTH_OF_SUM,
        (("AS", "1", "0.33", MONTHS), ("AS", "2", "0.33", MONTHS), ("AS", "3", "0.34", MONTHS)),
    ),
    "SUM-APART": Case(THREE, TENTH_OF_SUM, (("AS", "", "1.00", MONTHS),)),
    "SUM-HIGH": Case(
        THREE, TENTH_OF_SUM, (("AS", "", "1.00", ("2026-05", "2026-07")), ("AS", "", "1.50", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "0.50"),),
    ),
    "AMOUNT": Case(TWO, AMOUNT, (("AM", "", "5.00", MONTHS),)),
    "AMOUNT-SHARED": Case(TWO, AMOUNT, (("AM", "1", "2.50", MONTHS), ("AM", "2", "2.50", MONTHS))),
    "AMOUNT-ON-ONE": Case(TWO, AMOUNT, (("AM", "1", "5.00", MONTHS),)),
    "AMOUNT-HIGH": Case(
        TWO, AMOUNT, (("AM", "", "5.00", ("2026-05", "2026-07")), ("AM", "", "7.00", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "2.00"),),
    ),
    "AMOUNT-NOT": Case(
        TWO, AMOUNT, (("AM", "", "5.00", ("2026-05", "2026-07")),),
        (("BIL-01", "RC_PRICE", "2026-06", "-5.00"),),
    ),
    "OF-PLAN": Case(ONE, OF_PLAN, (("SA", "1", "5.00", MONTHS),)),
    "OF-PLAN-HIGH": Case(
        ONE, OF_PLAN, (("SA", "1", "5.00", ("2026-05", "2026-07")), ("SA", "1", "8.00", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "3.00"),),
    ),
    "OF-PLAN-APART": Case(
        ONE, OF_FEE, (("SA", "", "5.00", ("2026-05", "2026-07")), ("SA", "", "8.00", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "3.00"),),
    ),
    # a fixed amount is the same off a charge that is too low
    "OF-PLAN-HALF": Case(
        ONE, OF_PLAN, (("SA", "1", "5.00", MONTHS),),
        tuple(("BIL-01", "RC_PRICE", month, "10.00") for month in MONTHS),
        charged={"P20": "10.00"},
    ),
    "OF-BOTH": Case(("P20 OPT",), OF_BOTH, (("OB", "1:", "2.50", MONTHS),)),
    "OF-BOTH-ON-PLAN": Case(("P20 OPT",), OF_BOTH, (("OB", "1", "2.50", MONTHS),)),
    "OF-BOTH-HIGH": Case(
        ("P20 OPT",), OF_BOTH,
        (("OB", "1:", "2.50", ("2026-05", "2026-07")), ("OB", "1:", "3.00", JUNE)),
        (("BIL-07", "VALUE_HIGH", "2026-06", "0.50"),),
    ),
    "AFTER-ALL": Case(ONE, AFTER_ALL, (("AA", "1", "2.00", MONTHS), ("AR", "1", "3.60", MONTHS))),
    "EVERYBODY": Case(("P12",), {}, (), NOT_GIVEN),
    "EVERYBODY-TOO": Case(("P12",), {}, (), NOT_GIVEN),
    # with both lines each has a tenth off; billing knows one of them and rightly gives nothing
    "LINES-LOST": Case(
        TWO, LINES, (), tuple(("ORD-02", "ACTIVE_UNBILLED", month, "18.00") for month in MONTHS),
        dict.fromkeys(MONTHS, NOT_GIVEN_ON_ONE), lost="2",
    ),
}  # fmt: skip


def _add_case(feeds: Feeds, name: str, case: Case) -> None:
    account = f"A-{name}"
    for number, offers in enumerate(case.offers, 1):
        subscription = f"{name}{number}"
        for offer in offers.split():
            add_holding(feeds, subscription, offer, account, since="2026-01-01")
            if str(number) == case.lost:
                feeds.rows["subscriptions"].pop()
                continue
            for month in MONTHS:
                amount = case.charged.get(offer) or PRICES[offer]
                _add_line(feeds, account, subscription, month, amount, offer)
    for discount, grant in case.grants.items():
        holder: Row = {"account_id": account}
        if grant["scope_type"] == "subscription":
            holder = {"subscription_id": f"{name}1"}
        term = {"valid_from_on": "2026-01-01", "charge_type": "recurring", "currency_code": "EUR"}
        feeds.add("discounts", discount_id=f"{name}-{discount}", **term | holder | grant)
    for discount, place, amount, months in case.given:
        subscription = f"{name}{place.rstrip(':')}" if place else ""
        offer = case.offers[int(place) - 1].split()[0] if place.isdigit() else ""
        for month in months:
            taken = f"-{amount}"
            _add_line(feeds, account, subscription, month, taken, offer, f"{name}-{discount}")


def _add_line(
    feeds: Feeds,
    account: str,
    subscription: str,
    month: str,
    amount: str,
    offer: str,
    discount: str = "",
) -> None:
    feeds.add(
        "invoice_lines",
        invoice_line_id=f"L-{account}-{subscription}-{month}-{discount}-{offer}-{amount}",
        invoice_id=f"I-{account}-{month}", account_id=account, subscription_id=subscription,
        line_type="discount" if discount else "recurring", charge_code=CODES.get(offer, ""),
        product_offering_id=offer, discount_id=discount, line_amount=amount, currency_code="EUR",
        service_start_on=f"{month}-01", service_end_on=f"{FOLLOWING[month]}-01",
    )  # fmt: skip


def _add_offers(feeds: Feeds) -> None:
    for offer, price in PRICES.items():
        kind = "add_on" if offer == "OPT" else "plan"
        feeds.add(
            "product_offerings", product_offering_id=offer, offering_name=offer, product_type=kind
        )
        feeds.add(
            "approved_prices", price_rule_id=offer, product_offering_id=offer,
            charge_code=CODES[offer], charge_type="recurring", charge_model="flat",
            price_amount=price, proration_type="day", charge_timing="arrears",
            currency_code="EUR", valid_from_on="2000-01-01",
        )  # fmt: skip


# the first point of the bridge is made of dues, the expected charges of the bill run's discounts;
# a discount on all charges is only in the latter
_EXPECTED = """
with points as (
    select billing_month, account_id, net_amount as charged, 0 as expected
    from fct_expected_charges
    where charge_code not like '%-AA'
    union all
    select billing_month, account_id, 0, step_amount
    from fct_bridge where step_code = 'expected' and revenue_stream = 'recurring'
)
select account_id, strftime(billing_month, '%Y-%m'), sum(charged), sum(expected)
from points group by all order by all
"""


@dataclass(frozen=True)
class Told:
    """What the models say, by account."""

    findings: dict[str, list[Found]]
    listed: dict[str, dict[str, str]]
    unexplained: list[tuple[Any, ...]]
    expected: list[tuple[Any, ...]]
    repeated: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    feeds = Feeds()
    _add_offers(feeds)
    for name, case in CASES.items():
        _add_case(feeds, name, case)
    feeds.add("discounts", **PROMOTION)
    # no offer is seen in the network, but ORD-02 needs to know that it was looked at
    feeds.add(
        "network_profiles", service_id="N-NOBODY", feature_code="NONE", status="active",
        valid_from_on="2026-01-01",
    )  # fmt: skip
    project = Project(tmp_path_factory.mktemp("due"), feeds)
    findings: dict[str, list[Found]] = defaultdict(list)
    listed: dict[str, dict[str, str]] = defaultdict(dict)
    models = ["fct_findings", "fct_bridge", "fct_bridge_items", "fct_expected_charges"]
    with project.built(WINDOW, models) as warehouse:
        for account, *finding, amount in warehouse.execute(
            "select account_id, control_id, category, strftime(period, '%Y-%m'),"
            " under_amount - over_amount from fct_findings where account_id is not null"
            " order by all"
        ).fetchall():
            findings[account].append((*finding, f"{amount:.2f}"))
        for account, month, text in warehouse.execute(
            "select account_id, strftime(billing_month, '%Y-%m'),"
            " concat(item_amount::decimal(18, 2), ' ', item_type)"
            " from fct_bridge_items order by all"
        ).fetchall():
            assert month not in listed[account]
            listed[account][month] = text
        unexplained = warehouse.execute("from fct_bridge where unexplained_amount <> 0").fetchall()
        expected = warehouse.execute(_EXPECTED).fetchall()
        repeated = warehouse.execute(
            "select finding_id from fct_findings group by all having count(*) > 1"
        ).fetchall()
    return Told(findings, listed, unexplained, expected, repeated)


def test_what_is_due_is_what_a_bill_run_charges(told: Told) -> None:
    assert len(told.expected) == len(CASES) * len(MONTHS)
    assert [row for row in told.expected if row[2] != row[3]] == []


def test_nothing_is_unexplained(told: Told) -> None:
    assert told.unexplained == []


def test_findings_of_two_accounts_are_two(told: Told) -> None:
    assert told.repeated == []


@pytest.mark.parametrize("name", CASES)
def test_a_discount_is_found_where_it_is_wrong_and_nowhere_else(name: str, told: Told) -> None:
    account = f"A-{name}"
    assert told.findings.get(account, []) == list(CASES[name].found)
    assert told.listed.get(account, {}) == CASES[name].listed
