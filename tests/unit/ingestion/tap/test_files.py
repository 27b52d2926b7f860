"""Files that are not what they claim to be, or do not add up, are refused with the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ingestion.errors import RoamingFileError
from ingestion.simulator.roaming.ber import Part, ascii_text, group, octets, whole
from ingestion.simulator.roaming.events import FileHead
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.rap import Return, acknowledgement, rap_file
from ingestion.simulator.roaming.tap import audit, notification, tap_file
from tests.unit.ingestion.tap.roaming import HEAD, event, good, layout, one_of_each, read

SOME = one_of_each()
GOOD = tap_file(HEAD, SOME)


def refusal(content: bytes, *kinds: str, name: str = "file", own: tuple[str, ...] = ()) -> str:
    """Why a file is refused, the same for its records and for itself."""
    said = []
    for records in ("event", "file"):
        with pytest.raises(RoamingFileError) as caught:
            read(content, layout(*kinds, records=records, own=own), name)
        assert caught.value.where == name and caught.value.fix
        said.append(caught.value.what)
    assert said[0] == said[1]
    return said[0]


def sections(content: bytes) -> list[bytes]:
    """The sections of a TAP file, from control to audit."""
    found, at = [], 4
    while at < len(content):
        size, start = content[at + 1], at
        at += 2
        if size > 128:
            size, at = int.from_bytes(content[at : at + size - 128], "big"), at + size - 128
        at += size
        found.append(content[start:at])
    return found


def changed(content: bytes, no: int, section: bytes | None) -> bytes:
    """A TAP file with one section in place of another, or without it."""
    parts = sections(content)
    parts[no : no + 1] = [] if section is None else [section]
    return group(1, *parts)


CONTROL, ACCOUNTING, NETWORK, EVENTS, AUDIT = range(5)


def test_the_parts_of_a_file_make_it_again() -> None:
    assert changed(GOOD, AUDIT, sections(GOOD)[AUDIT]) == GOOD


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (nrtrde_file(HEAD, [event()]), "NRTRDE, not TAP"),
        (nrtrde_file(HEAD, []), "NRTRDE, not TAP"),
        (rap_file(HEAD, [Return("fatal", 1)]), "RAP, which returns records"),
        (acknowledgement(HEAD), "a RAP acknowledgement"),
    ],
)
def test_another_kind_of_file_is_no_empty_batch(content: bytes, word: str) -> None:
    said = refusal(content)
    assert word in said and "this feed takes tap" in said


def test_a_tap_file_is_no_nrtrde_and_no_return() -> None:
    assert "a TAP batch" in refusal(GOOD, "nrtrde")
    assert "a TAP notification" in refusal(notification(HEAD), "rap")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"hello, this is text", "begins no TAP"),
        (b"\x30\x03\x02\x01\x01", "[UNIVERSAL 16] begins no TAP"),
        (b"\x61\x00", "the sections of neither"),
        (b"\x61\x80\x00\x00", "the sections of neither"),
        (b"\x61", "ends inside a tag or length"),
    ],
)
def test_what_is_no_roaming_file_is_said_so(content: bytes, word: str) -> None:
    assert word in refusal(content)


def test_two_files_put_together_are_seen_with_the_place() -> None:
    for second in (GOOD, notification(HEAD), nrtrde_file(HEAD, SOME[:2])):
        said = refusal(GOOD + second)
        assert said.startswith(f"fatal, byte {len(GOOD)}: ") and "two were put together" in said


@pytest.mark.parametrize("rest", [b"\0", b"\n", b"\xff" * 9, b"\x63\x00"])
def test_octets_behind_the_end_are_seen_with_the_place(rest: bytes) -> None:
    for content in (GOOD, notification(HEAD)):
        said = refusal(content + rest)
        assert said.startswith(f"fatal, byte {len(content)}: ") and "belong to nothing" in said


@pytest.mark.parametrize("release", [9, 13, 2])
def test_a_release_that_is_not_read_is_refused(release: int) -> None:
    for content in (
        tap_file(replace(HEAD, release=release), SOME),
        notification(replace(HEAD, release=release)),
    ):
        assert f"release 3.{release} of" in refusal(content)


@pytest.mark.parametrize("release", [10, 11, 12])
def test_three_releases_are_read(release: int) -> None:
    assert len(good(tap_file(replace(HEAD, release=release), SOME))) == len(SOME)


@pytest.mark.parametrize("code", ["FRA", "fraf1", "FR-F1", "12345", "FRAF12", ""])
def test_a_sender_that_is_no_tadig_code_is_refused(code: str) -> None:
    said = refusal(tap_file(replace(HEAD, sender=code), SOME))
    assert f"Sender = {code!r}" in said and "TADIG" in said


def test_a_file_for_somebody_else_is_refused() -> None:
    assert "neither is among tadig_codes" in refusal(GOOD, own=("ESPXX",))
    for code, way in (("DEUAB", "in"), ("FRAF1", "out")):
        ((only),) = read(GOOD, layout(records="file", own=("USAXX", code)))
        assert only.values["direction"] == way


@pytest.mark.parametrize("number", [0, 100_000])
def test_numbers_go_from_1_to_99999(number: int) -> None:
    assert "FileSequenceNumber" in refusal(tap_file(replace(HEAD, sequence_no=number), SOME))
    assert good(tap_file(replace(HEAD, sequence_no=99_999), SOME))


@pytest.mark.parametrize(
    ("section", "word"),
    [
        (audit(SOME, count=8), "CallEventDetailsCount says 8 records, the file holds 9"),
        (audit(SOME, charge=1), "TotalCharge says 9037, the records add up to 9036"),
        (audit([replace(one, tax=1) for one in SOME]), "TotalTaxValue says 9"),
        # Two kinds of event have no room for a discount.
        (audit([replace(one, discount=1) for one in SOME]), "TotalDiscountValue says 7"),
        (group(15, whole(415, 9036)), "CallEventDetailsCount is missing"),
        (group(15, whole(43, 9)), "TotalCharge is missing"),
        (None, "CallEventDetailsCount is missing"),
    ],
)
def test_an_audit_that_does_not_agree_is_refused(section: bytes | None, word: str) -> None:
    # Charges 1000 to 1008 add up to 9036.
    assert word in refusal(changed(GOOD, AUDIT, section))


def test_nrtrde_and_returns_count_too() -> None:
    content = nrtrde_file(HEAD, [event()])
    assert "CallEventsCount says 2" in refusal(content[:-1] + b"\2", "nrtrde")
    content = rap_file(HEAD, [Return("missing", 14)])
    assert "ReturnDetailsCount says 2" in refusal(content[:-1] + b"\2", "rap")


def without(section: bytes, *elements: Part) -> bytes:
    """What a section of less than 128 octets holds, without some of its elements."""
    assert section[1] == len(section) - 2
    inner = section[2:]
    for element in elements:
        assert element and inner.count(element) == 1
        inner = inner.replace(element, b"")
    return inner


def test_without_decimal_places_or_currency_nothing_has_a_value() -> None:
    section = sections(GOOD)[ACCOUNTING]
    places, file_money = whole(244, 4), ascii_text(210, "SDR")
    none = group(5, without(section, places))
    assert "TapDecimalPlaces is missing" in refusal(changed(GOOD, ACCOUNTING, none))
    wild = group(5, without(section, places), whole(244, 7))
    assert "TapDecimalPlaces = 7" in refusal(changed(GOOD, ACCOUNTING, wild))
    local = group(5, without(section, file_money))
    assert good(changed(GOOD, ACCOUNTING, local))[0]["currency_code"] == "EUR"
    poor = group(5, without(section, file_money, ascii_text(135, "EUR")))
    assert "TapCurrency" in refusal(changed(GOOD, ACCOUNTING, poor))


def test_sections_stand_in_order_and_once() -> None:
    parts = sections(GOOD)
    swapped = group(1, parts[0], parts[3], parts[1], parts[2], parts[4])
    assert "wrong place" in refusal(swapped) or "is missing" in refusal(swapped)
    twice = group(1, *parts[:4], parts[3], parts[4])
    assert "CallEventDetailList stands there twice" in refusal(twice)
    assert "no section of tap" in refusal(group(1, *parts, group(77, whole(1, 1))))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("CDFRAF1DEUAB00013", "sequence_no 00013"),
        ("in/CDFRAF2DEUAB00012.gz", "sender FRAF2"),
        ("TDFRAF1DEUAC00012", "recipient DEUAC"),
        ("NRFRAF1DEUAB0000012", "kind nrtrde"),
        ("RCFRAF1DEUAB00012", "kind rap"),
    ],
)
def test_a_name_that_says_something_else_is_refused(name: str, word: str) -> None:
    assert f"its name says {word}" in refusal(GOOD, name=name)


@pytest.mark.parametrize(
    "name", [HEAD.name, f"day/{HEAD.name}.dat", "whatever", "CD1", "CDRARCHIVE2026070112345"]
)
def test_other_names_are_as_good_as_any(name: str) -> None:
    assert len(read(GOOD, name=name)) == len(SOME)
    assert read(notification(HEAD), name=HEAD.name) == []


def test_a_test_file_says_that_it_is_one() -> None:
    content = tap_file(replace(HEAD, is_test=True), SOME)
    assert good(content)[0]["file_type"] == "test"
    spoilt = content.replace(ascii_text(110, "T") or b"", ascii_text(110, "X") or b"")
    assert "FileTypeIndicator = 'X'" in refusal(spoilt)


def test_figures_longer_than_any_are_refused() -> None:
    """A number of thousands of octets cannot even be written out."""
    huge = b"\x11" * 3_000
    for element in (octets(43, huge), octets(415, huge), octets(226, huge), octets(225, b"")):
        spoilt = group(15, whole(43, 9), whole(415, 9_036), whole(226, 9 * 2_346), element)
        assert "octets, and is no figure" in refusal(changed(GOOD, AUDIT, spoilt))
    for place, number in ((104, b""), (104, huge), (159, b""), (159, huge)):
        rate = {105: whole(105, 0), 159: whole(159, 5), 104: whole(104, 118_500)}
        rate[place] = octets(place, number)
        money = group(
            5, ascii_text(135, "EUR"), group(80, group(106, *rate.values())), whole(244, 4)
        )
        assert "octets, and is no figure" in refusal(changed(GOOD, ACCOUNTING, money))
    control = group(4, octets(196, huge))
    assert "Sender has 3000 octets" in refusal(changed(GOOD, CONTROL, control))
    places = group(5, ascii_text(135, "EUR"), octets(244, huge))
    assert "TapDecimalPlaces has 3000 octets" in refusal(changed(GOOD, ACCOUNTING, places))


def test_an_empty_batch_adds_up_to_nothing() -> None:
    assert read(tap_file(HEAD, [])) == []


@pytest.mark.parametrize("charge", ["with", "without"])
def test_camel_fees_may_be_in_the_total_or_beside_it(charge: str) -> None:
    some = [event(charge=100, camel_fee=7, tax=None)]
    content = tap_file(HEAD, some)
    if charge == "without":
        content = changed(content, AUDIT, audit([replace(some[0], camel_fee=None)]))
    (row,) = good(content)
    assert (row["charge_amount"], row["camel_fee_amount"]) == ("0.0100", "0.0007")


def test_no_element_is_taken_into_memory_that_is_longer_than_one_may_be() -> None:
    huge = b"\x61\x84\x7f\xff\xff\xff\x64\x84\x70\x00\x00\x00" + b"\0" * 40
    assert "longer than" in refusal(huge)


def test_times_of_a_file_must_be_times() -> None:
    head = FileHead(
        "FRAF1", "DEUAB", 1, datetime.fromisoformat("2026-07-01T00:00:00"), utc_offset="+9900"
    )
    assert "UtcTimeOffset = '+9900'" in refusal(tap_file(head, [event()]))
