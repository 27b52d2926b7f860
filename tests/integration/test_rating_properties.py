"""What holds of every usage price, tried on many drawn at random in one build.

Each case is a price and the events of a month; it is billed whole, with more usage, with the first
of its events only, and shared out to two subscriptions. More usage never costs less, but for volume
tiers: all of a month at the price of the tier it reaches grows only where later tiers cost more, so
those are drawn here. Blocks of the top tier and tiers of an event with bounds may cost less.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .batches import one_batch
from .rating_cases import add_holding, add_plan
from .vectors.family import Project
from .vectors.feeds import MONTH, Feeds

CASES_OF_A_BUILD = 60
WINDOW = {
    "period_from": f"{MONTH}-01",
    "period_through": f"{MONTH}-01",
    "keep_rated_events": True,
}
TIERED = ("graduated", "volume", "blocks", "graduated_percentage", "capacity")
OF_AMOUNT = ("percentage", "graduated_percentage", "dynamic")
# Each event costs what it costs by itself, so the set may be shared out.
BY_EVENT = ("flat", "per_unit", "dynamic")
CENT = Decimal("0.01")
Price = Mapping[str, object]
Total = Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True)
class Event:
    """Minutes since the month began, and thousandths of a unit."""

    minute: int
    size: int


@dataclass(frozen=True)
class Case:
    """A price, its tiers (upper bound, price, fixed amount), and the events in order."""

    price: Price
    tiers: tuple[tuple[int | None, str, str], ...]
    events: tuple[Event, ...]

    @property
    def model(self) -> str:
        """Its charge model."""
        return str(self.price["charge_model"])


def amounts(most: int = 9, places: int = 6) -> st.SearchStrategy[str]:
    """Amounts that are not negative."""
    part = st.integers(0, 10**places - 1)
    return st.builds(lambda whole, rest: f"{whole}.{rest:0{places}}", st.integers(0, most), part)


@st.composite
def prices(draw: st.DrawFn, model: str) -> Price:
    """A price whose parts are not negative."""
    price: dict[str, object] = {
        "charge_model": model,
        "price_amount": draw(amounts()),
        "unit_quantity": draw(st.sampled_from([1, 7, 60])),
        "rounding_mode": draw(st.sampled_from(["", "half_even", "up", "down", "ceil", "floor"])),
        "rounding_decimals": draw(st.sampled_from(["", 2, 4])),
    }
    if model in ("per_unit", "graduated", "volume"):
        price["first_increment_quantity"] = draw(st.sampled_from(["", 6, 60]))
        price["next_increment_quantity"] = draw(st.sampled_from(["", 1, 60]))
    if model in OF_AMOUNT:
        price["rate_ratio"] = draw(amounts(1))
    if model == "percentage":
        price["free_event_count"] = draw(st.sampled_from(["", 1, 3]))
        price["free_amount"] = draw(st.sampled_from(["", 20]))
    if model in ("per_unit", "percentage"):
        least = draw(st.sampled_from(["", "0.50"]))
        most = draw(st.sampled_from(["", "3.00"]))
        price |= {"minimum_amount": least, "maximum_amount": most}
        price["connect_amount"] = draw(st.sampled_from(["", "0.05"]))
    return price


@st.composite
def tiers(draw: st.DrawFn, model: str) -> tuple[tuple[int | None, str, str], ...]:
    """Up to four tiers, in order; of volume and capacity each costs more than the one before."""
    uppers = sorted(draw(st.sets(st.integers(1, 150), max_size=3)))
    size = len(uppers) + 1
    costs = [draw(amounts(5, 4)) for _ in range(size)]
    fixed = [draw(amounts(5, 2)) for _ in range(size)]
    if model in ("volume", "capacity"):
        costs, fixed = sorted(costs, key=Decimal), sorted(fixed, key=Decimal)
    return tuple(zip([*uppers, None], costs, fixed, strict=True))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case of any model."""
    model = draw(st.sampled_from([*BY_EVENT, "package", "percentage", *TIERED]))
    events = draw(
        st.lists(
            st.builds(Event, st.integers(0, 31 * 1440 - 1), st.integers(1, 99_999)),
            min_size=2, max_size=7,
        )
    )  # fmt: skip
    ordered = tuple(sorted(events, key=lambda event: event.minute))
    return Case(draw(prices(model)), draw(tiers(model)) if model in TIERED else (), ordered)


def batches() -> st.SearchStrategy[list[Case]]:
    """The cases of a build: enough of every kind (hypothesis tries the emptiest first)."""
    drawn = st.lists(cases(), min_size=CASES_OF_A_BUILD, max_size=CASES_OF_A_BUILD)
    return drawn.filter(lambda batch: len({case.model for case in batch}) > 8)


def variants(case: Case) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """The sets of events that a case is billed with, each a subscription of its own."""
    middle = len(case.events) // 2
    grown = replace(case.events[middle], size=case.events[middle].size * 2 + 1)
    yield "whole", case.events
    yield "grown", (*case.events[:middle], grown, *case.events[middle + 1 :])
    yield "longer", (*case.events, Event(case.events[middle].minute, 12_345))
    yield "first", case.events[: middle or 1]
    if case.model in BY_EVENT:
        yield "odd", case.events[::2]
        yield "even", case.events[1::2]


