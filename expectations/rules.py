"""What may be expected of a table, in our own words, so that suites do not depend on a library."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["columns", "not_null", "in_set", "match", "between", "unique"]


@dataclass(frozen=True)
class Expect:
    """One expectation; `mostly` is the share of rows that must meet it."""

    kind: Kind
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    pattern: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    mostly: Decimal = field(default=Decimal(1))


@dataclass(frozen=True)
class ExpectationResult:
    """One line of the published table `expectation_results`."""

    suite: str
    door: Literal["landing", "published"]
    table_name: str
    expectation: str
    column_name: str | None
    success: bool
    observed: str
    unexpected_count: int


def columns(*names: str) -> Expect:
    """Expect these columns to be there; others may be."""
    return Expect("columns", names)


def not_null(*names: str) -> list[Expect]:
    """Expect a value in each row of these columns."""
    return [Expect("not_null", (name,)) for name in names]


def unique(*names: str, mostly: Decimal = Decimal(1)) -> Expect:
    """Expect these columns together to differ between any two rows."""
    return Expect("unique", names, mostly=mostly)


def in_set(name: str, *values: str) -> Expect:
    """Expect one of these values, or none."""
    return Expect("in_set", (name,), values=values)


def match(name: str, pattern: str) -> Expect:
    """Expect values to match a regular expression, or to be null."""
    return Expect("match", (name,), pattern=pattern)


def at_least(minimum: Decimal | int, *names: str) -> list[Expect]:
    """Expect the values of these columns not to lie below a bound."""
    return [Expect("between", (name,), minimum=Decimal(minimum)) for name in names]


def exactly(value: Decimal | int, *names: str) -> list[Expect]:
    """Expect one value in all rows of these columns."""
    bound = Decimal(value)
    return [Expect("between", (name,), minimum=bound, maximum=bound) for name in names]
