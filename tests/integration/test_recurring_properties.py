"""What holds of every recurring price when its period is split, tried on many drawn at random.

A subscription is held for some days. A row that ends and one that begins with the same plan, or a
suspension of no length, change nothing at all. A change to another plan of the same price cuts a
period in two pieces that are rounded each: the total moves by that rounding only, at most a step.
Two ways to prorate say otherwise of themselves: with both ends counted the day of the change is in
both pieces (which is not rounded by itself, so less than two steps); without proration each plan is
charged whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .batches import one_batch
from .vectors.family import MICRO, Project
from .vectors.feeds import Feeds
from .vectors.spans import add_account, add_price

CASES_OF_A_BUILD = 80
WINDOW = {"period_from": "2024-01-01", "period_through": "2024-07-01"}
SINCE = date(2024, 1, 1)
ZONE = "Europe/Berlin"
PRORATIONS = ("day", "day_inclusive", "second", "fixed_30", "none")
QUERY = """
select subscription_id, gross_micros, part_count, full_count, price_micros, unit_milli
from main.int_billing__recurring_items
where charge_set = 'entitled'
order by all
"""


@dataclass(frozen=True)
class Case:
    """A price, and the days on which it is held: from first to end, changed on one between."""

    proration: str
    price: str
    decimals: int
    mode: str
    timing: str
    alignment: str
    unit_count: int
    first: int
    days: int
    changed: int

    @property
    def step(self) -> Decimal:
        """What a piece is rounded to."""
        return Decimal(1).scaleb(-self.decimals)


Pieces = Mapping[str, Sequence[tuple[Decimal, int, int, Decimal]]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case in which the change lies within the days."""
    days = draw(st.integers(2, 120))
    return Case(
        proration=draw(st.sampled_from(PRORATIONS)),
        price=f"{draw(st.integers(0, 300))}.{draw(st.integers(0, 99)):02}",
        decimals=draw(st.sampled_from([0, 2, 4])),
        mode=draw(st.sampled_from(["half_up", "half_even", "down", "ceil"])),
        timing=draw(st.sampled_from(["advance", "arrears"])),
        alignment=draw(st.sampled_from(["calendar", "subscription"])),
        unit_count=draw(st.sampled_from([1, 1, 3])),
        first=draw(st.integers(0, 60)),
        days=days,
        changed=draw(st.integers(1, days - 1)),
    )


def batches() -> st.SearchStrategy[list[Case]]:
    """The cases of a build, some of every proration."""
    drawn = st.lists(cases(), min_size=CASES_OF_A_BUILD, max_size=CASES_OF_A_BUILD)
    return drawn.filter(
        lambda batch: (
            {case.proration for case in batch} == set(PRORATIONS)
            and len({case.changed for case in batch}) > CASES_OF_A_BUILD // 3
        )
    )


def feeds_of(batch: Sequence[Case]) -> Feeds:
    """Every case whole, split, paused for no time, and changed to another plan."""
    feeds = Feeds()
    for number, case in enumerate(batch):
        first = SINCE + timedelta(days=case.first)
        end, day = first + timedelta(days=case.days), first + timedelta(days=case.changed)
        for plan in (f"C{number:02}", f"C{number:02}-other"):
            _add_plan(feeds, plan, case)
        plan = f"C{number:02}"
        _hold(feeds, f"{plan}-whole", case, (plan, "active", first, end))
        _hold(
            feeds, f"{plan}-split", case,
            (plan, "active", first, day), (plan, "active", day, end),
        )  # fmt: skip
        _hold(
            feeds, f"{plan}-paused", case,
            (plan, "active", first, day), (plan, "suspended", day, day),
            (plan, "active", day, end),
        )  # fmt: skip
        _hold(
            feeds, f"{plan}-changed", case,
            (plan, "active", first, day), (f"{plan}-other", "active", day, end),
        )  # fmt: skip
    return feeds


def _add_plan(feeds: Feeds, plan: str, case: Case) -> None:
    feeds.add(
        "product_offerings", product_offering_id=plan, offering_name=plan, product_type="plan"
    )
    add_price(
        plan, feeds, price_amount=case.price, proration_type=case.proration,
        rounding_decimals=case.decimals, rounding_mode=case.mode, charge_timing=case.timing,
        period_alignment=case.alignment, fixed_day_count=30 if case.proration == "fixed_30" else "",
    )  # fmt: skip


def _hold(feeds: Feeds, name: str, case: Case, *rows: tuple[str, str, date, date]) -> None:
    add_account(name, feeds)
    for plan, status, since, until in rows:
        for feed in ("crm_services", "subscriptions"):
            feeds.add(
                feed, subscription_id=name, account_id=f"A-{name}", service_id=f"N-{name}",
                product_offering_id=plan, status=status, valid_from_on=since, valid_to_on=until,
                unit_count=case.unit_count, anchor_on=rows[0][2],
            )  # fmt: skip


def charged(home: Path, batch: Sequence[Case]) -> Pieces:
    """The pieces of each subscription: amount, part, whole and price of a whole period."""
    found: dict[str, list[tuple[Decimal, int, int, Decimal]]] = defaultdict(list)
    project = Project(home, feeds_of(batch), ZONE)
    with project.built(WINDOW, ["int_billing__recurring_items"]) as connection:
        for name, micros, part, full, price, units in connection.execute(QUERY).fetchall():
            cost = price * MICRO * units / 1000
            found[name].append((micros * MICRO, part, full, cost))
    return found


def _sum(pieces: Sequence[tuple[Decimal, int, int, Decimal]]) -> Decimal:
    return sum((amount for amount, *_ in pieces), Decimal(0))


def faults(name: str, case: Case, found: Pieces) -> Iterator[str]:
    """The rules that a case breaks."""
    whole, changed = found.get(f"{name}-whole", ()), found.get(f"{name}-changed", ())
    if not whole or not changed:
        yield "nothing is charged"
    for variant in ("split", "paused"):
        if found.get(f"{name}-{variant}", ()) != whole:
            yield f"{variant}: {found.get(f'{name}-{variant}')} <> {whole}"
    extra = len(changed) - len(whole)
    if extra not in (0, 1):
        yield f"{len(whole)} pieces became {len(changed)}"
    moved = _sum(changed) - _sum(whole)
    limit = case.step if extra else Decimal(0)
    cut = Counter(changed) - Counter(whole)
    if extra and case.proration == "day_inclusive":
        moved -= max(price / full for _, _, full, price in cut)
        limit = 2 * case.step
    elif extra and case.proration == "none":
        moved -= max(amount for amount, *_ in cut)
    if abs(moved) > limit:
        yield f"moved by {moved}: {whole} became {changed}"
    for amount, part, full, price in (*whole, *changed):
        if abs(amount - price * part / full) >= case.step:
            yield f"{amount} is not {price} x {part} / {full} rounded"


@one_batch
@given(batch=batches())
def test_a_period_in_two_parts_costs_the_same_but_for_rounding(
    batch: list[Case], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = charged(tmp_path_factory.mktemp("periods"), batch)
    broken = [
        (case.days, fault, case)
        for number, case in enumerate(batch)
        for fault in faults(f"C{number:02}", case, found)
    ]
    assert not broken, min(broken, key=lambda one: (one[0], one[1]))
