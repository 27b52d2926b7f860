"""Whether the records of a roaming file are as many, and charge as much, as its audit says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.sources.tap.events import Money
from ingestion.sources.tap.head import Head, Item, fatal, scaled
from ingestion.sources.tap.tags import ValueSpoiltError, figure

# Where each kind states how many records it has.
_COUNTS = {
    "tap": "CallEventDetailsCount",
    "nrtrde": "CallEventsCount",
    "rap": "ReturnDetailsCount",
}


@dataclass
class Found:
    """What was read: records, those that cannot be used, and charges in the smallest unit."""

    count: int = 0
    broken: int = 0
    charge: int = 0
    refund: int = 0
    camel: int = 0
    tax: int = 0
    discount: int = 0
    stated: int | None = None
    stated_charge: int | None = None

    def add(self, money: Money, *, is_refund: bool) -> None:
        """Add what a record charges."""
        if is_refund:
            self.refund += money.charge
        else:
            self.charge += money.charge
        self.camel += money.camel
        self.tax += money.tax
        self.discount += money.discount

    def values(self, head: Head) -> dict[str, str | None]:
        """Return the figures of the file by the names that a mapping may use."""
        said = {
            "record_count": str(self.count if self.stated is None else self.stated),
            "records_read": str(self.count),
            "records_broken": str(self.broken),
        }
        if head.places is None:
            return dict(said)
        total = self.charge if self.stated_charge is None else self.stated_charge
        money = {
            "total_charge_amount": total,
            "charge_amount_read": self.charge,
            "camel_fee_amount_read": self.camel,
            "refund_amount_read": self.refund,
            "tax_amount_read": self.tax,
            "discount_amount_read": self.discount,
        }
        return {**said, **{name: scaled(value, head.places) for name, value in money.items()}}


def check_audit(head: Head, items: Iterable[Item], found: Found, where: str) -> None:
    """Refuse a file whose audit does not agree with its records.

    Totals are compared only where every record could be read: one that could not may be the
    difference. TD.57 is not public on whether CAMEL fees and refunds are in the total: either way
    is taken as right.

    Raises:
        RoamingFileError: names both figures.
    """
    if head.kind not in _COUNTS:
        return
    said = {item.name: item.value for item in items}
    found.stated = _needed(said, _COUNTS[head.kind], where)
    if found.stated != found.count:
        raise fatal(
            f"{_COUNTS[head.kind]} says {found.stated} records, the file holds {found.count}", where
        )
    if head.kind != "tap":
        return
    found.stated_charge = _needed(said, "TotalCharge", where)
    if found.broken:
        return
    charges = {found.charge, found.charge + found.camel}
    charges |= {one + found.refund for one in charges} | {one - found.refund for one in charges}
    _compare("TotalCharge", found.stated_charge, charges, where)
    for name, total in (("TotalTaxValue", found.tax), ("TotalDiscountValue", found.discount)):
        stated = _number(name, said.get(name, b"\0"), where)
        _compare(name, stated, {total}, where)


def _needed(said: dict[str, bytes], name: str, where: str) -> int:
    value = said.get(name)
    if not value:
        raise fatal(f"{name} is missing: nothing proves that the file is whole", where)
    return _number(name, value, where)


def _number(name: str, value: bytes, where: str) -> int:
    try:
        return figure(value)
    except ValueSpoiltError as error:
        raise fatal(f"{name}: {error.args[0]}", where) from None


def _compare(name: str, stated: int, totals: set[int], where: str) -> None:
    if stated not in totals:
        found = min(totals, key=lambda total: abs(total - stated))
        raise fatal(
            f"{name} says {stated}, the records add up to {found}"
            " (in the smallest unit of the file)",
            where,
        )