def feeds_of(batch: Sequence[Case]) -> Feeds:
    """Every variant of every case."""
    feeds = Feeds()
    for number, case in enumerate(batch):
        offer = f"C{number:02}"
        add_plan(feeds, offer, case.price, "data")
        for tier_no, (upper, cost, fixed) in enumerate(case.tiers, start=1):
            feeds.add(
                "price_tiers", price_rule_id=offer, tier_no=tier_no, upper_quantity=upper,
                price_amount=cost, rate_ratio=cost, flat_amount=fixed, currency_code="EUR",
                unit_quantity=7 if case.model == "blocks" else "",
            )  # fmt: skip
        for variant, events in variants(case):
            name = f"{offer}-{variant}"
            add_holding(feeds, name, offer)
            for place, event in enumerate(events):
                _add_event(feeds, f"{name}#{place:02}", name, event, case.model)
    return feeds


def _add_event(feeds: Feeds, event_id: str, name: str, event: Event, model: str) -> None:
    size = Decimal(event.size) / 1000
    day, minute = divmod(event.minute, 1440)
    feeds.add(
        "network_usage", network_record_id=event_id, service_id=f"N-{name}", service_code="data",
        call_type_code="originating", unit_code="byte",
        started_at=f"{MONTH}-{day + 1:02} {minute // 60:02}:{minute % 60:02}:00",
        quantity=1 if model in OF_AMOUNT else size, event_amount=size if model in OF_AMOUNT else "",
    )  # fmt: skip


class Split(Project):
    """The same rows in another order, the usage in several files."""

    def __init__(self, home: Path, feeds: Feeds) -> None:
        """Turn every feed round before it is landed."""
        turned = Feeds({feed: rows[::-1] for feed, rows in feeds.rows.items()})
        super().__init__(home, _InFiles(turned.rows))


class _InFiles(Feeds):
    """Feeds whose usage lands in three files that share out the rows."""

    def write(self, project: Path, time_zone: str = "UTC") -> None:
        """Write one file a feed, and then the usage again as three."""
        super().write(project, time_zone)
        whole = project / "landing" / "network_usage.csv"
        with whole.open(encoding="utf-8", newline="") as file:
            names, *rows = list(csv.reader(file))
        for number in range(3):
            path = project / "landing" / f"network_usage_{number}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names, *rows[number::3]])
        whole.unlink()
        mapping = project / "tieout.toml"
        mapping.write_text(
            mapping.read_text().replace('"network_usage.csv"', '"network_usage_*.csv"')
        )


def rated(project: Project) -> tuple[dict[str, dict[str, Decimal]], list[tuple[Any, ...]]]:
    """The charge of every event by variant, and every row of the expected charges."""
    models = ["int_billing__rated_events", "fct_expected_invoice_lines", "fct_expected_charges"]
    with project.built(WINDOW, models) as connection:
        events: dict[str, dict[str, Decimal]] = defaultdict(dict)
        query = "select event_id, charge_amount from main.int_billing__rated_events order by 1"
        for name, charge in connection.execute(query).fetchall():
            variant, place = name.split("#")
            events[variant][place] = charge
        lines = "select subscription_id, sum(line_amount) from main.fct_expected_invoice_lines "
        for variant, amount in connection.execute(f"{lines} group by 1").fetchall():
            events[variant]["line"] = amount
        charges = connection.execute("from main.fct_expected_charges order by all").fetchall()
    return dict(events), charges


def total_of(events: Mapping[str, Decimal]) -> Decimal:
    """What the events of a variant cost together."""
    return sum((charge for place, charge in events.items() if place != "line"), Decimal(0))


def faults(name: str, case: Case, found: Total) -> Iterator[str]:
    """The rules that a case breaks."""
    events = {variant: found[f"{name}-{variant}"] for variant, _ in variants(case)}
    whole = total_of(events["whole"])
    if min(events["whole"].values()) < 0 and case.model not in ("volume",):
        yield f"an event costs less than nothing: {events['whole']}"
    for variant in ("grown", "longer"):
        if total_of(events[variant]) < whole:
            yield f"{variant}: {total_of(events[variant])} < {whole}"
    if total_of(events["first"]) > whole:
        yield f"a part costs more: {total_of(events['first'])} > {whole}"
    shared = {place: events["whole"][place] for place in events["first"] if place != "line"}
    first = {place: charge for place, charge in events["first"].items() if place != "line"}
    if case.model != "volume" and first != shared:
        yield f"the first events cost {first}, with later ones {shared}"
    if case.model in BY_EVENT:
        parts = total_of(events["odd"]) + total_of(events["even"])
        if parts != whole:
            yield f"two subscriptions: {parts} <> {whole}"
        lines = [events[variant].get("line", Decimal(0)) for variant in ("odd", "even", "whole")]
        if abs(lines[0] + lines[1] - lines[2]) > CENT:
            yield f"lines of two subscriptions: {lines}"


@one_batch
@given(batch=batches())
def test_usage_prices_keep_the_rules_of_any_price(
    batch: list[Case], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home: Path = tmp_path_factory.mktemp("prices")
    feeds = feeds_of(batch)
    found, charges = rated(Project(home / "one", feeds))
    broken = [
        (len(case.events), fault, case)
        for number, case in enumerate(batch)
        for fault in faults(f"C{number:02}", case, found)
    ]
    assert not broken, min(broken, key=lambda one: (one[0], one[1]))
    turned, turned_charges = rated(Split(home / "other", feeds))
    assert turned == found
    assert turned_charges == charges
