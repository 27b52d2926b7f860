"""Accounts, lines and their histories as arrays: one position is one subscription.

A line lives from start to end, with at most one gap (suspension or seasonal hold) and one change of
plan between. Everything that CRM, billing and network say about it is derived from these days.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion.simulator.calendar import OPEN_END, Calendar
from ingestion.simulator.catalogue import (
    PLAN_BIZ,
    PLAN_FLEX,
    PLAN_L,
    PLAN_M,
    PLAN_MINI,
    PLAN_S,
    ROAM,
    SEC,
    TAX_CHANGE,
    TV,
)
from ingestion.simulator.draws import Ints, Words, arrow, below, choose, high, low, mix
from ingestion.simulator.roles import (
    USED_UP,
    Role,
    quiet_pools,
    recurring_pools,
    usage_pools,
    wanted,
)
from ingestion.simulator.settings import AnomalyMix, Size

ELEMENTS = ("HAM1", "BER1", "CGN1", "MUC1")
CONSUMER, BUSINESS, STAFF, TEST = range(4)
ACCOUNT_TYPES = ("consumer", "business", "staff", "test")
PPM = 1_000_000
NEVER_PAYS = 2
TRUED_UP, MISSED, SHORT, RELIEVED = 1, 2, 3, 4
_NUMBERS = 4_915_500_000_000


@dataclass
class Accounts:
    """One position is one billing account."""

    kind: Ints
    line_count: Ints
    recurring_ppm: Ints
    usage_ppm: Ints
    family: Ints
    exempt: Ints
    exempt_to: Ints
    abroad: Ints
    commit: Ints
    commit_month: Ints
    cash: Ints
    payer: Ints

    def table(self) -> pa.Table:
        """Return the accounts for SQL."""
        return _table(self, "acct")


@dataclass
class Lines:
    """One position is one line: a number with a plan and its add-ons."""

    acct: Ints
    element: Ints
    number: Ints
    plan: Ints
    plan2: Ints
    change: Ints
    start: Ints
    end: Ints
    gap_from: Ints
    gap_to: Ints
    hold: Ints
    roam_from: Ints
    sec_from: Ints
    tv_from: Ints
    twin: Ints
    recurring_ppm: Ints
    recurring_from: Ints
    usage_ppm: Ints
    role: Ints
    role_no: Ints
    role_day: Ints
    role_month: Ints
    kind: Ints
    by_rank: list[Ints] = field(default_factory=list)
    plain_rank: list[Ints] = field(default_factory=list)

    def table(self) -> pa.Table:
        """Return the lines for SQL."""
        return _table(self, "sub")


def _table(rows: Accounts | Lines, name: str) -> pa.Table:
    columns = {item.name: getattr(rows, item.name) for item in fields(rows)}
    arrays = {key: value for key, value in columns.items() if isinstance(value, np.ndarray)}
    size = len(next(iter(arrays.values())))
    return arrow({name: np.arange(size)} | arrays)


_DAYS = (
    "change",
    "end",
    "gap_from",
    "gap_to",
    "roam_from",
    "sec_from",
    "tv_from",
    "role_day",
)
_COUNTS = (
    "hold",
    "twin",
    "recurring_ppm",
    "usage_ppm",
    "role",
    "role_no",
    "role_month",
    "recurring_from",
)
ADD_ONS = (("roam_from", ROAM), ("sec_from", SEC), ("tv_from", TV))


class Builder:
    """Draws the population of one operator."""

    def __init__(self, size: Size, seed: int, calendar: Calendar, anomalies: AnomalyMix) -> None:
        self.size, self.seed, self.calendar, self.anomalies = size, seed, calendar, anomalies
        self.count = size.subscriber_count
        self.everyone = np.arange(self.count)

    def build(self) -> tuple[Accounts, Lines]:
        """Return the accounts and lines."""
        self.accounts, acct = self._accounts()
        self.lines = self._lines(acct)
        self._rank()
        self._give_roles()
        self._histories()
        self._add_ons()
        self._discounts()
        self._role_histories()
        return self.accounts, self.lines

    def _words(self, salt: int, counter: Ints | None = None) -> Words:
        return mix(self.everyone if counter is None else counter, self.seed, salt)

    def _accounts(self) -> tuple[Accounts, Ints]:
        numbers = np.arange(self.count)
        word = self._words(20, numbers)
        kind = (below(low(word), 100) < 8).astype(np.int64) * BUSINESS
        kind[11::400], kind[7::500] = STAFF, TEST
        sizes = 1 + choose(high(word), (70, 14, 8, 5, 3))
        firm = 2 + choose(high(word), (30, 20, 15, 10, 8, 6, 4, 3, 2, 1, 1))
        sizes = np.where(kind == BUSINESS, firm, sizes)
        last = int(np.searchsorted(np.cumsum(sizes), self.count)) + 1
        kind, sizes = kind[:last], sizes[:last].copy()
        sizes[-1] -= int(sizes.sum()) - self.count
        habit = self._words(21, numbers[:last])
        draw, deal = below(low(habit), 100), below(high(habit), 20)
        firms = kind == BUSINESS
        accounts = Accounts(
            kind=kind,
            line_count=sizes,
            recurring_ppm=np.where(firms & (deal < 5), 100_000, 0),
            usage_ppm=np.where(firms & (deal >= 5) & (deal < 9), 150_000, 0),
            family=((kind == CONSUMER) & (sizes >= 3)).astype(np.int64),
            exempt=(firms & (deal >= 18)).astype(np.int64),
            exempt_to=np.full(last, OPEN_END),
            abroad=(firms & (deal >= 16) & (deal < 18)).astype(np.int64),
            **self._commitments(firms),
            cash=((kind == CONSUMER) & (draw < 4)).astype(np.int64),
            payer=choose(high(mix(numbers[:last], self.seed, 22)), (90, 5, 5)),
        )
        return accounts, np.repeat(np.arange(last), sizes)

    def _commitments(self, firms: npt.NDArray[np.bool_]) -> dict[str, Ints]:
        """Give firms a least amount a month: its true-up missed, short, relieved or right."""
        missed = wanted(self.anomalies, "missed_true_ups", self.count)
        kinds = [MISSED if no % 3 else SHORT for no in range(missed)]
        kinds += [RELIEVED] * max(2, self.count // 20_000) + [TRUED_UP] * max(3, missed)
        some = np.flatnonzero(firms)[: len(kinds)]
        commit, month = np.zeros(firms.size, dtype=np.int64), np.zeros(firms.size, dtype=np.int64)
        commit[some] = kinds[: some.size]
        month[some] = 1 + np.arange(some.size) % self.calendar.months
        return {"commit": commit, "commit_month": month}

    def _lines(self, acct: Ints) -> Lines:
        kind = self.accounts.kind[acct]
        word = self._words(30)
        consumer = choose(low(word), (45, 38, 17))
        firm = np.array([PLAN_BIZ, PLAN_L, PLAN_M])[choose(low(word), (50, 25, 25))]
        plan = np.where(kind == BUSINESS, firm, np.array([PLAN_S, PLAN_M, PLAN_L])[consumer])
        rest: dict[str, Any] = {name: np.full(self.count, OPEN_END) for name in _DAYS}
        rest |= {name: np.zeros(self.count, dtype=np.int64) for name in _COUNTS}
        return Lines(
            acct=acct,
            element=below(high(word), len(ELEMENTS)),
            kind=kind,
            number=_NUMBERS + self.everyone * 7 + 1_000_000,
            plan=plan,
            plan2=plan.copy(),
            start=-150 - below(low(self._words(31)), 1_400),
            **rest,
        )

    def _rank(self) -> None:
        order = np.argsort(self._words(32), kind="stable")
        self.share = np.zeros(self.count, dtype=np.int64)
        for element in range(len(ELEMENTS)):
            ranked = order[self.lines.element[order] == element]
            self.share[ranked] = np.arange(ranked.size) * 1_000 // max(1, ranked.size)
            self.lines.by_rank.append(ranked)

    def _give_roles(self) -> None:
        accounts, lines = self.accounts, self.lines
        first = np.concatenate(([True], lines.acct[1:] != lines.acct[:-1]))
        free = first & (lines.kind == CONSUMER) & (accounts.line_count[lines.acct] <= 2)
        order = np.argsort(self._words(33), kind="stable")
        busy = free & (self.share >= 20) & (self.share < 600)
        months = self.calendar.months
        self._hand_out(order[busy[order]], usage_pools(self.anomalies, self.count, months))
        self._decoy_places(order[busy[order]])
        alone = free & (lines.role == Role.PLAIN) & (accounts.line_count[lines.acct] == 1)
        self._hand_out(order[alone[order]], quiet_pools(self.anomalies, self.count))
        rest = free & (lines.role == Role.PLAIN)
        self._hand_out(order[rest[order]], recurring_pools(self.anomalies, self.count))
        for ranked in lines.by_rank:
            plain = lines.role[ranked] == Role.PLAIN
            following = np.searchsorted(np.flatnonzero(plain), np.arange(ranked.size))
            lines.plain_rank.append(ranked[plain][following % max(1, int(plain.sum()))])

    def _hand_out(self, candidates: Ints, pools: list[tuple[Role, int]]) -> None:
        place = 0
        for role, count in pools:
            chosen = candidates[place : place + count]
            self.lines.role[chosen] = role
            self.lines.role_no[chosen] = np.arange(chosen.size)
            place += count

    def _decoy_places(self, candidates: Ints) -> None:
        # one traffic decoy at each element: the first of the pool are moved there
        decoys = candidates[: len(ELEMENTS)]
        for element, sub in enumerate(decoys):
            old = self.lines.element[sub]
            self.lines.by_rank[old] = self.lines.by_rank[old][self.lines.by_rank[old] != sub]
            self.lines.by_rank[element] = np.append(self.lines.by_rank[element], sub)
            self.lines.element[sub] = element

    def _histories(self) -> None:
        lines, days = self.lines, self.calendar.day_count
        word = self._words(40)
        draw, day = below(low(word), 1_000), below(high(word), days - 12) + 4
        changing = (lines.role == Role.PLAIN) & (lines.plan != PLAN_BIZ) & (lines.kind <= BUSINESS)
        lines.start = np.where(changing & (draw < 25), day, lines.start)
        lines.end = np.where(changing & (draw >= 25) & (draw < 45), day, lines.end)
        change = changing & (draw >= 45) & (draw < 60)
        lines.change = np.where(change, day, lines.change)
        up = np.array([PLAN_M, PLAN_L, PLAN_M, PLAN_BIZ])
        lines.plan2 = np.where(change, up[lines.plan], lines.plan2)
        gap = changing & (draw >= 60) & (draw < 77)
        lines.gap_from = np.where(gap, day, lines.gap_from)
        lines.gap_to = np.where(gap, day + 5 + below(low(self._words(41)), 25), lines.gap_to)
        lines.hold = (gap & (draw >= 72)).astype(np.int64)

    def _add_ons(self) -> None:
        lines = self.lines
        word = self._words(50)
        able = (lines.role == Role.PLAIN) & (lines.kind <= BUSINESS)
        for name, bits, percent in (
            ("roam_from", low(word), 12),
            ("sec_from", high(word), 15),
            ("tv_from", low(self._words(51)), 6),
        ):
            has = able & (below(bits, 100) < percent)
            setattr(lines, name, np.where(has, lines.start, OPEN_END))
        pair = lines.role == Role.TWO_PACKS
        lines.sec_from = np.where(pair, lines.start, lines.sec_from)
        twin = able & (lines.kind == CONSUMER) & (below(high(self._words(51)), 200) < 1)
        lines.twin = (twin & (lines.gap_from == OPEN_END)).astype(np.int64)

    def _discounts(self) -> None:
        lines, word = self.lines, self._words(60)
        draw = below(low(word), 100)
        able = (lines.role == Role.PLAIN) & (lines.kind == CONSUMER)
        priced = np.isin(lines.role, (Role.RC_MISSING, Role.RC_PRICE)) & (lines.role_no % 3 == 0)
        priced |= (lines.role == Role.LINE_TWICE) & (lines.role_no % 2 == 0)
        lines.recurring_ppm = np.where((able & (draw < 3)) | priced, 200_000, 0)
        later = able & (below(high(word), 3) == 0)
        lines.recurring_from = np.where(later, self.calendar.month_start(2), -1_600)
        lines.usage_ppm = np.where(able & (draw >= 3) & (draw < 5), 100_000, 0)

    def _role_histories(self) -> None:
        lines, months = self.lines, self.calendar.months
        word = self._words(70)
        lines.role_month = 1 + lines.role_no % months
        late = np.isin(
            lines.role,
            (
                Role.NETWORK_LINE,
                Role.NETWORK_FEATURE,
                Role.CEASED_LINE,
                Role.STRIPPED_FEATURE,
                Role.EARLY,
                Role.BALANCE,
                Role.NO_RESET,
            ),
        )
        lines.role_month = np.where(late, 2 + lines.role_no % (months - 1), lines.role_month)
        starts = np.array([self.calendar.month_start(m) for m in range(months + 1)])
        lines.role_month = np.where(lines.role == Role.TAX_OLD, TAX_CHANGE, lines.role_month)
        prorated = lines.role == Role.PRORATED
        by_basis = prorated & (lines.role_no % 2 == 1)
        lines.role_month = np.where(by_basis, 1 + lines.role_no // 2 % months, lines.role_month)
        still_held = (lines.role == Role.HELD) & (lines.role_no % 2 == 1)
        lines.role_month = np.where(
            still_held, 1 + lines.role_no // 2 % (months - 1), lines.role_month
        )
        lines.role_day = starts[lines.role_month] + 2 + below(low(word), 18)
        lines.start = np.where(by_basis, lines.role_day, lines.start)
        lines.change = np.where(prorated & ~by_basis, lines.role_day, lines.change)
        up = np.array([PLAN_M, PLAN_L, PLAN_M, PLAN_BIZ])
        lines.plan2 = np.where(prorated & ~by_basis, up[lines.plan], lines.plan2)
        self._whole_months()
        for role in (Role.NETWORK_LINE, Role.EARLY):
            lines.start = np.where(lines.role == role, lines.role_day, lines.start)
        for no, (name, _) in enumerate(ADD_ONS):
            mine = lines.role_no % len(ADD_ONS) == no
            stripped = mine & (lines.role == Role.STRIPPED_FEATURE)
            sold = mine & (lines.role == Role.NETWORK_FEATURE)
            value = np.where(stripped, lines.start, getattr(lines, name))
            setattr(lines, name, np.where(sold, lines.role_day, value))
        self._counted_plans(starts)
        small = lines.role == Role.TOO_SMALL
        lines.end = np.where(small, starts[lines.role_month] + 1, lines.end)
        unsent = np.isin(lines.role, (Role.HELD, Role.SUPPRESSED))
        self.accounts.payer[lines.acct[unsent]] = NEVER_PAYS
        self.accounts.abroad[lines.acct[lines.role == Role.TAX_PLACE]] = 1
        exempt = lines.role == Role.EXEMPT_OLD
        self.accounts.exempt[lines.acct[exempt]] = 1
        self.accounts.exempt_to[lines.acct[exempt]] = starts[lines.role_month[exempt]]
        self._pass_numbers_on(high(word))

    def _whole_months(self) -> None:
        """Lines that begin within a month, and lines that end in one charged in advance."""
        lines = self.lines
        whole = lines.role == Role.PRORATED_WHOLE
        ending = whole & (lines.role_no % 2 == 1)
        lines.start = np.where(whole & ~ending, lines.role_day, lines.start)
        lines.end = np.where(ending, lines.role_day, lines.end)
        for name in ("plan", "plan2"):
            setattr(lines, name, np.where(ending, PLAN_BIZ, getattr(lines, name)))

    def _counted_plans(self, starts: Ints) -> None:
        lines = self.lines
        # an allowance that a busy line uses up
        small = np.isin(lines.role, USED_UP)
        lines.plan = np.where(small, PLAN_MINI, lines.plan)
        flex = lines.role == Role.FLEX
        lines.plan = np.where(flex, PLAN_FLEX, lines.plan)
        lines.plan2 = np.where(flex, PLAN_FLEX, lines.plan2)
        stale = lines.role == Role.PLAN_STALE
        lines.change = np.where(stale, starts[1] + 4 + lines.role_no % 14, lines.change)
        lines.plan2 = np.where(small, PLAN_MINI, lines.plan2)
        lines.plan2 = np.where(stale, (lines.plan + 1) % 3, lines.plan2)
        future = lines.role == Role.PLAN_FUTURE
        lines.change = np.where(future, starts[-1] + 10 + lines.role_no % 14, lines.change)
        lines.plan2 = np.where(future, (lines.plan + 1) % 3, lines.plan2)
        # its allowance is used up before anything else is
        twice = lines.role == Role.ROUNDED_TWICE
        lines.role_day = np.where(twice, starts[lines.role_month] + 2, lines.role_day)

    def _pass_numbers_on(self, bits: Words) -> None:
        lines, days = self.lines, self.calendar.day_count
        for old_role, new_role in (
            (Role.NUMBER_OLD, Role.NUMBER_NEW),
            (Role.RESTED_OLD, Role.RESTED_NEW),
        ):
            old, new = (np.flatnonzero(lines.role == role) for role in (old_role, new_role))
            old, new = old[np.argsort(lines.role_no[old])], new[np.argsort(lines.role_no[new])]
            old = old[: new.size]
            draw = bits[old]
            begin = 4 + below(draw & np.uint64(0xFFFF0000), max(1, days - 50))
            rest = 12 + below((draw << np.uint64(16)) & np.uint64(0xFFFF0000), 25)
            if old_role == Role.RESTED_OLD:
                begin, rest = np.full(old.size, -95), 105 + rest
            lines.end[old], lines.start[new] = begin, begin + rest
            lines.start[old] = np.minimum(lines.start[old], begin - 60)
            lines.number[new] = lines.number[old]
