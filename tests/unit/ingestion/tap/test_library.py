"""The walker and a maintained ASN.1 library agree on the same files, element by element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.simulator.roaming.events import Event
from ingestion.simulator.roaming.tap import notification, tap_file
from ingestion.sources.tap.tags import GROUP, INTEGER, tables
from ingestion.sources.tap.tlv import END, identifier, walk
from tests.unit.ingestion.tap.roaming import HEAD, events, good, one_of_each

schema = pytest.importorskip("pycrate_asn1dir.TAP3", reason="needs the extra tap").TAP_0312

Leaf = tuple[str, bytes | int]


def types() -> dict[str, Any]:
    """The types of the schema that have a tag of their own, by name."""
    named = {name: getattr(schema, name.replace("-", "_"), None) for name in schema._obj_}
    return {name: one for name, one in named.items() if one is not None and _number(one)}


def _number(one: Any) -> int | None:
    return one._tagc[0][1] if one._tagc and one._tagc[0][0] == 1 else None


def test_the_tags_are_those_of_the_schema() -> None:
    groups = ("SEQUENCE", "SEQUENCE OF", "CHOICE")
    wanted = {
        name: identifier(_number(one) or 0, is_group=one.TYPE in groups)
        for name, one in types().items()
    }
    table = tables()["tap"]
    assert {name: tag for tag, name in table.names.items()} == wanted
    assert len(wanted) > 300
    for name, one in types().items():
        kind = table.kinds[name]
        assert (kind == GROUP) == (one.TYPE in groups), name
        assert (kind == INTEGER) == (one.TYPE == "INTEGER"), name


def leaves(one: Any, value: Any) -> Iterator[Leaf]:
    """The values inside one of the library, in order, with the name of their type."""
    if one.TYPE == "SEQUENCE":
        for name, inner in one._cont.items():
            if name in value:
                yield from leaves(inner, value[name])
    elif one.TYPE == "SEQUENCE OF":
        for item in value:
            yield from leaves(one._cont, item)
    elif one.TYPE == "CHOICE":
        yield from leaves(one._cont[value[0]], value[1])
    else:
        names = {_number(kind): name for name, kind in types_by_tag().items()}
        yield names[_number(one)], value


def types_by_tag() -> dict[str, Any]:
    if not _CACHE:
        _CACHE.update(types())
    return _CACHE


_CACHE: dict[str, Any] = {}


def walked(content: bytes) -> list[Leaf]:
    """The same from the walker."""
    tags, values = walk(content, 0, len(content))
    table = tables()["tap"]
    names = [
        table.names[tag] for tag in tags if tag != END and table.kinds[table.names[tag]] != GROUP
    ]
    return [
        (name, int.from_bytes(value, "big", signed=True) if table.kinds[name] == INTEGER else value)
        for name, value in zip(names, values, strict=True)
    ]


def by_library(content: bytes) -> list[Leaf]:
    exchange = schema.DataInterChange
    exchange.from_ber(content)
    return list(leaves(exchange, exchange.get_val()))


@pytest.mark.parametrize("content", [tap_file(HEAD, one_of_each()), notification(HEAD)])
def test_both_read_the_same_values(content: bytes) -> None:
    found = walked(content)
    assert found == by_library(content)
    assert len(found) > 8


def allowed(one: Event) -> Event:
    """The event within the sizes of the schema, which only the library checks."""
    return replace(one, other_number="33612345678")


@settings(max_examples=25, deadline=None)
@given(some=st.lists(events().map(allowed), min_size=1, max_size=4))
def test_both_read_the_same_values_of_any_event(some: list[Event]) -> None:
    content = tap_file(HEAD, some)
    assert walked(content) == by_library(content)


def test_what_the_library_writes_is_read() -> None:
    exchange = schema.DataInterChange
    content = tap_file(HEAD, one_of_each())
    exchange.from_ber(content)
    assert walked(exchange.to_ber()) == walked(content)


STAMP = {"localTimeStamp": b"20260630231005", "utcTimeOffsetCode": 0}
# In all 500, of which 200 are for one part.
CHARGE = {
    "chargedItem": b"E",
    "exchangeRateCode": 0,
    "chargeDetailList": [
        {"chargeType": b"00", "charge": 500},
        {"chargeType": b"01", "charge": 200},
    ],
    "taxInformation": [{"taxCode": 1, "taxValue": 95}],
}
CONTENT = {
    "contentTransactionBasicInfo": {"orderPlacedTimeStamp": STAMP, "totalTransactionDuration": 9},
    "contentServiceUsed": [
        {
            "totalDataVolume": 1000,
            "transactionIdentifier": b"T1",
            "chargeRefundIndicator": 0,
            "chargeInformationList": [CHARGE, CHARGE],
        }
    ],
}
LOCATION = {
    "callReference": b"\x01\x02",
    "locationServiceUsage": {"chargingTimeStamp": STAMP, "chargeInformationList": [CHARGE]},
}


def test_every_kind_that_the_schema_knows_is_read() -> None:
    """Content and location services as the library writes them; amounts by hand."""
    exchange = schema.DataInterChange
    exchange.from_ber(tap_file(HEAD, one_of_each()))
    choice, batch = exchange.get_val()
    details = batch["callEventDetails"]
    details += [("contentTransaction", CONTENT), ("locationService", LOCATION)]
    audit = batch["auditControlInfo"]
    audit["callEventDetailsCount"] += 2
    audit["totalCharge"] += 3 * 500
    audit["totalTaxValue"] += 3 * 95
    exchange.set_val((choice, batch))
    made = exchange.to_ber()
    assert walked(made) == by_library(made)
    rows = good(made)
    # 2 x 500 and 500 of the smallest unit, with four decimals; parts of type 01 are in the total.
    assert [(row["record_type"], row["charge_amount"], row["tax_amount"]) for row in rows[-2:]] == [
        ("content", "0.1000", "0.0190"),
        ("location", "0.0500", "0.0095"),
    ]
    assert rows[-2]["duration_seconds"] == "9" and rows[-2]["volume_total_bytes"] == "1000"
    assert {row["started_at"] for row in rows[-2:]} == {"2026-06-30 23:10:05+0200"}
    kinds = {kind for kind, _ in schema.CallEventDetail._cont.items()}
    assert kinds == {kind for kind, _ in details}
