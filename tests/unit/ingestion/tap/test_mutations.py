"""Whatever befalls a roaming file, each record is read, held back, or the file is refused.

The accidents are made with a fixed seed; nothing else may come of them than an error that names the
file, and no record may vanish.
"""

from __future__ import annotations

import random

import pytest

from ingestion.errors import RoamingFileError
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.rap import Return, rap_file
from ingestion.simulator.roaming.tap import notification, tap_file
from ingestion.sources.tap import READER
from ingestion.sources.tap.kinds import KINDS
from tests.unit.ingestion.tap.roaming import HEAD, event, file_of, layout, one_of_each

ALL = tuple(KINDS)
FILES = {
    "tap": tap_file(HEAD, one_of_each()),
    "notification": notification(HEAD),
    "nrtrde": nrtrde_file(HEAD, [event(kind) for kind in ("moc", "mtc", "gprs")]),
    "rap": rap_file(HEAD, [Return("severe", 12, 30, 3, event("gprs")), Return("fatal", 1, 5)]),
}
COUNTS = {"tap": 9, "notification": 0, "nrtrde": 3, "rap": 2}
MANY, SEED = 10_000, 20_260_701


def outcome(content: bytes) -> tuple[int, int] | None:
    """Records that were read and held back, or None where the file is refused."""
    said = layout(*ALL)
    good = broken = 0
    try:
        for element in READER.walk([content], "file", said):
            good += element.reason is None
            broken += element.reason is not None
    except RoamingFileError as error:
        assert error.what.startswith("fatal") and error.where == "file" and error.fix
        # Counting never fails where reading did.
        READER.count([content], "file", said)
        return None
    assert READER.count([content], "file", said) == good + broken
    return good, broken


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_cut_off_anywhere_is_refused(kind: str) -> None:
    content = FILES[kind]
    assert outcome(content) == (COUNTS[kind], 0)
    for end in range(len(content)):
        assert outcome(content[:end]) is None, end


@pytest.mark.parametrize("kind", FILES)
def test_no_octet_can_be_lost_without_being_seen(kind: str) -> None:
    content = FILES[kind]
    for at in range(len(content)):
        assert outcome(content[:at] + content[at + 1 :]) is None, at


def spoil(content: bytes, draw: random.Random) -> bytes:
    """The file after one to three accidents: bits, octets and pieces changed, lost or doubled."""
    for _ in range(draw.randint(1, 3)):
        at, length = draw.randrange(len(content) + 1), draw.choice([1, 1, 2, 3, 20, 200])
        piece = content[at : at + length]
        accident = draw.randrange(6)
        if accident == 0:
            piece = bytes(octet ^ 1 << draw.randrange(8) for octet in piece[:1])
            content = content[:at] + piece + content[at + 1 :]
        elif accident == 1:
            content = content[:at] + draw.randbytes(len(piece)) + content[at + len(piece) :]
        elif accident == 2:
            content = content[:at] + piece + content[at:]
        elif accident == 3:
            content = content[:at] + content[at + length :]
        elif accident == 4:
            content = (
                content[:at]
                + draw.choice([b"\0\0", b"\x80", b"\x84\xff\xff\xff\xff"])
                + content[at:]
            )
        else:
            other = draw.randrange(len(content) + 1)
            content = content[:at] + content[other : other + length] + content[at + length :]
    return content


@pytest.mark.parametrize("kind", FILES)
def test_ten_thousand_accidents_lose_no_record(kind: str) -> None:
    content, draw = FILES[kind], random.Random(SEED)  # noqa: S311 - accidents, no secrets
    read = held = refused = 0
    for _ in range(MANY if kind == "tap" else MANY // 10):
        spoilt = spoil(content, draw)
        found = outcome(spoilt)
        if found is None:
            refused += 1
            continue
        good, broken = found
        if good + broken != COUNTS[kind]:
            # Records may only be fewer where the audit was spoilt in the same way.
            said = file_of(spoilt, *ALL)
            assert said["record_count"] == str(good + broken), spoilt.hex()
        read += not broken
        held += bool(broken)
    # The accidents reach every outcome.
    assert refused > 0 and (kind != "tap" or (read > 0 and held > 0)), (read, held, refused)
