"""Usage prices that depend on the month: rules that hold for any usage, and a plain reference.

The cases are drawn from a seed; all of them are built at once, each a subscription of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from .vectors.family import MICRO, Project
from .vectors.feeds import MONTH, Feeds, add_offer

EVENTS_OF_A_CASE = 40
CASES_OF_A_MODEL = 12
Event = Mapping[str, Any]
Events = list[Event]
TIERS = [(Decimal(100), "0.030", "1.00"), (Decimal(400), "0.020", "2.50"), (None, "0.0125", "0")]
PRICES: dict[str, dict[str, Any]] = {
    "per_unit": {"charge_model": "per_unit", "price_amount": "0.0375"},
    "graduated": {"charge_model": "graduated"},
    "volume": {"charge_model": "volume"},
    "package": {"charge_model": "package", "price_amount": "1.25", "unit_quantity": 50},
    "percentage": {
        "charge_model": "percentage",
        "rate_ratio": "0.013",
        "connect_amount": "0.25",
        "free_amount": "100",
        "minimum_amount": "0.40",
        "maximum_amount": "1.10",
    },
    "graduated_percentage": {"charge_model": "graduated_percentage"},
    "dynamic": {"charge_model": "dynamic", "rate_ratio": "1.33333"},
    "capacity": {"charge_model": "capacity"},
    "level": {"charge_model": "graduated", "aggregation_type": "level_day"},
}
OF_AMOUNT = ("percentage", "graduated_percentage", "dynamic")


def draw(model: str, seed: int) -> Events:
    """Events of a month, in order."""
    source = random.Random(f"{model}{seed}")  # noqa: S311 - the same cases in every run
    events: Events = []
    level = 0
    for number in range(EVENTS_OF_A_CASE):
        day = 1 + number * 31 // EVENTS_OF_A_CASE
        size = Decimal(source.randint(1, 60000)) / 1000
        if model == "level":
            size = Decimal(source.randint(-min(level, 9), 12))
            level += int(size)
        events.append({"day": day, "place": number, "size": size})
    return events


def add_case(name: str, model: str, events: Events, feeds: Feeds) -> None:
    """A subscription with the price and the events."""
    price = {"price_amount": "0", "unit_quantity": 1} | PRICES[model]
    add_offer(name, "data", feeds, price)
    if model in ("graduated", "volume", "level", "graduated_percentage", "capacity"):
        for number, (upper, amount, flat) in enumerate(TIERS, start=1):
            feeds.add(
                "price_tiers", price_rule_id=name, tier_no=number, upper_quantity=upper,
                price_amount=amount, rate_ratio=amount, flat_amount=flat, currency_code="EUR",
            )  # fmt: skip
    for event in events:
        size: dict[str, Any] = {"quantity": event["size"]}
        if model in OF_AMOUNT:
            size = {"quantity": 1, "event_amount": event["size"]}
        feeds.add(
            "rated_usage", rated_usage_id=f"{name}#{event['place']}", account_id=f"A-{name}",
            subscription_id=name, service_id=f"N-{name}", service_code="data", unit_code="byte",
            started_at=f"{MONTH}-{event['day']:02} 10:{event['place']:02}:00", charge_amount="9999",
            currency_code="EUR", is_reversal=str(event["size"] < 0).lower(),
            **size,
        )  # fmt: skip


def micro(value: Decimal) -> Decimal:
    return value.quantize(MICRO, ROUND_HALF_UP)


def tier_of(quantity: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Price and fixed amount of the tier that a quantity ends in, and its lower bound."""
    lower = Decimal(0)
    for upper, price, flat in TIERS:
        if upper is None or quantity <= upper:
            return Decimal(price), Decimal(flat), lower
        lower = upper
    raise AssertionError


def graduated(quantity: Decimal, *, with_flat: bool = True) -> Decimal:
    """What a quantity costs tier by tier."""
    total, lower = Decimal(0), Decimal(0)
    for upper, price, flat in TIERS:
        if quantity <= lower:
            break
        top = quantity if upper is None else min(quantity, upper)
        total += (top - lower) * Decimal(price) + (Decimal(flat) if with_flat else 0)
        lower = top
    return total


