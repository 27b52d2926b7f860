"""Records that differ in their values only: read in one step once one of them was understood.

In a file of many records most have the same elements of the same lengths. Where all octets but
those of the values are as in a record that was read element by element, the values stand at the
same places and mean the same. A mask takes the values out, so that one comparison tells. Values
that decide what others mean (types of charges, codes of offsets and rates) belong to the mask.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingestion.sources.tap.events import NEVER_NEGATIVE, Money, Plan, local_time
from ingestion.sources.tap.head import scaled
from ingestion.sources.tap.tags import Decode, Table
from ingestion.sources.tap.tlv import OPEN, read_header

# Few values in a file, or such that others depend on them: octet for octet as in the first record.
_FIXED = frozenset(
    [
        *("ChargeType", "ChargedItem", "ExchangeRateCode", "UtcTimeOffsetCode", "UtcTimeOffset"),
        *("TeleServiceCode", "BearerServiceCode", "SupplServiceCode", "SupplementaryServiceCode"),
        *("CallTypeLevel1", "CallTypeLevel2", "CallTypeLevel3", "TaxCode", "DiscountCode"),
        *("CauseForTerm", "CauseForTermination", "RecEntityCode", "RecEntityId"),
        *("ServingNetwork", "AccessPointNameNI", "AccessPointNameOI", "PartialTypeIndicator"),
        *("CamelServiceKey", "ChargeRefundIndicator", "MessagingEventService"),
        "MobileSessionService",
    ]
)
_MOST_OF_A_LENGTH = 64
# From so many shapes on, another is made only while they spare so many times as many records.
_ON_TRIAL, _WORTH = 500, 3

Texts = dict[str, str | None]


@dataclass(frozen=True)
class RecordShape:
    """What the records of one shape have in common, and at which places the others stand.

    Places are those among the values that `unpack` returns.
    """

    mask: int
    masked: int
    unpack: Callable[[bytes], tuple[bytes, ...]]
    same: Texts
    takes: tuple[tuple[str, Decode, int], ...]
    start: int | None
    zone: str
    charges: tuple[int, ...]
    sums: tuple[tuple[str, tuple[int, ...]], ...]

    def read(self, record: bytes, places: int | None) -> tuple[Texts, Money]:
        """Return values and charges of a record of this shape.

        Raises:
            ValueSpoiltError: a value is not written as its type is.
        """
        values = self.unpack(record)
        found = self.same.copy()
        for name, decode, place in self.takes:
            found[name] = decode(values[place])
        if self.start is not None:
            local = local_time(values[self.start])
            found["started_local"] = local
            if self.zone:
                found["started_at"] = local + self.zone
        if places is None or not self.charges:
            return found, _NOTHING
        charge = sum(int.from_bytes(values[place], "big") for place in self.charges)
        found["charge_amount"] = scaled(charge, places)
        added = {"camel": 0, "tax": 0, "discount": 0}
        for name, where in self.sums:
            added[name] = total = sum(int.from_bytes(values[place], "big") for place in where)
            found[_AMOUNTS[name]] = scaled(total, places)
        return found, Money(charge, **added)


_NOTHING = Money()
_AMOUNTS = {"camel": "camel_fee_amount", "tax": "tax_amount", "discount": "discount_amount"}


class Shapes:
    """The shapes of one file, by the length of their records."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.by_length: dict[int, list[RecordShape]] = {}
        self.made = self.spared = 0

    def find(self, record: bytes) -> RecordShape | None:
        """Return the shape of a record, if one like it was read before."""
        shapes = self.by_length.get(len(record))
        if shapes is None:
            return None
        number = int.from_bytes(record, "big")
        for no, shape in enumerate(shapes):
            if number & shape.mask == shape.masked:
                self.spared += 1
                if no:
                    # What comes often comes to the front.
                    shapes[no], shapes[no // 2] = shapes[no // 2], shape
                return shape
        return None

    def learn(self, record: bytes, plan: Plan, values: Sequence[bytes], found: Texts) -> None:
        """Remember the shape of a record that was read element by element.

        Args:
            record: its octets.
            plan: what they mean.
            values: all of them.
            found: the named values of it, without its place in the file.
        """
        if self.made > _ON_TRIAL and self.spared < self.made * _WORTH:
            return
        shapes = self.by_length.setdefault(len(record), [])
        if len(shapes) >= _MOST_OF_A_LENGTH:
            shapes.pop()
        shapes.append(_shape(record, plan, values, found))
        self.made += 1


def _shape(record: bytes, plan: Plan, values: Sequence[bytes], found: Texts) -> RecordShape:
    charges = [
        amount for kind, amount in plan.charges if kind >= 0 and values[kind] == b"00"
    ] + plan.direct
    sums = {"camel": plan.camel, "tax": plan.taxes, "discount": plan.discounts}
    takes = [take for take in plan.takes if plan.names[take[1]] not in _FIXED]
    moving = {index for _, index, _ in takes} | {*charges, *plan.camel, *plan.taxes}
    moving |= {*plan.discounts, *([plan.start[0]] if plan.start else [])}
    spans = list(_spans(record, 0, len(record)))
    places = {index: place for place, index in enumerate(sorted(moving))}
    mask = _mask(record, plan.names, spans)
    same = dict(found)
    for name, _, _ in takes:
        same.pop(name)
    return RecordShape(
        mask=mask,
        masked=int.from_bytes(record, "big") & mask,
        unpack=_unpacker(len(record), [spans[index] for index in sorted(moving)]),
        same=same,
        takes=tuple((name, decode, places[index]) for name, index, decode in takes),
        start=places[plan.start[0]] if plan.start else None,
        zone=found.get("utc_offset") or "",
        charges=tuple(places[index] for index in charges),
        sums=tuple(
            (name, tuple(places[index] for index in where)) for name, where in sums.items() if where
        ),
    )


def _spans(record: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the values of a sound record begin and end."""
    while at < end:
        if record[at : at + 2] == b"\0\0":
            # The end of an element of unknown length; its beginning needed no account either.
            at += 2
            continue
        header = read_header(record, at)
        at += header.size
        if header.is_constructed:
            if header.length != OPEN:
                yield from _spans(record, at, at + header.length)
                at += header.length
            continue
        yield at, at + header.length
        at += header.length


def _mask(record: bytes, names: Sequence[str], spans: Sequence[tuple[int, int]]) -> int:
    """Return the bits that all records of the shape share: all but those of moving values.

    The sign of a number that is never below zero is among them: one that is has no shape.
    """
    mask = bytearray(b"\xff" * len(record))
    for name, (start, end) in zip(names, spans, strict=True):
        if name in _FIXED:
            continue
        mask[start:end] = bytes(end - start)
        if name in NEVER_NEGATIVE:
            mask[start] = 0x80
    return int.from_bytes(mask, "big")


def _unpacker(size: int, spans: Sequence[tuple[int, int]]) -> Callable[[bytes], tuple[bytes, ...]]:
    """Return what takes the octets at these places out of a record."""
    form, at = "", 0
    for start, end in spans:
        form += f"{start - at}x{end - start}s"
        at = end
    return struct.Struct(f"{form}{size - at}x").unpack
