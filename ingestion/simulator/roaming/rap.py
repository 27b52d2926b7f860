"""RAP 1.5: returns of TAP files and of their records, and acknowledgements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.simulator.roaming.ber import Part, ascii_text, group, whole
from ingestion.simulator.roaming.events import Event, FileHead
from ingestion.simulator.roaming.tap import event_record

_STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True)
class Return:
    """One return: of a file (fatal), of a record (severe: with event and place), or a missing one.

    `sequence_no` is that of the TAP file; of a missing one, the first that is missing.
    """

    kind: str
    sequence_no: int
    error_code: int = 0
    record_no: int | None = None
    event: Event | None = None


def rap_file(head: FileHead, returns: Sequence[Return]) -> bytes:
    """Return a ReturnBatch; `head` is that of the RAP file, its sender received the TAP file."""
    severe = [one.event.charge for one in returns if one.kind == "severe" and one.event]
    return group(
        534,
        group(
            537,
            ascii_text(196, head.sender),
            ascii_text(182, head.recipient),
            ascii_text(181, f"{head.sequence_no:05d}"),
            _long(526, head),
            _long(525, head),
            whole(201, 3),
            whole(189, head.release),
            whole(544, 1),
            whole(543, 5),
            ascii_text(110, "T" if head.is_test else None),
            ascii_text(210, head.currency),
            whole(244, head.decimal_places),
        ),
        group(536, *map(_detail, returns)),
        group(541, whole(533, sum(severe)), whole(528, len(returns))),
    )


def acknowledgement(head: FileHead) -> bytes:
    """Return the receipt of a RAP file of this number."""
    return group(
        535,
        ascii_text(196, head.sender),
        ascii_text(182, head.recipient),
        ascii_text(181, f"{head.sequence_no:05d}"),
        _long(516, head),
        _long(515, head),
        ascii_text(110, "T" if head.is_test else None),
    )


def _detail(one: Return) -> bytes:
    number = f"{one.sequence_no:05d}"
    if one.kind == "missing":
        return group(538, ascii_text(532, number))
    if one.kind == "fatal":
        return group(539, ascii_text(109, number), group(542, _errors(one)))
    event = event_record(one.event, 0) if one.event else None
    return group(540, ascii_text(109, number), event, _errors(one))


def _errors(one: Return) -> bytes:
    """Return the error and the path to the element that is wrong: batch, list, record."""
    steps: list[Part] = [group(545, whole(546, 1), whole(548, 1))]
    if one.record_no is not None:
        steps.append(group(545, whole(546, 3), whole(547, one.record_no), whole(548, 2)))
    return group(520, group(521, whole(519, one.error_code), group(549, *steps)))


def _long(number: int, head: FileHead) -> bytes:
    stamp = ascii_text(16, head.created_local.strftime(_STAMP))
    return group(number, stamp, ascii_text(231, head.utc_offset))
