"""A record that cannot be used is held back alone, with element, value and place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.simulator.roaming.ber import Part, ascii_text, digits, group, octets, whole
from ingestion.simulator.roaming.events import Event
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.tap import audit, event_record, tap_file
from ingestion.sources.elements import Element
from tests.unit.ingestion.tap.roaming import HEAD, event, layout, read
from tests.unit.ingestion.tap.test_files import AUDIT, EVENTS, changed

FIRST, LAST = event(charge=1), event("gprs", charge=2)
GOOD = tap_file(HEAD, [FIRST, LAST])
OFFSET = 0


def among_good_ones(record: bytes) -> Element:
    """The element that is made of a record between two good ones."""
    records = group(3, event_record(FIRST, OFFSET), record, event_record(LAST, OFFSET))
    content = changed(GOOD, EVENTS, records)
    content = changed(content, AUDIT, audit([FIRST, LAST], count=3))
    before, found, after = read(content)
    assert (before.reason, after.reason) == (None, None)
    return found


def told(element: Element) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(element.text or "{}")
    assert said["record"] == 2
    return said


def swapped(event: Event, old: Part, new: Part) -> bytes:
    """The record of an event with one element in place of another of the same length."""
    record = event_record(event, OFFSET)
    assert old and new and record.count(old) == 1 and len(old) == len(new)
    return record.replace(old, new)


BROKEN = [
    ("record_type", group(99, whole(1, 1)), "[APPLICATION 99]"),
    ("record_type", octets(9, b"\0"), "[APPLICATION 9]"),
    ("record_type", group(199, whole(129, 1)), "[APPLICATION 199]"),
    ("structure", group(9, b"\x7f\x81\x13\x05\x01"), "[APPLICATION 9]"),
    ("structure", group(9, b"\x5f"), "[APPLICATION 9]"),
    ("structure", group(9, b"\x5f\x81"), "[APPLICATION 9]"),
    ("structure", group(9, b"\x5f\x81\x81\x81\x01\x00"), "[APPLICATION 9]"),
    ("structure", group(9, b"\0\0"), "[APPLICATION 9]"),
    ("structure", group(9, b"\x7f\x13\x80"), "[APPLICATION 9]"),
    ("structure", group(9, *[b"\x7f\x13\x80"] * 99), "[APPLICATION 9]"),
    ("tag", group(9, octets(511, b"x")), "[APPLICATION 511]"),
    ("tag", group(9, b"\x81\x01\x00"), "[1]"),
    ("charge", group(9, group(147, digits(129, "262011234567890"))), "ChargeDetail"),
    (
        "charge",
        swapped(event(), ascii_text(71, "00"), ascii_text(71, "01")),
        "ChargeDetail",
    ),
    ("value", event_record(event(duration_seconds=1 << 20_000), 0), "TotalCallEventDuration"),
    ("value", event_record(event(charge=1 << 20_000), 0), "Charge"),
    ("value", event_record(event("gprs", charging_id=1 << 20_000), 0), "charging_id"),
    ("negative", event_record(event(duration_seconds=-1), 0), "TotalCallEventDuration"),
    ("negative", event_record(event("gprs", volume_incoming=-70), 0), "DataVolumeIncoming"),
    ("negative", event_record(event(charge=-12), 0), "Charge"),
    ("negative", event_record(event(tax=-12), 0), "TaxValue"),
    ("utc_offset", event_record(event(), 7), "UtcTimeOffsetCode"),
    ("exchange_rate", event_record(event(exchange_rate_code=9), 0), "ExchangeRateCode"),
    (
        "time",
        swapped(event(), ascii_text(16, "20260630231005"), ascii_text(16, "2026-06-30 23h")),
        "LocalTimeStamp",
    ),
    (
        "value",
        swapped(event(), ascii_text(279, "33612345678"), octets(279, b"336\xff2345678")),
        "dialled_digits",
    ),
]


@pytest.mark.parametrize(("reason", "record", "tag"), BROKEN)
def test_a_record_that_cannot_be_used_says_why(reason: str, record: bytes, tag: str) -> None:
    element = among_good_ones(record)
    said = told(element)
    assert (element.reason, said["tag"]) == (reason, tag)
    assert said["what"] and said["octets"] == record.hex()
    assert said["byte"] > 0


def test_the_value_that_is_wrong_is_told() -> None:
    said = told(among_good_ones(event_record(event(duration_seconds=-1), 0)))
    assert (said["tag"], said["value"]) == ("TotalCallEventDuration", "-1")
    said = told(among_good_ones(event_record(event(), 7)))
    assert said["value"] == "07" and "no offset of this code" in said["what"]


def test_a_wrong_time_of_nrtrde_is_held_back_alone() -> None:
    content = nrtrde_file(HEAD, [event(), event(utc_offset="9:00?"), event("gprs")])
    reasons = [one.reason for one in read(content, layout("nrtrde"))]
    assert reasons == [None, "utc_offset", None]


def test_charges_of_other_types_are_parts_of_the_total() -> None:
    """A call of 5 units in all, of which 3 are air time: the record charges 5."""
    record = event_record(event(charge=5, tax=None), OFFSET)
    total = group(63, ascii_text(71, "00"), whole(62, 5), whole(65, 61), whole(68, 61))
    part = group(63, ascii_text(71, "01"), whole(62, 3))
    assert record.count(total) == 1
    # The groups around grow by the part: charge information, its list, service, its list, record.
    details = group(64, total)
    grown = _grown(record, details, group(64, total, part))
    content = changed(GOOD, EVENTS, group(3, grown))
    content = changed(content, AUDIT, audit([event(charge=5, tax=None)]))
    ((only),) = read(content)
    assert (only.reason, only.values["charge_amount"]) == (None, "0.0005")


def _grown(record: bytes, old: bytes, new: bytes) -> bytes:
    """The record with one element in place of another, the lengths around it made right."""
    if record == old:
        return new
    at = 1
    if record[0] & 31 == 31:
        while record[at] & 128:
            at += 1
        at += 1
    head, size = record[:at], record[at]
    at += 1
    if size > 128:
        at += size - 128
    if not head[0] & 32 or old not in record:
        return record
    inner, found = record[at:], b""
    while inner:
        end = _size(inner)
        found += _grown(inner[:end], old, new)
        inner = inner[end:]
    length = bytes([len(found)]) if len(found) < 128 else b"\x82" + len(found).to_bytes(2, "big")
    return head + length + found


def _size(content: bytes) -> int:
    at = 1
    if content[0] & 31 == 31:
        while content[at] & 128:
            at += 1
        at += 1
    size = content[at]
    at += 1
    if size > 128:
        size, at = int.from_bytes(content[at : at + size - 128], "big"), at + size - 128
    return at + size


def test_a_day_that_never_was_is_no_matter_of_the_octets() -> None:
    """The contract sees to it: the reader hands the text on."""
    stamp = ascii_text(16, "20260231231005")
    free = event(charge=0, tax=None)
    record = swapped(free, ascii_text(16, "20260630231005"), stamp)
    assert among_good_ones(record).values["started_local"] == "2026-02-31 23:10:05"
