"""Months as the road counts them: first days, both ends inclusive, never the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dagster_project.lib.errors import UsageError

_MONTH = re.compile(r"(\d{4})-(\d{2})(-01)?")


def parse_month(text: str) -> date:
    """The first day of the month written as `2026-07` (or `2026-07-01`).

    Raises: UsageError, naming the text.
    """
    found = _MONTH.fullmatch(text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise UsageError(
            "TIE-2021",
            f"'{text}' is not a month",
            where="--period",
            effect="nothing was run",
            fix="write the month as YYYY-MM, for example 2026-07",
        )
    return date(int(found[1]), int(found[2]), 1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass(frozen=True)
class Months:
    """A run of billing months, both ends inclusive."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse a run that ends before it starts."""
        if self.last < self.first:
            raise UsageError(
                "TIE-2022",
                f"the months run backwards: {self.first:%Y-%m} is after {self.last:%Y-%m}",
                where="--from, --period",
                effect="nothing was run",
                fix="give --from a month that is not after --period",
            )

    @classmethod
    def parse(cls, last: str, first: str | None = None) -> Months:
        """Months from what was typed; one month when no first one is given."""
        return cls(parse_month(first or last), parse_month(last))

    def each(self) -> list[date]:
        """Every month, in order."""
        months = [self.first]
        while months[-1] < self.last:
            months.append(next_month(months[-1]))
        return months

    def __str__(self) -> str:
        """As a person writes it: `2026-07` or `2026-05..2026-07`."""
        if self.first == self.last:
            return f"{self.first:%Y-%m}"
        return f"{self.first:%Y-%m}..{self.last:%Y-%m}"
