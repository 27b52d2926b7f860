"""Where and when the faults of whole files happen, and the harmless events that look like them.

Subscriptions belong to one element, and no element has two such faults in a month, so no counter of
a customer is ever touched by two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.population import ELEMENTS
from ingestion.simulator.settings import AnomalyMix

FEED_MISSING, FEED_LOW = "FEED_MISSING", "FEED_LOW"
FILE_MISSING, FILE_SHORT, FILE_DUP = "FILE_MISSING", "FILE_SHORT", "FILE_DUP"
LOST_HOUR, UNKNOWN_CODE = "LOST_IN_MEDIATION", "ENUM_NEW"

_FAULTS = (
    (FILE_MISSING, "lost_files"),
    (FEED_MISSING, "dropped_feeds"),
    (FEED_LOW, "dropped_feeds"),
    (FILE_SHORT, "lost_files"),
    (FILE_MISSING, "lost_files"),
    (FILE_MISSING, "lost_files"),
    (LOST_HOUR, "lost_hours"),
    (UNKNOWN_CODE, "unknown_codes"),
)
_MODULUS = 10_000
# Share of a file's records that were cut off when it is short, and kept when the feed is low.
SHORT_PERCENT, LOW_PERCENT = 70, 30


@dataclass(frozen=True)
class Sites:
    """Days by element; (element, day) is one file."""

    faults: dict[tuple[int, int], str]
    second_copies: frozenset[tuple[int, int]]
    rollover: tuple[int, int]
    reset: tuple[int, int] | None
    quiet: tuple[int, int]
    skew_days: frozenset[int]
    redial_days: frozenset[int]
    late_peak_days: frozenset[int]
    uncut_days: frozenset[int]
    cut_days: frozenset[int]
    null_key_month: int
    decimal_commas: bool
    late_prefix: bool

    def of(self, kind: str) -> list[tuple[int, int]]:
        """Return the files with one kind of fault."""
        return sorted(key for key, found in self.faults.items() if found == kind)

    def is_faulty(self, element: int, day: int) -> bool:
        """Return whether a file is none that another fault may touch."""
        return (element, day) in self.faults or (element, day) in self.second_copies

    def sequence(self, element: int, day: int) -> int:
        """Return the number that an element gives to its file of a day."""
        if element == self.rollover[0]:
            return (_MODULUS - self.rollover[1] + day) % _MODULUS
        if self.reset and element == self.reset[0] and day >= self.reset[1]:
            return 1 + day - self.reset[1]
        return 1_203 * (element + 1) + day


def choose_sites(calendar: Calendar, anomalies: AnomalyMix, seed: int) -> Sites:
    """Spread the faults over elements and months; always on the same kind of ordinary weekday."""
    faults: dict[tuple[int, int], str] = {}
    months, elements = calendar.months, len(ELEMENTS)
    for place, (kind, switch) in enumerate(_FAULTS):
        element = (place // months + seed) % elements
        day = _ordinary_day(calendar, 1 + place % months, 8 + (place * 5 + seed) % 13)
        if getattr(anomalies, switch):
            faults[element, day] = kind
    copies = [
        ((element + 2 + seed) % elements, _ordinary_day(calendar, month, 5))
        for element, month in ((0, 1), (1, months))
    ]
    reset = ((seed + 3) % elements, _ordinary_day(calendar, months, 22))
    return Sites(
        faults=faults,
        second_copies=frozenset(copies if anomalies.lost_files else ()),
        rollover=((seed + 2) % elements, calendar.day_count // 3),
        reset=reset if anomalies.lost_files else None,
        quiet=((seed + 1) % elements, calendar.month_start(1) + 6),
        skew_days=frozenset(calendar.month_start(m) + 10 for m in range(1, months + 1)),
        redial_days=frozenset(calendar.month_start(m) + 12 for m in range(1, months + 1)),
        late_peak_days=_ordinary_days(calendar, 8),
        uncut_days=_ordinary_days(calendar, 17),
        cut_days=_ordinary_days(calendar, 24),
        null_key_month=2 if anomalies.null_keys else 0,
        decimal_commas=anomalies.decimal_commas,
        late_prefix=anomalies.late_prefix,
    )


def _ordinary_days(calendar: Calendar, day_of_month: int) -> frozenset[int]:
    months = range(1, calendar.months + 1)
    return frozenset(_ordinary_day(calendar, month, day_of_month) for month in months)


def _ordinary_day(calendar: Calendar, month: int, day_of_month: int) -> int:
    day = calendar.month_start(month) + day_of_month - 1
    while calendar.date_of(day).weekday() > 3 or day in calendar.holiday_names:
        day += 1
    return day


def file_name(sites: Sites, element: int, day: int, on: date) -> str:
    """Return the name under which an element writes its file of a day."""
    return f"{ELEMENTS[element]}_{sites.sequence(element, day):04d}_{on:%Y%m%d}.csv"
