"""What is exchanged: a file's head and the events in it, before they are octets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CALLS, MESSAGES, DATA = ("moc", "mtc"), ("sms_mo", "sms_mt"), ("gprs",)
KINDS = (*CALLS, *MESSAGES, *DATA, "messaging", "session", "supplementary", "service_centre")


@dataclass(frozen=True)
class Event:
    """One event abroad: amounts in the smallest unit of the file, volumes in bytes.

    `started_local` is local time where it happened, `utc_offset` such as `+0200`; `charge` is the
    total without tax and discount.
    """

    kind: str
    imsi: str
    started_local: datetime
    utc_offset: str
    charge: int
    msisdn: str | None = None
    other_number: str | None = None
    duration_seconds: int = 0
    volume_incoming: int = 0
    volume_outgoing: int = 0
    charging_id: int | None = None
    call_reference: bytes | None = None
    tax: int | None = None
    discount: int | None = None
    camel_fee: int | None = None
    exchange_rate_code: int | None = 0
    call_type: tuple[int, int, int] = (1, 1, 0)
    imei: str | None = None
    cell_id: int | None = None
    serving_network: str | None = None
    access_point: str | None = "internet"
    partial_type: str | None = None


@dataclass(frozen=True)
class FileHead:
    """Who sends what to whom: the figures that stand before and behind the events.

    `rates` are (code, rate, decimals of it), from the currency of the file to the local one.
    """

    sender: str
    recipient: str
    sequence_no: int
    created_local: datetime
    utc_offset: str = "+0000"
    release: int = 12
    is_test: bool = False
    currency: str = "SDR"
    local_currency: str = "EUR"
    decimal_places: int = 4
    rates: tuple[tuple[int, int, int], ...] = ((0, 118500, 5),)
    tax_rate: str = "1900000"

    @property
    def name(self) -> str:
        """Return the name that a TAP file of this head is exchanged under."""
        kind = "T" if self.is_test else "C"
        return f"{kind}D{self.sender}{self.recipient}{self.sequence_no:05d}"
