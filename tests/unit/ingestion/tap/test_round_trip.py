"""What the simulator writes is read again as it was, however the lengths are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.simulator.roaming.events import Event
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.rap import Return, acknowledgement, rap_file
from ingestion.simulator.roaming.tap import notification, tap_file
from tests.unit.ingestion.tap.roaming import (
    HEAD,
    KINDS,
    event,
    events,
    file_of,
    good,
    one_of_each,
    read,
    rewritten,
)

Rewrite = Callable[[bytes, bytes], bytes]
RECORD_TYPES = {"sms_mo": "moc", "sms_mt": "mtc"}
HAS_DURATION = ("moc", "mtc", "sms_mo", "sms_mt", "gprs", "session")
HAS_CAMEL = ("moc", "mtc", "sms_mo", "sms_mt", "gprs")
NO_DISCOUNT = ("messaging", "session")


def written(one: Event) -> Event:
    """The event as far as a file of its kind can say it."""
    changes: dict[str, None] = {}
    if one.kind not in HAS_CAMEL:
        changes["camel_fee"] = None
    if one.kind in NO_DISCOUNT:
        changes["discount"] = None
    return Event(**{**one.__dict__, **changes})


@settings(max_examples=60, deadline=None)
@given(some=st.lists(events().map(written), max_size=8), block=st.sampled_from([7, 200, 1 << 20]))
def test_events_come_back_as_they_were(some: list[Event], block: int) -> None:
    elements = read(tap_file(HEAD, some), block=block)
    assert [one.reason for one in elements] == [None] * len(some)
    for no, (one, element) in enumerate(zip(some, elements, strict=True), start=1):
        said = element.values
        assert element.row == no == int(said["record_no"] or 0)
        assert said["record_type"] == RECORD_TYPES.get(one.kind, one.kind)
        assert (said["imsi"], said.get("msisdn")) == (one.imsi, one.msisdn)
        assert said["started_local"] == str(one.started_local)
        assert said["started_at"] == f"{one.started_local}{one.utc_offset}"
        amounts = [
            (said[f"{name}_amount"], amount or 0)
            for name, amount in (
                ("charge", one.charge),
                ("camel_fee", one.camel_fee),
                ("tax", one.tax),
                ("discount", one.discount),
            )
        ]
        assert all(Decimal(text or "") * 10_000 == amount for text, amount in amounts)
        if one.kind in HAS_DURATION:
            assert said["duration_seconds"] == str(one.duration_seconds)
        if one.kind == "gprs":
            volumes = said["volume_incoming_bytes"], said["volume_outgoing_bytes"]
            assert volumes == (str(one.volume_incoming), str(one.volume_outgoing))
            assert said.get("partial_type") == one.partial_type
            assert said.get("charging_id") == (
                None if one.charging_id is None else str(one.charging_id)
            )


def indefinite(tag: bytes, content: bytes) -> bytes:
    if tag[0] & 32:
        return b"\x80" + content + b"\0\0"
    return minimal(tag, content)


def minimal(_: bytes, content: bytes) -> bytes:
    size = len(content)
    return (bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")) + content


def longest(_: bytes, content: bytes) -> bytes:
    return b"\x84" + len(content).to_bytes(4, "big") + content


@pytest.mark.parametrize("length", [indefinite, longest])
@pytest.mark.parametrize("block", [1, 64, 1 << 20])
def test_lengths_may_be_written_in_any_way(length: Rewrite, block: int) -> None:
    content = tap_file(HEAD, one_of_each())
    other = rewritten(content, length)
    assert len(other) > len(content)
    values = [
        [{**one.values, "byte_offset": ""} for one in read(made, block=block)]
        for made in (content, other)
    ]
    assert values[0] == values[1]
    assert len(values[0]) == len(KINDS)


def test_a_record_says_where_it_stands() -> None:
    content = tap_file(HEAD, one_of_each())
    for element in read(content):
        at = int(element.values["byte_offset"] or -1)
        assert content[at:].hex().startswith(element.text or "-")


def test_a_file_says_who_sent_it_and_what_it_adds_up_to() -> None:
    said = file_of(tap_file(HEAD, [event(), event("gprs", charge=5)]))
    wanted = {
        "file_kind": "tap",
        "file_type": "chargeable",
        "sender": "FRAF1",
        "recipient": "DEUAB",
        "sequence_no": "00012",
        "release": "3.12",
        "currency_code": "SDR",
        "sender_currency_code": "EUR",
        "record_count": "2",
        "records_broken": "0",
        # 1.2345 and 0.0005
        "total_charge_amount": "1.2350",
        "created_at": "2026-07-01 12:00:00+0000",
    }
    assert {name: said[name] for name in wanted} == wanted


def test_a_notification_is_a_file_without_records() -> None:
    content = notification(HEAD)
    assert read(content) == []
    assert file_of(content)["file_kind"] == "notification"


def test_nrtrde_comes_back_as_it_was() -> None:
    some = [event(kind) for kind in KINDS[:5]]
    content = nrtrde_file(HEAD, some)
    rows = good(content, "nrtrde")
    assert [row["record_type"] for row in rows] == ["moc", "mtc", "moc", "mtc", "gprs"]
    assert {row["imsi"] for row in rows} == {"262011234567890"}
    assert {row["started_at"] for row in rows} == {"2026-06-30 23:10:05+0200"}
    assert rows[0]["tele_service_code"] == "11" and rows[3]["calling_number"] == "33612345678"
    assert rows[4]["volume_incoming_bytes"] == "70000"
    assert "charge_amount" not in rows[0]
    said = file_of(content, "nrtrde")
    assert (said["sequence_no"], said["record_count"]) == ("0000012", "5")
    assert said["available_at"] == "2026-07-01 12:00:00+0000"


def test_returns_say_which_file_and_record_they_are_about() -> None:
    back = [
        Return("severe", 12, 30, 3, event("gprs")),
        Return("fatal", 13, 50),
        Return("missing", 14),
    ]
    rows = good(rap_file(HEAD, back), "rap")
    assert [row["record_type"] for row in rows] == [
        "severe_return",
        "fatal_return",
        "missing_return",
    ]
    severe, lost, missing = rows
    assert (severe["returned_sequence_no"], severe["returned_record_no"]) == ("00012", "3")
    assert (severe["error_codes"], severe["charge_amount"]) == ("30", "1.2345")
    assert (severe["imsi"], severe["started_local"]) == ("262011234567890", "2026-06-30 23:10:05")
    assert (lost["returned_sequence_no"], lost["error_codes"]) == ("00013", "50")
    assert missing["first_missing_sequence_no"] == "00014"


def test_what_is_spoilt_in_a_returned_record_is_left_out() -> None:
    """It may be the very reason for the return, which must land all the same."""
    spoilt = event(imsi="262", duration_seconds=-5, charge=7, tax=None)
    content = rap_file(HEAD, [Return("severe", 12, 30, 3, spoilt)])
    never = content.replace(b"20260630231005", b"20260231231005")
    for made, started in ((content, "2026-06-30 23:10:05"), (never, None)):
        (row,) = good(made, "rap")
        assert (row["returned_sequence_no"], row["error_codes"]) == ("00012", "30")
        assert (row["started_local"], row["charge_amount"]) == (started, "0.0007")
        assert "imsi" not in row and "duration_seconds" not in row


def test_a_return_of_a_charge_that_is_no_figure_lands() -> None:
    back = Return("severe", 12, 30, 3, event(charge=1 << 20_000))
    (row,) = good(rap_file(HEAD, [back]), "rap")
    assert row["returned_sequence_no"] == "00012" and "charge_amount" not in row


def test_old_returns_do_not_say_their_decimals() -> None:
    content = rap_file(HEAD, [Return("severe", 12, 30, 3, event())])
    places = b"\x5f\x81\x74\x01\x04"
    assert content.count(places) == 1
    (row,) = good(content.replace(places, b"\x5f\x81\x23\x01x"), "rap")
    assert row["returned_sequence_no"] == "00012" and "charge_amount" not in row


def test_an_acknowledgement_has_the_number_of_what_it_answers() -> None:
    said = file_of(acknowledgement(HEAD), "rap")
    assert (said["file_kind"], said["sequence_no"]) == ("acknowledgement", "00012")


def test_each_event_has_its_own_utc_offset() -> None:
    some = [
        event(utc_offset=zone, started_local=datetime.fromisoformat("2026-03-29T01:00:00"))
        for zone in ("+0100", "-0330")
    ]
    assert [row["started_at"] for row in good(tap_file(HEAD, some))] == [
        "2026-03-29 01:00:00+0100",
        "2026-03-29 01:00:00-0330",
    ]
