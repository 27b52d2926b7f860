"""The network's records of one day, drawn as arrays: who, when, what and how much.

Record numbers grow with time inside a day and element, so files come out in order without a sort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.catalogue import (
    ALLOWANCES,
    CUT_ZONE,
    DATA,
    EU,
    FREE,
    NAT,
    PEAK_TO,
    PLAN_MINI,
    ROW,
    SMS,
    VOICE,
)
from ingestion.simulator.destinations import Heads
from ingestion.simulator.draws import Ints, Words, arrow, below, choose, high, ladder, low, mix
from ingestion.simulator.population import ELEMENTS, TEST, Accounts, Lines
from ingestion.simulator.roles import QUIET, Role
from ingestion.simulator.settings import Size
from ingestion.simulator.sites import Sites

# what becomes of a record before rating
CHARGEABLE, ZERO, TERMINATING, FIRST_PART, NEXT_PART, TEST_SIM = range(6)
CALL_TYPES = ("MOC", "MTC", "CFW", "VOL", "PDP")
RECORDS_PER_FILE = 10_000_000
PIECES = 16

_HOURS = (6, 4, 3, 2, 2, 4, 14, 34, 52, 58, 60, 62, 64, 60, 58, 60, 64, 72, 80, 84, 78, 60, 36, 16)
_SECONDS = (1, 4, 9, 16, 25, 36, 50, 68, 90, 118, 152, 196, 255, 340, 480, 780, 3_000)
_BYTES = (
    900,
    21_000,
    64_000,
    150_000,
    420_000,
    1_100_000,
    2_600_000,
    6_200_000,
    12_400_000,
    22_000_000,
    39_000_000,
    61_000_000,
    96_000_000,
    155_000_000,
    268_000_000,
    530_000_000,
    2_400_000_000,
)
_OWN_PERCENT = 98  # second legs and parts of long calls come on top, lines not yet or no more on go
_PART_SECONDS = 1_800
# length of the calls that begin at the very moment of a plan change
CHANGE_SECONDS = 131
# length of the calls that begin in one time band and end in another
SPLIT_SECONDS = 133
_LAST_LONG_START = 64_800
# numbers of a satellite network
SATELLITE = 881_600_000_000

Columns = dict[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class World:
    """Everything that stays the same from day to day."""

    seed: int
    size: Size
    calendar: Calendar
    accounts: Accounts
    lines: Lines
    heads: Heads
    sites: Sites


class DayTraffic:
    """Draws the records of one local day at all elements."""

    def __init__(self, world: World, day: int, record_count: int) -> None:
        self.world, self.day = world, day
        self.length = int(world.calendar.starts[day + 1] - world.calendar.starts[day])
        self.quota = max(4, record_count * _OWN_PERCENT // 100 // len(ELEMENTS))

    def table(self) -> pa.Table:
        """Return the day's records, second legs and parts included."""
        parts = [self._element(element) for element in range(len(ELEMENTS))]
        return arrow({name: np.concatenate([p[name] for p in parts]) for name in parts[0]})

    def _element(self, element: int) -> Columns:
        no = np.arange(self.quota, dtype=np.int64)
        file_no = self.day * len(ELEMENTS) + element
        words = [mix(no + file_no * RECORDS_PER_FILE, self.world.seed, s) for s in (1, 2, 3, 4)]
        rows = self._draw(element, no, words)
        rows["rid"] = (file_no * RECORDS_PER_FILE + no) * PIECES
        rows["t"] += self.world.calendar.starts[self.day]
        rows = self._kept(rows, self._present(element, rows))
        extra = [self._second_legs(rows), self._parts(rows)]
        del rows["callee"]
        return {
            name: np.concatenate([rows[name], *(more[name] for more in extra)]) for name in rows
        }

    def _draw(self, element: int, no: Ints, words: list[Words]) -> Columns:
        lines = self.world.lines
        faulty = self.world.sites.is_faulty(element, self.day)
        ranked = (lines.plain_rank if faulty else lines.by_rank)[element]
        who = low(words[0])
        # a tenth of the traffic is even, the rest leans on few; the busiest make ten times the mean
        skewed = ((who * who >> np.uint64(32)) * np.uint64(9) + who) // np.uint64(10)
        sub = ranked[below(skewed, ranked.size)]
        service = choose(high(words[0]), (46, 18, 36))
        flags = high(words[2])
        zone = choose(low(words[3]), (0, 62, 18, 11, 4, 5))
        zone = np.where(service == DATA, 0, np.where((service == SMS) & (zone == FREE), NAT, zone))
        rows = {
            "sub": sub,
            "svc": service,
            "zone": zone,
            "t": self._times(no, high(words[3])),
            "q": self._quantities(service, low(words[2])),
            "other": np.where(service == DATA, 0, self.world.heads.numbers(zone, words[1])),
            "bits": flags.astype(np.int64),
            "callee": np.full(no.size, -1, dtype=np.int64),
            "kind": np.zeros(no.size, dtype=np.int64),
        }
        self._kinds(rows, element, words)
        self._satellite_calls(rows)
        self._decoys(rows, element)
        rows["qtot"] = rows["q"].copy()
        return rows

    def _times(self, no: Ints, bits: Words) -> Ints:
        bounds = (np.cumsum([0, *_HOURS]) << 32) // sum(_HOURS)
        place = ((no << 32) + bits.astype(np.int64)) // self.quota
        hour = np.minimum(np.searchsorted(bounds, place, side="right") - 1, 23)
        width = bounds[hour + 1] - bounds[hour]
        seconds = hour * 3_600 + (place - bounds[hour]) * 3_600 // width
        # days of 23 hours lose their last hour, days of 25 hours their last stays empty
        return np.asarray(np.minimum(seconds, self.length - 1))

    def _quantities(self, service: Ints, bits: Words) -> Ints:
        quantity = np.where(service == VOICE, ladder(bits, _SECONDS), 1)
        return np.where(service == DATA, ladder(bits, _BYTES), quantity)

    def _kinds(self, rows: Columns, element: int, words: list[Words]) -> None:
        lines, ranked = self.world.lines, self.world.lines.by_rank[element]
        draw = below(high(words[1]) ^ (low(words[2]) >> np.uint64(7)), 1_000)
        voice = rows["svc"] == VOICE
        zero = voice & (draw < 15)
        on_net = voice & (draw >= 15) & (draw < 115)
        long = voice & (draw >= 115) & (draw < 120) & (rows["t"] < _LAST_LONG_START)
        long &= lines.role[rows["sub"]] == Role.PLAIN
        callee = ranked[below(low(words[1]), ranked.size)]
        on_net &= (callee != rows["sub"]) & self._active(callee)
        rows["callee"] = np.where(on_net, callee, -1)
        rows["other"] = np.where(on_net, lines.number[callee], rows["other"])
        rows["zone"] = np.where(on_net, NAT, rows["zone"])
        rows["q"] = np.where(zero, 0, np.where(long, 3_600 + rows["bits"] % 5_400, rows["q"]))
        test = lines.kind[rows["sub"]] == TEST
        rows["kind"] = np.select([zero, test, long], [ZERO, TEST_SIM, FIRST_PART], CHARGEABLE)
        forwarded = voice & ~on_net & (draw >= 900) & (draw < 920)
        volte = voice & (draw >= 700) & (draw < 900) & (self.world.calendar.month_of(self.day) >= 2)
        rows["ctype"] = np.select([rows["svc"] == DATA, forwarded, volte], [4, 2, 3], 0).astype(
            np.int64
        )

    def _satellite_calls(self, rows: Columns) -> None:
        lines = self.world.lines
        far = (lines.role[rows["sub"]] == Role.SATELLITE) & np.isin(rows["zone"], (EU, ROW))
        rows["other"] = np.where(far, SATELLITE + rows["bits"] % 1_000_000, rows["other"])
        rows["zone"] = np.where(far, ROW, rows["zone"])

    def _decoys(self, rows: Columns, element: int) -> None:
        lines = self.world.lines
        self._change_instants(rows, element)
        self._banded_calls(rows, element)
        self._used_up(rows, element)
        mine = (lines.role == Role.TRAFFIC_DECOY) & (lines.element == element)
        owners = np.flatnonzero(mine)
        if not owners.size or self.world.sites.is_faulty(element, self.day):
            return
        if self.day in self.world.sites.skew_days:
            start = self.length - 1 - element % 2
            self._force(rows, self.quota - 1, int(owners[0]), start, 125)
        if self.day in self.world.sites.redial_days:
            first = self.quota // 2
            start = int(rows["t"][first])
            self._force(rows, first, int(owners[0]), start, 1)
            self._force(rows, first + 1, int(owners[0]), start + 2, 1)
            rows["other"][first + 1] = rows["other"][first]

    def _change_instants(self, rows: Columns, element: int) -> None:
        lines = self.world.lines
        changing = (lines.role == Role.PLAN_STALE) & (lines.element == element)
        owners = np.flatnonzero(changing & (lines.change == self.day))
        if owners.size and not self.world.sites.is_faulty(element, self.day):
            self._force(rows, 0, int(owners[0]), 0, CHANGE_SECONDS)

    def _banded_calls(self, rows: Columns, element: int) -> None:
        lines, calendar = self.world.lines, self.world.calendar
        owners = np.flatnonzero((lines.role == Role.FLEX) & (lines.element == element))
        if not owners.size or self.world.sites.is_faulty(element, self.day):
            return
        if self.day == calendar.skipped_holiday:
            for no, owner in enumerate(owners[: self.quota // 8]):
                at = self.quota // 2 + no
                self._force(rows, at, int(owner), int(rows["t"][at]), 125)
        if self.day in {d + 1 for d in self.world.sites.skew_days}:
            self._force_at(rows, int(owners[0]), PEAK_TO - 60, SPLIT_SECONDS)
        if self.day in self.world.sites.late_peak_days:
            self._force_at(rows, int(owners[0]), PEAK_TO + 600, SPLIT_SECONDS)
        if self.day in self.world.sites.cut_days | self.world.sites.uncut_days:
            self._force_at(rows, int(owners[0]), PEAK_TO - 60, SPLIT_SECONDS, CUT_ZONE)

    def _used_up(self, rows: Columns, element: int) -> None:
        """A call that leaves half a minute of an allowance, and one that begins with it."""
        lines = self.world.lines
        here = (lines.role == Role.ROUNDED_TWICE) & (lines.element == element)
        if self.world.sites.is_faulty(element, self.day):
            return
        for no, owner in enumerate(np.flatnonzero(here & (lines.role_day == self.day))):
            start = 3_630 + 1_500 * no
            allowed = ALLOWANCES[PLAN_MINI, VOICE]
            self._force_at(rows, int(owner), start, allowed - 30, NAT)
            self._force_at(rows, int(owner), start + allowed, 60, NAT)

    def _force_at(self, rows: Columns, sub: int, start: int, quantity: int, zone: int = EU) -> None:
        at = int(np.searchsorted(rows["t"], start)) % self.quota
        self._force(rows, at, sub, start, quantity, zone)

    def _force(
        self, rows: Columns, at: int, sub: int, start: int, quantity: int, zone: int = EU
    ) -> None:
        word = mix(np.array([self.day * 64 + at]), self.world.seed, 5)
        number = self.world.heads.numbers(np.array([zone]), word)[0]
        for name, value in (
            ("sub", sub),
            ("svc", VOICE),
            ("zone", zone),
            ("t", start),
            ("q", quantity),
            ("other", number),
            ("bits", 7),
            ("callee", -1),
            ("kind", CHARGEABLE),
            ("ctype", 0),
        ):
            rows[name][at] = value

    def _active(self, sub: Ints) -> npt.NDArray[np.bool_]:
        lines, day = self.world.lines, self.day
        end = np.where(lines.role[sub] == Role.CEASED_LINE, lines.role_day[sub], lines.end[sub])
        away = (day >= lines.gap_from[sub]) & (day < lines.gap_to[sub])
        quiet = np.isin(lines.role[sub], QUIET)
        return (day >= lines.start[sub]) & (day < end) & ~away & ~quiet

    def _present(self, element: int, rows: Columns) -> npt.NDArray[np.bool_]:
        here = self._active(rows["sub"])
        if (element, self.day) == self.world.sites.quiet:
            second = rows["t"] - self.world.calendar.starts[self.day]
            here &= (second < 3_600) | (second >= 4 * 3_600)
        return here

    def _kept(self, rows: Columns, mask: npt.NDArray[np.bool_]) -> Columns:
        lines = self.world.lines
        rows = {name: values[mask] for name, values in rows.items()}
        sub = rows["sub"]
        rows["plan"] = np.where(self.day >= lines.change[sub], lines.plan2[sub], lines.plan[sub])
        rows["ppm"] = np.maximum(
            lines.usage_ppm[sub], self.world.accounts.usage_ppm[lines.acct[sub]]
        )
        rows["acct"], rows["number"] = lines.acct[sub], lines.number[sub]
        rows["role"], rows["akind"] = lines.role[sub], lines.kind[sub]
        rows["day"] = np.full(sub.size, self.day, dtype=np.int64)
        return rows

    def _second_legs(self, rows: Columns) -> Columns:
        lines = self.world.lines
        legs = {name: values[rows["callee"] >= 0].copy() for name, values in rows.items()}
        legs["other"], callee = legs["number"], legs["callee"]
        legs["number"], legs["sub"], legs["acct"] = lines.number[callee], callee, lines.acct[callee]
        legs["role"], legs["akind"] = lines.role[callee], lines.kind[callee]
        legs["kind"] = np.full(callee.size, TERMINATING, dtype=np.int64)
        legs["ctype"] = np.ones(callee.size, dtype=np.int64)
        legs["rid"] += PIECES - 1
        return legs

    def _parts(self, rows: Columns) -> Columns:
        long = rows["kind"] == FIRST_PART
        whole = rows["q"][long]
        count = -(-whole // _PART_SECONDS) - 1
        parts = {name: np.repeat(values[long], count) for name, values in rows.items()}
        piece = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + 1
        parts["q"] = np.minimum(_PART_SECONDS, np.repeat(whole, count) - piece * _PART_SECONDS)
        parts["t"] += piece * _PART_SECONDS
        parts["rid"] += piece
        parts["kind"] = np.full(piece.size, NEXT_PART, dtype=np.int64)
        rows["q"] = np.where(long, np.minimum(rows["q"], _PART_SECONDS), rows["q"])
        return parts


def daily_counts(world: World) -> list[int]:
    """Return how many records each simulated day has."""
    calendar = world.calendar
    percents = [calendar.volume_percent(day) for day in range(calendar.day_count)]
    total = world.size.record_count * calendar.months // 3
    return [total * percent // sum(percents) for percent in percents]
