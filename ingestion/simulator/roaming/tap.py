"""TAP 3: a batch of events, or the notification that there were none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ingestion.simulator.roaming.ber import Part, ascii_text, digits, group, octets, whole
from ingestion.simulator.roaming.events import CALLS, DATA, MESSAGES, Event, FileHead

_STAMP = "%Y%m%d%H%M%S"
_TOTAL_CHARGE = "00"
_CONNECTED, _PER_DURATION, _PER_VOLUME, _PER_EVENT = 0, "D", "X", "E"
_SMS_SENT, _SMS_RECEIVED, _TELEPHONY = "22", "21", "11"
_RECORDING_ENTITY = 1


def tap_file(head: FileHead, events: Sequence[Event]) -> bytes:
    """Return a TransferBatch with these events, and an audit that agrees with them.

    Args:
        head: who, to whom, in which money.
        events: in the order in which they stand in the file.
    """
    offsets = {offset: no for no, offset in enumerate(sorted({e.utc_offset for e in events}))}
    records = [event_record(event, offsets[event.utc_offset]) for event in events]
    return group(
        1,
        group(4, *_control(head)),
        _accounting(head),
        _network(offsets, head),
        group(3, *records),
        audit(events),
    )


def notification(head: FileHead) -> bytes:
    """Return the file of a day without events; it has a number of the same sequence."""
    sender, recipient, number, created, cut_off, available, *rest = _control(head)
    return group(2, sender, recipient, number, created, available, cut_off, *rest)


def audit(events: Sequence[Event], *, count: int | None = None, charge: int = 0) -> bytes:
    """Return the audit of some events; `count` and `charge` make it state something else."""
    stamps = sorted((e.started_local, e.utc_offset) for e in events)
    ends = [_long(101, *stamps[0]), _long(133, *stamps[-1])] if stamps else []
    return group(
        15,
        *ends,
        whole(415, sum(e.charge + (_fee(e) or 0) for e in events) + charge),
        whole(226, sum(e.tax or 0 for e in events)),
        whole(225, sum(_discount(e) or 0 for e in events)),
        whole(43, len(events) if count is None else count),
    )


def _fee(event: Event) -> int | None:
    """Return the CAMEL fee, of events that have room for one."""
    return event.camel_fee if event.kind in (*CALLS, *MESSAGES, *DATA) else None


def _discount(event: Event) -> int | None:
    """Return the discount, of events that have room for one."""
    return None if event.kind in ("messaging", "session") else event.discount


def _control(head: FileHead) -> list[Part]:
    return [
        ascii_text(196, head.sender),
        ascii_text(182, head.recipient),
        ascii_text(109, f"{head.sequence_no:05d}"),
        _long(108, head.created_local, head.utc_offset),
        _long(227, head.created_local, head.utc_offset),
        _long(107, head.created_local, head.utc_offset),
        whole(201, 3),
        whole(189, head.release),
        ascii_text(110, "T" if head.is_test else None),
    ]


def _accounting(head: FileHead) -> bytes:
    taxes = group(216, whole(212, 1), ascii_text(217, "13"), ascii_text(215, head.tax_rate))
    rates = [
        group(106, whole(105, code), whole(159, places), whole(104, rate))
        for code, rate, places in head.rates
    ]
    return group(
        5,
        group(211, taxes),
        ascii_text(135, head.local_currency),
        ascii_text(210, head.currency),
        group(80, *rates),
        whole(244, head.decimal_places),
    )


def _network(offsets: dict[str, int], head: FileHead) -> bytes:
    zones = [group(233, whole(232, no), ascii_text(231, zone)) for zone, no in offsets.items()]
    entity = group(
        183, whole(184, _RECORDING_ENTITY), whole(186, 1), ascii_text(400, f"MSC{head.sender}")
    )
    return group(6, group(234, *zones), group(188, entity))


def event_record(event: Event, offset_code: int) -> bytes:
    """Return one event as an element of the list of events.

    Raises:
        ValueError: its kind is not written.
    """
    if event.kind in ("moc", "sms_mo"):
        return _originated(event, offset_code)
    if event.kind in ("mtc", "sms_mt"):
        return _terminated(event, offset_code)
    makers = {
        "gprs": _data,
        "messaging": _messaging,
        "session": _session,
        "supplementary": _supplementary,
        "service_centre": _service_centre,
    }
    if event.kind not in makers:
        raise ValueError(f"event of kind {event.kind!r} is not written to TAP files")
    return makers[event.kind](event, offset_code)


def _subscriber(event: Event) -> bytes:
    return group(427, group(199, digits(129, event.imsi), digits(152, event.msisdn)))


def _equipment(event: Event) -> Part:
    return group(429, digits(128, event.imei)) if event.imei else None


def _originated(event: Event, code: int) -> bytes:
    is_message = event.kind == "sms_mo"
    number = None if event.other_number is None else event.other_number
    destination = group(
        89,
        None if is_message else digits(407, number),
        None if is_message else ascii_text(279, number),
        ascii_text(419, number) if is_message else None,
    )
    basic = group(
        147,
        _subscriber(event),
        destination if number else None,
        _stamp(44, event.started_local, code),
        whole(223, event.duration_seconds),
        whole(58, _CONNECTED),
    )
    service = _SMS_SENT if is_message else _TELEPHONY
    parts = (_place(event), _equipment(event), _services(event, service), _camel(event))
    return group(9, basic, *parts)


def _terminated(event: Event, code: int) -> bytes:
    is_message = event.kind == "sms_mt"
    number = event.other_number
    originator = group(
        41,
        None if is_message else digits(405, number),
        ascii_text(425, number) if is_message else None,
    )
    basic = group(
        153,
        _subscriber(event),
        originator if number else None,
        _stamp(44, event.started_local, code),
        whole(223, event.duration_seconds),
        whole(58, _CONNECTED),
    )
    service = _SMS_RECEIVED if is_message else _TELEPHONY
    parts = (_place(event), _equipment(event), _services(event, service), _camel(event))
    return group(10, basic, *parts)


def _place(event: Event) -> bytes:
    network = group(
        156,
        whole(184, _RECORDING_ENTITY),
        octets(45, event.call_reference),
        whole(59, event.cell_id),
    )
    return group(138, network, _geography(event))


def _geography(event: Event) -> Part:
    return group(113, ascii_text(195, event.serving_network)) if event.serving_network else None


def _services(event: Event, service: str) -> bytes:
    code = group(36, group(426, ascii_text(218, service)))
    item = _PER_EVENT if event.kind.startswith("sms") else _PER_DURATION
    return group(38, group(39, code, group(70, _charge(event, item, 69))))


def _charge(event: Event, item: str, number: int) -> bytes:
    units = event.duration_seconds if item == _PER_DURATION else 1
    if item == _PER_VOLUME:
        units = event.volume_incoming + event.volume_outgoing
    total = group(
        63,
        ascii_text(71, _TOTAL_CHARGE),
        whole(62, event.charge),
        whole(65, units),
        whole(68, units),
    )
    discount = _discount(event)
    return group(
        number,
        ascii_text(66, item),
        whole(105, event.exchange_rate_code),
        _call_type(event),
        group(64, total),
        _tax(event),
        None if discount is None else group(96, whole(91, 1), whole(412, discount)),
    )


def _call_type(event: Event) -> bytes:
    first, second, third = event.call_type
    return group(258, whole(259, first), whole(255, second), whole(256, third))


def _tax(event: Event) -> Part:
    if event.tax is None:
        return None
    return group(214, group(213, whole(212, 1), whole(397, event.tax), whole(398, event.charge)))


def _camel(event: Event) -> Part:
    if event.camel_fee is None:
        return None
    return group(
        57, whole(55, 7), whole(105, event.exchange_rate_code), whole(422, event.camel_fee)
    )


def _data(event: Event, code: int) -> bytes:
    basic = group(
        114,
        group(115, _subscriber(event)),
        group(116, ascii_text(261, event.access_point)),
        _stamp(44, event.started_local, code),
        whole(223, event.duration_seconds),
        ascii_text(166, event.partial_type),
        whole(72, event.charging_id),
    )
    network = group(118, group(185, whole(184, _RECORDING_ENTITY)), whole(59, event.cell_id))
    used = group(
        121,
        whole(250, event.volume_incoming),
        whole(251, event.volume_outgoing),
        group(70, _charge(event, _PER_VOLUME, 69)),
    )
    place = group(117, network, _geography(event))
    return group(14, basic, place, _equipment(event), used, _camel(event))


def _party(event: Event) -> bytes:
    return group(436, digits(129, event.imsi), digits(152, event.msisdn))


def _reference(event: Event) -> str | None:
    return None if event.call_reference is None else event.call_reference.hex()


def _messaging(event: Event, code: int) -> bytes:
    return group(
        433,
        whole(439, 1),
        _party(event),
        _geography(event),
        ascii_text(435, _reference(event)),
        _stamp(447, event.started_local, code),
        whole(105, event.exchange_rate_code),
        _call_type(event),
        whole(62, event.charge),
        _tax(event),
    )


def _session(event: Event, code: int) -> bytes:
    return group(
        434,
        whole(440, 1),
        _party(event),
        _geography(event),
        ascii_text(435, _reference(event)),
        _stamp(447, event.started_local, code),
        whole(223, event.duration_seconds),
        group(448, _charge(event, _PER_DURATION, 449)),
    )


def _supplementary(event: Event, code: int) -> bytes:
    used = group(
        206,
        ascii_text(209, "11"),
        whole(208, 5),
        _stamp(74, event.started_local, code),
        _charge(event, _PER_EVENT, 69),
    )
    return group(11, _subscriber(event), _place(event), _equipment(event), used)


def _service_centre(event: Event, code: int) -> bytes:
    subscriber = group(286, digits(129, event.imsi), digits(152, event.msisdn))
    basic = group(191, group(430, subscriber), whole(67, 1), ascii_text(402, event.other_number))
    stamps = group(193, _stamp(88, event.started_local, code))
    return group(
        12,
        basic,
        ascii_text(195, event.serving_network),
        whole(184, _RECORDING_ENTITY),
        _charge(event, _PER_EVENT, 69),
        group(192, whole(144, 0)),
        stamps,
    )


def _stamp(number: int, moment: datetime, offset_code: int) -> bytes:
    return group(number, ascii_text(16, moment.strftime(_STAMP)), whole(232, offset_code))


def _long(number: int, moment: datetime, offset: str) -> bytes:
    return group(number, ascii_text(16, moment.strftime(_STAMP)), ascii_text(231, offset))
