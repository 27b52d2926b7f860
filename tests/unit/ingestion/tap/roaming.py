"""Roaming files for tests: events by chance, files of them, and what reading them gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from ingestion.layout import Layout
from ingestion.simulator.roaming.events import Event, FileHead
from ingestion.sources.elements import Element
from ingestion.sources.tap import READER

NOON = datetime.fromisoformat("2026-07-01T12:00:00")
HEAD = FileHead("FRAF1", "DEUAB", 12, NOON)
KINDS = (
    *("moc", "mtc", "sms_mo", "sms_mt", "gprs"),
    *("messaging", "session", "supplementary", "service_centre"),
)


def event(kind: str = "moc", **changes: Any) -> Event:
    """An event of a kind with all that it may have."""
    values: dict[str, Any] = {
        "kind": kind,
        "imsi": "262011234567890",
        "started_local": datetime.fromisoformat("2026-06-30T23:10:05"),
        "utc_offset": "+0200",
        "charge": 12_345,
        "msisdn": "4915112345678",
        "other_number": "33612345678",
        "duration_seconds": 61,
        "volume_incoming": 70_000,
        "volume_outgoing": 300,
        "charging_id": 77,
        "call_reference": b"\x01\x02",
        "tax": 2_346,
        "imei": "35693803564380",
        "cell_id": 300,
        "serving_network": "FRAF1",
    }
    return Event(**{**values, **changes})


def one_of_each() -> list[Event]:
    return [event(kind, charge=1_000 + no) for no, kind in enumerate(KINDS)]


def layout(*kinds: str, records: str = "event", own: tuple[str, ...] = ()) -> Layout:
    return Layout(records=records, kinds=kinds or ("tap",), tadig_codes=own)


def read(
    content: bytes, said: Layout | None = None, name: str = "file", block: int = 1 << 20
) -> list[Element]:
    """The records of a file, read in blocks of a size; their number must be that counted."""
    said = said or layout()
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    elements = list(READER.walk(blocks, name, said))
    assert READER.count(blocks, name, said) == len(elements)
    return elements


def file_of(content: bytes, *kinds: str, name: str = "file") -> dict[str, str | None]:
    """What a file says of itself."""
    ((only),) = read(content, layout(*kinds, records="file"), name)
    return dict(only.values)


def good(content: bytes, *kinds: str) -> list[dict[str, str | None]]:
    """The values of records, all of which can be used."""
    elements = read(content, layout(*kinds))
    assert [one.reason for one in elements] == [None] * len(elements)
    return [dict(one.values) for one in elements]


def rewritten(content: bytes, length: Callable[[bytes, bytes], bytes]) -> bytes:
    """The same elements with the lengths written otherwise: `length` gets tag and content, and
    returns length and content."""
    found, at = b"", 0
    while at < len(content):
        start = at
        at += 1
        if content[start] & 31 == 31:
            while content[at] & 128:
                at += 1
            at += 1
        tag = content[start:at]
        size = content[at]
        at += 1
        if size > 128:
            size, at = (
                int.from_bytes(content[at : at + size - 128], "big"),
                at + content[at - 1] - 128,
            )
        inner = content[at : at + size]
        if tag[0] & 32:
            inner = rewritten(inner, length)
        found += tag + length(tag, inner)
        at += size
    return found


def events() -> st.SearchStrategy[Event]:
    """Events of every kind, with and without what they need not have."""
    digits = st.text("0123456789", min_size=1, max_size=15)
    return st.builds(
        Event,
        kind=st.sampled_from(KINDS),
        imsi=st.text("0123456789", min_size=14, max_size=15),
        started_local=st.datetimes(
            datetime.fromisoformat("2000-01-01T00:00:00"),
            datetime.fromisoformat("2099-12-31T00:00:00"),
        ).map(lambda moment: moment.replace(microsecond=0)),
        utc_offset=st.sampled_from(["+0000", "+0200", "-0330", "+0545", "-0800"]),
        charge=st.integers(0, 2**40),
        msisdn=st.none() | digits,
        other_number=st.none() | digits,
        duration_seconds=st.integers(0, 2**31),
        volume_incoming=st.integers(0, 2**50),
        volume_outgoing=st.integers(0, 2**50),
        charging_id=st.none() | st.integers(0, 2**32),
        call_reference=st.none() | st.binary(min_size=1, max_size=8),
        tax=st.none() | st.integers(0, 2**40),
        discount=st.none() | st.integers(0, 2**40),
        camel_fee=st.none() | st.integers(0, 2**20),
        exchange_rate_code=st.just(0),
        imei=st.none() | st.text("0123456789", min_size=14, max_size=16),
        cell_id=st.none() | st.integers(0, 2**16),
        serving_network=st.none() | st.just("FRAF1"),
        access_point=st.none() | st.just("internet"),
        partial_type=st.none() | st.sampled_from(["F", "I", "L"]),
    )