def packages(quantity: Decimal) -> Decimal:
    """Packages of 50 begun."""
    return (quantity / 50).to_integral_value(ROUND_CEILING)


def reference(model: str, events: Events) -> Iterator[Decimal]:
    """The charge of each event, written for itself: one event after the other."""
    used, total_size = Decimal(0), sum((e["size"] for e in events), Decimal(0))
    peak, parts, highest, charged = None, Decimal(0), Decimal(0), Decimal(0)
    for event in events:
        size = event["size"]
        before, used = used, used + size
        if model == "per_unit":
            yield micro(size * Decimal("0.0375"))
        elif model in ("graduated", "graduated_percentage"):
            yield micro(graduated(used)) - micro(graduated(before))
        elif model == "volume":
            price, flat, _ = tier_of(total_size)
            yield micro(used * price) - micro(before * price) + (flat if before == 0 else 0)
        elif model == "package":
            yield (packages(used) - packages(before)) * Decimal("1.25")
        elif model == "percentage":
            paid = size - max(Decimal(0), min(size, 100 - before))
            owed = micro(paid * Decimal("0.013")) + Decimal("0.25")
            yield min(max(owed, Decimal("0.40")), Decimal("1.10")) if used > 100 else Decimal(0)
        elif model == "dynamic":
            yield micro(size * Decimal("1.33333"))
        elif model == "capacity":
            price = tier_of(size)[0]
            steps = [Decimal(p) for _, p, _ in TIERS]
            place = max(steps.index(price), -1 if peak is None else peak)
            yield steps[place] - (steps[peak] if peak is not None else 0)
            peak = place
        else:
            moved = graduated(used, with_flat=False) - graduated(before, with_flat=False)
            parts += moved * (32 - event["day"]) / 31
            highest = max(highest, used)
            flats = graduated(highest) - graduated(highest, with_flat=False)
            now = micro(parts) + flats
            yield now - charged
            charged = now


Figures = dict[str, Decimal]


@pytest.fixture(scope="module")
def charges(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Every event's charge by the models, all cases in one build."""
    feeds = Feeds()
    for model in PRICES:
        for seed in range(CASES_OF_A_MODEL):
            events = draw(model, seed)
            add_case(f"{model}-{seed}", model, events, feeds)
            if seed == 0:
                add_case(f"{model}-reversed", model, events[::-1], feeds)
                half = events[: EVENTS_OF_A_CASE // 2]
                add_case(f"{model}-half", model, half, feeds)
    window = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
    query = "select event_id, charge_micros from main.int_usage__rerated where is_difference"
    home: Path = tmp_path_factory.mktemp("usage")
    with Project(home, feeds).built(window, ["int_usage__rerated"]) as connection:
        return {name: micros * MICRO for name, micros in connection.execute(query).fetchall()}


def charges_of(name: str, charges: Figures) -> list[Decimal]:
    found = {int(k.split("#")[1]): v for k, v in charges.items() if k.split("#")[0] == name}
    return [found[place] for place in sorted(found)]


@pytest.mark.parametrize("model", PRICES)
def test_every_event_costs_what_a_plain_reference_says(model: str, charges: Figures) -> None:
    for seed in range(CASES_OF_A_MODEL):
        expected = list(reference(model, draw(model, seed)))
        assert charges_of(f"{model}-{seed}", charges) == expected


@pytest.mark.parametrize("model", PRICES)
def test_the_order_of_rows_changes_nothing(model: str, charges: Figures) -> None:
    assert charges_of(f"{model}-reversed", charges) == charges_of(f"{model}-0", charges)


@pytest.mark.parametrize("model", [model for model in PRICES if model not in ("volume", "level")])
def test_more_usage_never_costs_less(model: str, charges: Figures) -> None:
    assert sum(charges_of(f"{model}-half", charges)) <= sum(charges_of(f"{model}-0", charges))
    assert min(charges_of(f"{model}-0", charges)) >= 0


@pytest.mark.parametrize("model", ["graduated", "graduated_percentage", "package", "capacity"])
def test_a_set_in_two_parts_costs_the_same(model: str, charges: Figures) -> None:
    half = charges_of(f"{model}-half", charges)
    assert charges_of(f"{model}-0", charges)[: len(half)] == half
