"""A roaming partner of a simulated operator: its files of some days, in and out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from ingestion.simulator.draws import Ints, below, high, low, mix
from ingestion.simulator.roaming.events import Event, FileHead
from ingestion.simulator.roaming.nrtrde import nrtrde_file, nrtrde_name
from ingestion.simulator.roaming.tap import notification, tap_file

_KINDS = ("moc", "moc", "mtc", "sms_mo", "gprs", "gprs", "gprs", "gprs")
_MESSAGES = ("sms_mo", "sms_mt")
# Charges with four decimals: a second 0.0020, ten kB 0.0030, a message 0.0500; tax 19 %.
_PER_SECOND, _PER_TEN_KB, _PER_MESSAGE, _TAX_PERCENT = 20, 30, 500, 19
_LONGEST_SECONDS, _MOST_BYTES, _IMSIS = 1_800, 40_000_000, 5_000
_LAST = 99_999


@dataclass(frozen=True)
class Partner:
    """A network abroad: its TADIG code and clock, and the prefix of the IMSIs at home with it."""

    tadig_code: str
    imsi_prefix: str
    utc_offset: str = "+0200"
    first_sequence_no: int = 1


@dataclass(frozen=True)
class RoamingFile:
    """A file as it is exchanged: its name, its octets, and the events in it."""

    name: str
    content: bytes
    events: tuple[Event, ...]


def partner_files(
    visited: Partner, home: Partner, first_day: date, days: int, events_per_day: int, seed: int
) -> Iterator[RoamingFile]:
    """Yield for each day the TAP and the NRTRDE file that a visited network sends home.

    TAP of a day without events is a notification; after number 99999 comes 1. What the operator
    sends out is the same with both sides swapped.

    Args:
        visited: who sends.
        home: who receives; its subscribers are those abroad.
        first_day: of the events.
        days: how many of them.
        events_per_day: events of each.
        seed: the same gives the same octets.
    """
    for no in range(days):
        day = first_day + timedelta(days=no)
        events = day_events(visited, home, day, events_per_day, seed + no)
        number = (visited.first_sequence_no - 1 + no) % _LAST + 1
        made = datetime.combine(day + timedelta(days=1), time(3))
        head = FileHead(visited.tadig_code, home.tadig_code, number, made, visited.utc_offset)
        content = tap_file(head, events) if events else notification(head)
        yield RoamingFile(head.name, content, tuple(events))
        yield RoamingFile(nrtrde_name(head), nrtrde_file(head, events), tuple(events))


def day_events(visited: Partner, home: Partner, day: date, count: int, seed: int) -> list[Event]:
    """Return the events of one day abroad, in the order of their time."""
    counter = np.arange(count, dtype=np.uint64)
    draws = [mix(counter, seed, salt) for salt in range(6)]
    kinds, subscribers = below(low(draws[0]), len(_KINDS)), below(high(draws[0]), _IMSIS)
    seconds, at = below(low(draws[1]), _LONGEST_SECONDS), np.sort(below(high(draws[1]), 86_400))
    volumes, others = below(low(draws[2]), _MOST_BYTES), below(high(draws[2]), 10**9)
    cells, sessions = below(low(draws[3]), 65_535), below(high(draws[3]), 2**31)
    midnight = datetime.combine(day, time())
    rows: Sequence[Ints] = (kinds, subscribers, seconds, volumes, others, cells, sessions, at)
    return [
        _event(visited, home, midnight + timedelta(seconds=int(row[-1])), [int(x) for x in row])
        for row in zip(*rows, strict=True)
    ]


def _event(visited: Partner, home: Partner, started: datetime, row: Sequence[int]) -> Event:
    which, subscriber, seconds, volume, other, cell, session, _ = row
    kind = _KINDS[which]
    is_data = kind == "gprs"
    duration = 0 if kind in _MESSAGES else seconds + 1
    charge = _PER_MESSAGE if kind in _MESSAGES else duration * _PER_SECOND
    if is_data:
        charge = -(-volume // 10_240) * _PER_TEN_KB
    return Event(
        kind=kind,
        imsi=f"{home.imsi_prefix}{subscriber:0{15 - len(home.imsi_prefix)}d}",
        started_local=started,
        utc_offset=visited.utc_offset,
        charge=charge,
        msisdn=f"49151{subscriber:08d}",
        other_number=f"49{other + 10**9}",
        duration_seconds=duration,
        volume_incoming=volume if is_data else 0,
        volume_outgoing=volume // 9 if is_data else 0,
        charging_id=session if is_data else None,
        call_reference=None if is_data else session.to_bytes(4, "big"),
        tax=(charge * _TAX_PERCENT + 50) // 100,
        cell_id=cell,
        serving_network=visited.tadig_code,
    )
