"""Netting: what two companies owe each other in one currency, set against each other.

Only what agreements of one netting group say is netted, per partner and currency; all else stays
as it is. The gross figures stay beside the net one, for the ledger books gross. Amounts are whole
micro-units of the currency that is paid, tax included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from dagster_project.lib.settlement.disputes import PAYABLE


@dataclass(frozen=True)
class Item:
    """What one side owes for the traffic of a month in one direction.

    Attributes: netting_group (None where nothing is netted); gross_micros (what the invoicing
        party asks); disputed_micros (of it, held back); corrected_micros (by notes on which both
        agreed).
    """

    partner_id: str
    direction_code: str
    currency_code: str
    netting_group: str | None
    gross_micros: int
    disputed_micros: int = 0
    corrected_micros: int = 0

    @property
    def is_payable(self) -> bool:
        """Whether we owe it."""
        return self.direction_code == PAYABLE

    @property
    def due_micros(self) -> int:
        """What is to be paid of it now."""
        return self.gross_micros - self.disputed_micros + self.corrected_micros

    @property
    def balance_micros(self) -> int:
        """The same from where we stand: above zero, the partner pays us."""
        return -self.due_micros if self.is_payable else self.due_micros


@dataclass(frozen=True)
class Position:
    """One payment: its gross figures, and the net one; above zero, the partner pays us.

    Attributes: netting_group (None outside of netting: then the items are of one direction);
        receivable_micros, payable_micros (due, after disputes and notes).
    """

    partner_id: str
    currency_code: str
    netting_group: str | None
    directions: tuple[str, ...]
    gross_receivable_micros: int
    gross_payable_micros: int
    disputed_receivable_micros: int
    disputed_payable_micros: int
    receivable_micros: int
    payable_micros: int

    @property
    def net_micros(self) -> int:
        """What one side pays."""
        return self.receivable_micros - self.payable_micros


def net(items: Iterable[Item]) -> list[Position]:
    """Set receivables against payables of one partner, netting group and currency.

    Returns: one position for each, and one for each item outside of netting, in a fixed order.
    """
    ordered = sorted(items, key=_key)
    return [_position(list(group)) for _, group in groupby(ordered, key=_key)]


def _key(item: Item) -> tuple[str, str, bool, str, str]:
    is_outside = item.netting_group is None
    direction = item.direction_code if is_outside else ""
    return item.partner_id, item.currency_code, is_outside, item.netting_group or "", direction


def _position(items: list[Item]) -> Position:
    owed = [one for one in items if not one.is_payable]
    owing = [one for one in items if one.is_payable]
    return Position(
        items[0].partner_id,
        items[0].currency_code,
        items[0].netting_group,
        tuple(sorted({one.direction_code for one in items})),
        sum(one.gross_micros for one in owed),
        sum(one.gross_micros for one in owing),
        sum(one.disputed_micros for one in owed),
        sum(one.disputed_micros for one in owing),
        sum(one.due_micros for one in owed),
        sum(one.due_micros for one in owing),
    )
