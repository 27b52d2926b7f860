"""Random calls under random tariffs, against a plain loop over their seconds.

Time bands in a zone that changes its clock, steps of the length, increments, rounded or not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from .rating_cases import add_call, add_holding, add_plan, add_price, rate
from .vectors.feeds import Feeds

ZONE = ZoneInfo("Europe/Berlin")
# Shortly before the clock changes, the evening before, and a plain day; and the seconds added.
MOMENTS = [
    (dt.datetime(2026, 3, 29, 0, 10, tzinfo=dt.UTC), 1800),
    (dt.datetime(2026, 10, 25, 0, 10, tzinfo=dt.UTC), 1800),
    (dt.datetime(2026, 3, 28, 20, tzinfo=dt.UTC), 36 * 3600),
    (dt.datetime(2026, 5, 14, 3, tzinfo=dt.UTC), 36 * 3600),
]


@dataclass(frozen=True)
class Step:
    """A part of the length of a call: where it begins, its price, unit and increment."""

    since: int
    micros: int
    unit: int
    increment: int


@dataclass(frozen=True)
class Row:
    """A price row, of a band unless weekdays is empty."""

    weekdays: tuple[int, ...]
    start: int
    end: int
    connect: int
    decimals: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Case:
    """A call and its tariff; of rows that hold at one time the last wins."""

    rows: tuple[Row, ...]
    rule: str
    increment_decimals: int | None
    at: dt.datetime
    seconds: int


def _random_row(chance: Random, is_band: bool) -> Row:
    starts = sorted({0, *chance.sample([60, 120, 400], chance.randint(0, 2))})
    steps = tuple(
        Step(
            since,
            chance.randint(0, 500_000),
            chance.choice([1, 60, 60]),
            chance.choice([0, 1, 6, 30, 60]),
        )
        for since in starts
    )
    days = chance.sample(range(1, 8), 5) if is_band else []
    # whole hours but for those that the clock leaves out or shows twice
    start = 3600 * chance.choice([0, 1, 4, 4, 8, 12, 18, 22])
    end = min(86_400, start + 3600 * chance.randint(5, 14))
    connect, decimals = chance.choice([0, 50_000]), chance.choice([2, 4, 6])
    return Row(tuple(sorted(days)), start, end, connect, decimals, steps)


def _random_case(chance: Random) -> Case:
    bands = [_random_row(chance, True) for _ in range(chance.choice([0, 1, 2, 2]))]
    moment, within = chance.choice(MOMENTS)
    return Case(
        (_random_row(chance, False), *bands),
        chance.choice(["start", "split", "complete_increment"]),
        chance.choice([None, None, 4, 6]),
        moment + dt.timedelta(seconds=chance.randint(0, within)),
        chance.choice([0, 1, 59, 61, 400, 7300, 12_000, 12_000]),
    )


def _row_at(case: Case, moment: dt.datetime) -> int:
    local = moment.astimezone(ZONE)
    second = local.hour * 3600 + local.minute * 60 + local.second
    held = [
        number
        for number, row in enumerate(case.rows)
        if not row.weekdays
        or (local.isoweekday() in row.weekdays and row.start <= second < row.end)
    ]
    return held[-1]


@dataclass
class Piece:
    """Seconds under one row and step, in one stretch of a day."""

    band: tuple[int, dt.date | None]
    step: Step
    start: int
    end: int


def _pieces(case: Case) -> list[Piece]:
    """The call cut where row, day or step change, found second by second."""
    pieces: list[Piece] = []
    first = _row_at(case, case.at)
    for second in range(case.seconds):
        moment = case.at + dt.timedelta(seconds=second)
        band: tuple[int, dt.date | None] = (first, None)
        if case.rule != "start" and len(case.rows) > 1:
            band = (_row_at(case, moment), moment.astimezone(ZONE).date())
        step = [one for one in case.rows[band[0]].steps if one.since <= second][-1]
        if not pieces or (pieces[-1].band, pieces[-1].step) != (band, step):
            pieces.append(Piece(band, step, second, second + 1))
        pieces[-1].end = second + 1
    return pieces


def _spans(case: Case) -> list[tuple[Row, Step, int]]:
    """Row, step and length of every span."""
    spans: list[tuple[Row, Step, int]] = []
    until, last_band = 0, None
    for piece in _pieces(case):
        if case.rule == "split" and piece.band != last_band:
            until = piece.start
        last_band = piece.band
        if piece.end > until:
            length = piece.end - until
            if piece.step.increment:
                length = ceil(length / piece.step.increment) * piece.step.increment
            spans.append((case.rows[piece.band[0]], piece.step, length))
            until += length
    return spans


def _half_up(value: Fraction, decimals: int) -> Fraction:
    return Fraction(floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)


def _charge(case: Case) -> tuple[Fraction, int, int]:
    """Charge, length after increments, and number of spans."""
    spans = _spans(case)
    if not spans:
        return Fraction(0), 0, 0
    is_exact = case.increment_decimals is None and len({step.unit for _, step, _ in spans}) == 1
    total = Fraction(case.rows[_row_at(case, case.at)].connect, 10**6)
    for _, step, length in spans:
        price = Fraction(step.micros, 10**6 * step.unit)
        if case.increment_decimals is not None and step.increment:
            count = ceil(length / step.increment)
            total += count * _half_up(price * step.increment, case.increment_decimals)
        elif is_exact:
            total += price * length
        else:
            total += _half_up(price * length, case.increment_decimals or 12)
    decimals = max(row.decimals for row, _, _ in spans)
    return _half_up(total, decimals), sum(length for _, _, length in spans), len(spans)


def _add(feeds: Feeds, name: str, case: Case) -> None:
    add_plan(feeds, name, {}, "voice")
    feeds.rows["approved_prices"].pop()
    for number, row in enumerate(case.rows):
        rule = f"{name}-{number}"
        add_price(
            feeds,
            name,
            {
                "price_rule_id": rule,
                "charge_model": "graduated",
                "tier_basis": "event",
                "price_amount": "0",
                "time_band_code": rule if row.weekdays else "",
                "band_rule": case.rule,
                "connect_amount": f"0.{row.connect:06}",
                "rounding_decimals": row.decimals,
                "increment_rounding_decimals": case.increment_decimals,
            },
        )
        for day in row.weekdays:
            feeds.add(
                "time_bands", time_band_code=rule, weekday_no=day, starts_at_second=row.start,
                ends_at_second=row.end, weight=number,
            )  # fmt: skip
        ends = [*(step.since for step in row.steps[1:]), ""]
        for place, (step, end) in enumerate(zip(row.steps, ends, strict=True), start=1):
            feeds.add(
                "price_tiers", price_rule_id=rule, tier_no=place, upper_quantity=end,
                price_amount=f"0.{step.micros:06}", unit_quantity=step.unit,
                increment_quantity=step.increment, currency_code="EUR",
            )  # fmt: skip
    add_holding(feeds, name, name)
    add_call(feeds, name, name, case.at.strftime("%Y-%m-%d %H:%M:%S"), case.seconds)


def test_a_call_costs_what_a_loop_over_its_seconds_says(tmp_path: Path) -> None:
    chance = Random(2026)  # noqa: S311
    cases = [_random_case(chance) for _ in range(200)]
    feeds = Feeds()
    for number, case in enumerate(cases):
        _add(feeds, f"C{number}", case)
    rated = rate(tmp_path, feeds, "Europe/Berlin", first="2026-03", last="2026-10")
    for number, case in enumerate(cases):
        event = rated[f"C{number}"]
        found = (
            Fraction(event["charge_amount"]),
            int(event["rated_quantity"]),
            event["span_count"] or 0,
        )
        assert found == _charge(case), (case, event["arithmetic"])
