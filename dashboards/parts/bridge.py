"""The bridge as bars: from expected to billed, each bar beginning where the one before ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.parts import words

FIRST, LAST = "expected", "billed"
# What a step is made of: its column, and whether it raises what is billed.
_PARTS = (
    ("under", "under_amount", -1),
    ("over", "over_amount", 1),
    ("listed", "listed_amount", -1),
    ("unexplained", "unexplained_amount", -1),
)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Bar:
    """One bar: what it is, its signed amount, and the levels it runs between."""

    step_code: str
    kind: str
    amount: Decimal
    start: Decimal
    end: Decimal

    @property
    def label(self) -> str:
        """As it stands at the axis."""
        name = words.step(self.step_code)
        return name if self.kind == "total" else f"{name}: {words.KINDS[self.kind].lower()}"


@dataclass(frozen=True)
class Waterfall:
    """All bars in order, and what is left between the last step and billed: zero."""

    bars: tuple[Bar, ...]
    difference: Decimal

    @property
    def expected(self) -> Decimal:
        """What should have been billed."""
        return self._level(FIRST)

    @property
    def billed(self) -> Decimal:
        """What was billed."""
        return self._level(LAST)

    def total(self, kind: str) -> Decimal:
        """The signed sum of the bars of one kind."""
        return sum((bar.amount for bar in self.bars if bar.kind == kind), ZERO)

    def _level(self, step_code: str) -> Decimal:
        return sum((bar.amount for bar in self.bars if bar.step_code == step_code), ZERO)


def waterfall(steps: Sequence[Mapping[str, Any]]) -> Waterfall:
    """The bars of summed bridge rows, in the order of `step_no`.

    Under- and over-billing of a step stay apart; a part of zero has no bar.
    """
    by_code = {row["step_code"]: row for row in steps}
    expected, billed = (_amount(by_code.get(code), "step_amount") for code in (FIRST, LAST))
    bars = [Bar(FIRST, "total", expected, ZERO, expected)]
    level = expected
    for row in sorted(steps, key=lambda one: one["step_no"]):
        if row["step_code"] in (FIRST, LAST):
            continue
        for kind, column, sign in _PARTS:
            amount = sign * _amount(row, column)
            if amount:
                bars.append(Bar(row["step_code"], kind, amount, level, level + amount))
                level += amount
    bars.append(Bar(LAST, "total", billed, ZERO, billed))
    return Waterfall(tuple(bars), level - billed)


def axis(bars: Sequence[Bar]) -> tuple[Decimal, Decimal]:
    """Where the axis begins and ends: not at zero when the steps would be too small to see."""
    levels = [level for bar in bars for level in ((bar.end,) if bar.kind == "total" else
              (bar.start, bar.end))]  # fmt: skip
    low, high = min(levels), max(levels)
    room = (high - low) / 5 or high / 10 or Decimal(1)
    if low <= 0 or high - low > high / 3:
        return min(low, ZERO), high + room
    return max(low - room, ZERO), high + room


def _amount(row: Mapping[str, Any] | None, column: str) -> Decimal:
    return (row[column] if row else None) or ZERO
