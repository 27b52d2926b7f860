from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from ingestion.simulator.calendar import Calendar, holidays
from ingestion.simulator.catalogue import EU, FREE, NAT, ROW
from ingestion.simulator.destinations import OWN_RANGE, heads, prefixes, zone_of
from ingestion.simulator.draws import below, choose, high, ladder, low, mix
from ingestion.simulator.settings import AnomalyMix
from ingestion.simulator.sites import choose_sites, file_name


def test_draws_are_fixed_for_ever() -> None:
    words = mix(np.arange(3), seed=1, salt=2)
    assert [int(word) for word in words] == [int(word) for word in mix(np.arange(3), 1, 2)]
    assert len({int(word) for word in mix(np.arange(10_000), 1, 2)}) == 10_000
    assert not set(words) & set(mix(np.arange(3), 2, 2))


def test_draws_follow_their_weights() -> None:
    words = mix(np.arange(100_000), 7, 7)
    chosen = np.bincount(choose(low(words), (70, 20, 10)))
    assert np.abs(chosen - [70_000, 20_000, 10_000]).max() < 700
    assert below(high(words), 6).min() == 0
    assert below(high(words), 6).max() == 5
    steps = ladder(low(words), (0, 10, 1_000))
    assert steps.min() >= 0
    assert steps.max() <= 1_000
    assert abs(int((steps < 10).sum()) - 50_000) < 1_000


def test_days_of_23_and_25_hours_begin_at_local_midnight() -> None:
    spring = Calendar(date(2026, 3, 1), 2)
    change = (date(2026, 3, 29) - date(2026, 3, 1)).days
    assert spring.starts[change + 1] - spring.starts[change] == 23 * 3_600
    autumn = Calendar(date(2026, 10, 1), 2)
    change = (date(2026, 10, 25) - date(2026, 10, 1)).days
    assert autumn.starts[change + 1] - autumn.starts[change] == 25 * 3_600
    midnight = datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert Calendar(date(2026, 5, 9), 2).starts[0] == int(midnight.timestamp())


def test_months_are_counted_over_the_year_end() -> None:
    calendar = Calendar(date(2026, 11, 1), 3)
    assert calendar.month_first(3) == date(2027, 1, 1)
    assert calendar.month_first(0) == date(2026, 10, 1)
    assert calendar.month_of(calendar.month_start(3)) == 3
    assert calendar.issued_on(2) == date(2027, 1, 4)
    assert "New Year" in calendar.holiday_names.values()


def test_holidays_follow_easter() -> None:
    names = {name: on for on, name in holidays(2026).items()}
    assert names["Easter Monday"] == date(2026, 4, 6)
    assert names["Ascension"] == date(2026, 5, 14)
    assert names["Whit Monday"] == date(2026, 5, 25)


def test_longest_prefix_decides_the_zone() -> None:
    plan = prefixes()
    assert len(plan) > 200
    assert zone_of("390669800000", plan) == ROW
    assert zone_of("390612345678", plan) == EU
    assert zone_of("498001234567", plan) == FREE
    assert zone_of(OWN_RANGE + "12345678", plan) == NAT


def test_numbers_lie_in_the_zone_asked_for_and_never_with_a_subscriber() -> None:
    plan, drawn = prefixes(), heads(3)
    zones = np.repeat(np.arange(1, 6), 400)
    numbers = drawn.numbers(zones, mix(np.arange(zones.size), 3, 3))
    for zone, number in zip(zones, numbers, strict=True):
        assert zone_of(str(number), plan) == zone
        assert not str(number).startswith(OWN_RANGE)


def test_no_element_has_two_faulty_files_in_a_month() -> None:
    for seed in range(1, 30):
        calendar = Calendar(date(2026, 5, 1), 3)
        sites = choose_sites(calendar, AnomalyMix(), seed)
        places = [(element, calendar.month_of(day)) for element, day in sites.faults]
        assert len(places) == len(set(places)) == 8
        assert sites.second_copies.isdisjoint(sites.faults)
        names = {
            file_name(sites, element, day, calendar.date_of(day))
            for element in range(4) for day in range(calendar.day_count)
        }  # fmt: skip
        assert len(names) == 4 * calendar.day_count


def test_sequence_rolls_over_and_begins_again() -> None:
    calendar = Calendar(date(2026, 5, 1), 3)
    sites = choose_sites(calendar, AnomalyMix(), 1)
    element, day = sites.rollover
    assert [sites.sequence(element, day + n) for n in (-1, 0, 1)] == [9_999, 0, 1]
    assert sites.reset is not None
    element, day = sites.reset
    before, after = sites.sequence(element, day - 1), sites.sequence(element, day)
    assert (before + 1) % 10_000 != after == 1
