"""One suite for each feed, made from its contract."""

from __future__ import annotations

from decimal import Decimal

from expectations.rules import Expect, in_set, match, not_null, unique
from ingestion.contracts import Column, Contract

# The same event twice is what the controls are there to find; a whole delivery twice is not.
_USAGE_UNIQUE = Decimal("0.95")

# A later file may correct a row of an earlier one; one file may not say two things of one key.
FILE_COLUMN = "_file_hash"


def make_suite(contract: Contract) -> list[Expect]:
    """Return what the contract of a feed promises of its landed rows."""
    suite = [rule for column in contract.columns for rule in _of_column(column)]
    if contract.partition:
        return [*suite, unique(*contract.key, mostly=_USAGE_UNIQUE)]
    return [*suite, unique(FILE_COLUMN, *contract.key)]


def _of_column(column: Column) -> list[Expect]:
    suite: list[Expect] = not_null(column.name) if column.required else []
    if column.allowed:
        suite.append(in_set(column.name, *column.allowed))
    if column.pattern:
        suite.append(match(column.name, column.pattern))
    if column.minimum is not None or column.maximum is not None:
        suite.append(
            Expect("between", (column.name,), minimum=column.minimum, maximum=column.maximum)
        )
    return suite
