"""NRTRDE 2.1: events a few hours after they happened, without their price."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.simulator.roaming.ber import ascii_text, digits, group, whole
from ingestion.simulator.roaming.events import Event, FileHead

_STAMP = "%Y%m%d%H%M%S"
_CONNECTED = 0


def nrtrde_file(head: FileHead, events: Sequence[Event]) -> bytes:
    """Return a file of calls and data sessions.

    Args:
        head: sender, recipient, number and time; NRTRDE numbers by itself.
        events: calls, messages and data sessions.
    """
    return group(
        1,
        whole(41, 2),
        whole(37, 1),
        ascii_text(38, head.sender),
        ascii_text(36, head.recipient),
        ascii_text(39, nrtrde_number(head)),
        ascii_text(31, head.created_local.strftime(_STAMP)),
        ascii_text(45, head.utc_offset),
        group(2, *map(_record, events)),
        whole(20, len(events)),
    )


def nrtrde_number(head: FileHead) -> str:
    """Return the number of a file: seven digits."""
    return f"{head.sequence_no:07d}"


def nrtrde_name(head: FileHead) -> str:
    """Return the name that a file is exchanged under."""
    return f"NR{head.sender}{head.recipient}{nrtrde_number(head)}"


def _record(event: Event) -> bytes:
    start = (
        digits(34, event.imsi),
        digits(33, event.imei),
        ascii_text(21, event.started_local.strftime(_STAMP)),
        ascii_text(45, event.utc_offset),
        whole(19, event.duration_seconds),
        whole(24, _CONNECTED),
    )
    end = (ascii_text(15, event.serving_network), digits(49, event.msisdn))
    if event.kind == "gprs":
        return group(
            5,
            *start,
            ascii_text(16, event.access_point),
            whole(28, event.volume_incoming),
            whole(29, event.volume_outgoing),
            whole(26, event.charging_id),
            *end,
        )
    service = {"sms_mo": "22", "sms_mt": "21"}.get(event.kind, "11")
    code = group(46, ascii_text(43, service))
    if event.kind in ("mtc", "sms_mt"):
        return group(4, *start, code, ascii_text(22, event.other_number), *end)
    return group(3, *start, code, ascii_text(30, event.other_number), *end)
