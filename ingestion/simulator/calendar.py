"""The simulated months: local days of the billing zone and the UTC seconds they begin at.

Days are numbers counted from the first simulated day. Usage is drawn in elapsed seconds of a local
day, so its local day is exact on days of 23 and 25 hours too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from ingestion.simulator.draws import Ints

ZONE = ZoneInfo("Europe/Berlin")
OPEN_END = 100_000
# Share of a usual day's traffic on a public holiday, in per cent, as the calendar feed announces.
HOLIDAY_PERCENT = 40
_WEEKDAY_PERCENT = (100, 100, 101, 102, 112, 92, 80)


def next_month(first: date, count: int = 1) -> date:
    """Return the first day of the month that lies count months later."""
    number = first.year * 12 + first.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _easter(year: int) -> date:
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def holidays(year: int) -> dict[date, str]:
    """Return the public holidays of all German states."""
    easter = _easter(year)
    return {
        date(year, 1, 1): "New Year",
        easter - timedelta(days=2): "Good Friday",
        easter + timedelta(days=1): "Easter Monday",
        date(year, 5, 1): "Labour Day",
        easter + timedelta(days=39): "Ascension",
        easter + timedelta(days=50): "Whit Monday",
        date(year, 10, 3): "German Unity",
        date(year, 12, 25): "Christmas",
        date(year, 12, 26): "Second day of Christmas",
    }


class Calendar:
    """Months 1 to `months` are simulated; month 0 and the one after exist at their edges."""

    def __init__(self, first_month: date, months: int) -> None:
        self.first_month, self.months = first_month.replace(day=1), months
        self.day_count = self.month_start(months + 1)

    def month_first(self, month: int) -> date:
        """Return the first day of a month by its number."""
        return next_month(self.first_month, month - 1)

    def month_start(self, month: int) -> int:
        """Return the day number on which a month begins."""
        return (self.month_first(month) - self.first_month).days

    def month_days(self, month: int) -> range:
        """Return the day numbers of a month."""
        return range(self.month_start(month), self.month_start(month + 1))

    def month_of(self, day: int) -> int:
        """Return the number of the month that holds a day."""
        on = self.date_of(day)
        first = self.first_month
        return (on.year - first.year) * 12 + on.month - first.month + 1

    def date_of(self, day: int) -> date:
        """Return the date of a day number."""
        return self.first_month + timedelta(days=day)

    def start_second(self, day: int) -> int:
        """Return the UTC second (since 1970) at which a local day begins."""
        on = self.date_of(day)
        local = datetime(on.year, on.month, on.day, tzinfo=ZONE)
        return int((local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())

    def cutoff_second(self, month: int) -> int:
        """Return the UTC second up to which usage must be rated to be in the run of its month."""
        return self.start_second(self.month_start(month + 1) + 2)

    def issued_on(self, month: int) -> date:
        """Return the day on which the invoices of a month's run are issued."""
        return self.month_first(month + 1) + timedelta(days=3)

    @cached_property
    def starts(self) -> Ints:
        """UTC second at which each simulated day begins, and the day after the last."""
        return np.array([self.start_second(d) for d in range(self.day_count + 2)], dtype=np.int64)

    @cached_property
    def holiday_names(self) -> dict[int, str]:
        """Public holidays among the simulated days."""
        years = {self.date_of(0).year, self.date_of(self.day_count).year}
        named = {on: name for year in years for on, name in holidays(year).items()}
        days = range(self.day_count)
        return {d: named[self.date_of(d)] for d in days if self.date_of(d) in named}

    def is_off(self, day: int) -> bool:
        """Return whether a day is of a weekend or a holiday."""
        return self.date_of(day).weekday() > 4 or day in self.holiday_names

    @cached_property
    def skipped_holiday(self) -> int:
        """The last holiday on a working day, which billing's calendar does not know; -1 if none."""
        working = [d for d in self.holiday_names if self.date_of(d).weekday() < 5]
        return max(working, default=-1)

    def volume_percent(self, day: int) -> int:
        """Return the traffic of a day against a usual Monday, times 100."""
        percent = _WEEKDAY_PERCENT[self.date_of(day).weekday()] * 100
        return percent * HOLIDAY_PERCENT // 100 if day in self.holiday_names else percent
