"""What a roaming file says of itself, before its records: who sent it, to whom, in which money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingestion.errors import RoamingFileError
from ingestion.sources.tap.events import local_time
from ingestion.sources.tap.tags import (
    LOCAL_TIME,
    Table,
    ValueSpoiltError,
    figure,
    integer,
    tag_text,
    text,
)
from ingestion.sources.tap.tlv import END, MalformedError, walk

RELEASES = {
    "tap": ("3.10", "3.11", "3.12"),
    "nrtrde": ("2.1", "2.0", "1.1", "1.0"),
    "rap": ("1.1", "1.2", "1.3", "1.4", "1.5"),
}
_TADIG = re.compile(r"[A-Z]{3}[A-Z0-9]{2}")
_OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")
_MOST_PLACES = 6
# Octets of a value that is read here; it stands in messages.
_LONGEST_TEXT = 40
# Names of files as they are exchanged: kind, chargeable or test, sender, recipient, number.
_SIDES = r"(?P<from>[A-Z]{3}[A-Z0-9]{2})(?P<to>[A-Z]{3}[A-Z0-9]{2})"
_NAMES = {
    re.compile(rf"[CT]D{_SIDES}(?P<no>\d{{5}})(?![A-Za-z0-9])"): "tap",
    re.compile(rf"R[CT]{_SIDES}(?P<no>\d{{5}})(?![A-Za-z0-9])"): "rap",
    re.compile(rf"A[CT]{_SIDES}(?P<no>\d{{5}})(?![A-Za-z0-9])"): "ack",
    re.compile(rf"NR{_SIDES}(?P<no>\d{{7}})(?![A-Za-z0-9])"): "nrtrde",
}


@dataclass(frozen=True)
class Item:
    """An element with a value: its type, the group around it, and which group of that name."""

    name: str
    parent: str
    group: int
    value: bytes


@dataclass
class Head:
    """Kind and values of a file; `values` are by the names that a mapping may use."""

    kind: str
    values: dict[str, str | None]
    places: int | None = None
    offsets: dict[bytes, str] = field(default_factory=dict)
    rates: dict[bytes, str] = field(default_factory=dict)


def items_of(element: bytes, table: Table, where: str, offset: int) -> list[Item]:
    """Return the elements with a value inside one that is no record.

    Raises:
        RoamingFileError: a tag is not of this kind of file.
    """
    try:
        tags, values = walk(element, 0, len(element))
    except MalformedError as error:
        raise fatal(error.what, where, offset + error.at) from error
    around: list[tuple[str, int]] = [("", 0)]
    found: list[Item] = []
    for no, tag in enumerate(tags):
        if tag == END:
            around.pop()
            continue
        name = table.names.get(tag)
        if name is None:
            raise fatal(f"{tag_text(tag)} is no element of this kind of file", where, offset)
        if table.kinds[name] == "group":
            around.append((name, no))
        else:
            found.append(Item(name, *around[-1], values[len(found)]))
    return found


def fatal(what: str, where: str, offset: int | None = None, fix: str = "") -> RoamingFileError:
    """Return the error of a file of which nothing may be used: what TD.57 calls fatal."""
    return RoamingFileError(
        f"fatal: {what}" if offset is None else f"fatal, byte {offset}: {what}",
        where=where,
        effect="nothing was loaded from it; what it charges is not settled",
        fix=fix or "return it to its sender (RAP, fatal return) and ask for it again",
    )


def make_head(kind: str, items: Iterable[Item], where: str, codes: tuple[str, ...]) -> Head:
    """Return what the sections before the records say, once it is checked.

    Args:
        kind: tap, notification, nrtrde, rap or acknowledgement.
        items: of all sections so far.
        where: name of the file.
        codes: TADIG codes of the operator; empty when it is not said.

    Raises:
        RoamingFileError: it is of a release that is not read, names nobody, numbers nothing, or is
            for somebody else.
    """
    listed = list(items)
    reader = _Reader(kind, listed, where)
    values = reader.values(codes)
    head = Head(kind, values)
    head.places = reader.places()
    head.offsets = reader.offsets()
    head.rates = reader.rates()
    _check_name(head, where)
    return head


class _Reader:
    """Looks values up by the name of their type, and says what is wrong with them."""

    def __init__(self, kind: str, items: list[Item], where: str) -> None:
        self.kind, self.items, self.where = kind, items, where

    def find(self, name: str, parent: str | None = None) -> bytes | None:
        """Return the value of the first element of a name."""
        for item in self.items:
            if item.name == name and parent in (None, item.parent):
                return item.value
        return None

    def said(self, name: str) -> str | None:
        """Return a text."""
        value = self.find(name)
        return None if value is None else self.decode(name, value)

    def decode(self, name: str, value: bytes) -> str:
        """Return a text, or a whole number, as text."""
        if len(value) > _LONGEST_TEXT:
            raise fatal(f"{name} has {len(value)} octets, more than it may", self.where)
        try:
            is_number = name.endswith(("VersionNumber", "Count", "Places"))
            return integer(value) if is_number else text(value)
        except ValueSpoiltError as error:
            raise fatal(f"{name} = {value.hex()}: {error.args[0]}", self.where) from None

    def needed(self, name: str, pattern: str, meaning: str) -> str:
        """Return a text that must be there and fit."""
        value = self.said(name)
        if value is None:
            raise fatal(f"{name} is missing, {meaning}", self.where)
        if not re.fullmatch(pattern, value):
            raise fatal(f"{name} = {value!r} is not {meaning}", self.where)
        return value

    def moment(self, name: str) -> str | None:
        """Return `YYYY-MM-DD hh:mm:ss+hhmm` of a time with its own offset."""
        local = self.find(LOCAL_TIME, name) or self.find(name)
        offset = self.find("UtcTimeOffset", name) or self.find("UtcTimeOffset", "")
        if local is None:
            return None
        try:
            return local_time(local) + (self.offset(offset) if offset else "")
        except ValueSpoiltError as error:
            raise fatal(f"{name} = {local.hex()}: {error.args[0]}", self.where) from None

    def offset(self, value: bytes) -> str:
        """Return a UTC offset."""
        said = self.decode("UtcTimeOffset", value)
        if not _OFFSET.fullmatch(said):
            raise fatal(f"UtcTimeOffset = {said!r} is none, such as +0100", self.where)
        return said

    def values(self, codes: tuple[str, ...]) -> dict[str, str | None]:
        """Return the named values of the file."""
        tadig = "a TADIG code: three letters, then two letters or digits"
        sender = self.needed("Sender", _TADIG.pattern, tadig)
        recipient = self.needed("Recipient", _TADIG.pattern, tadig)
        number = self.needed(*_NUMBERS[self.kind])
        file_type = self.said("FileTypeIndicator")
        if file_type not in (None, "", "T", "C"):
            raise fatal(f"FileTypeIndicator = {file_type!r} is not T, nor empty", self.where)
        return {
            "file_kind": self.kind,
            "file_type": "test" if file_type == "T" else "chargeable",
            "sender": sender,
            "recipient": recipient,
            "direction": self._direction(sender, recipient, codes),
            "sequence_no": number,
            "release": self.release(),
            "created_at": self.moment("FileCreationTimeStamp")
            or self.moment("RapFileCreationTimeStamp")
            or self.moment("AckFileCreationTimeStamp"),
            "available_at": self.moment("FileAvailableTimeStamp")
            or self.moment("RapFileAvailableTimeStamp")
            or self.moment("AckFileAvailableTimeStamp"),
            "cut_off_at": self.moment("TransferCutOffTimeStamp"),
            "currency_code": self.currency("TapCurrency") or self.currency("LocalCurrency"),
            "sender_currency_code": self.currency("LocalCurrency"),
            "decimal_places": self.said("TapDecimalPlaces"),
        }

    def _direction(self, sender: str, recipient: str, codes: tuple[str, ...]) -> str | None:
        if not codes:
            return None
        if sender not in codes and recipient not in codes:
            raise fatal(
                f"it goes from {sender} to {recipient}, and neither is among tadig_codes",
                self.where,
                fix="add the code of your network to tadig_codes, or send it where it belongs",
            )
        return "out" if sender in codes else "in"

    def release(self) -> str | None:
        """Return version and release, such as 3.12."""
        if self.kind == "acknowledgement":
            return None
        prefix = "Rap" if self.kind == "rap" else ""
        parts = [self.said(f"{prefix}{part}VersionNumber") for part in ("Specification", "Release")]
        release = ".".join(part or "?" for part in parts)
        known = RELEASES["tap" if self.kind == "notification" else self.kind]
        if release not in known:
            raise fatal(
                f"release {release} of {self.kind} is not read, {', '.join(known)} are",
                self.where,
                fix="agree on a release with the sender, and ask for the file again",
            )
        return release

    def currency(self, name: str) -> str | None:
        """Return a currency; SDR stands for the special drawing right, whose ISO code is XDR."""
        said = self.said(name)
        if said and not re.fullmatch("[A-Z]{3}", said):
            raise fatal(f"{name} = {said!r} is no currency", self.where)
        return said or None

    def places(self) -> int | None:
        """Return the decimal places of all amounts."""
        said = self.said("TapDecimalPlaces")
        if said is None:
            return None
        if not 0 <= int(said) <= _MOST_PLACES:
            raise fatal(f"TapDecimalPlaces = {said} is not 0 to {_MOST_PLACES}", self.where)
        return int(said)

    def offsets(self) -> dict[bytes, str]:
        """Return the UTC offsets by the octets of their code."""
        pairs = _groups(self.items, "UtcTimeOffsetInfo")
        return {
            _plain(pair["UtcTimeOffsetCode"]): self.offset(pair["UtcTimeOffset"])
            for pair in pairs
            if {"UtcTimeOffsetCode", "UtcTimeOffset"} <= set(pair)
        }

    def number(self, name: str, group: Mapping[str, bytes]) -> int:
        """Return a whole number of a group."""
        try:
            return figure(group[name])
        except ValueSpoiltError as error:
            raise fatal(f"{name}: {error.args[0]}", self.where) from None

    def rates(self) -> dict[bytes, str]:
        """Return the exchange rates, to local currency, by the octets of their code."""
        found = {}
        for group in _groups(self.items, "CurrencyConversion"):
            if not {"ExchangeRateCode", "ExchangeRate", "NumberOfDecimalPlaces"} <= set(group):
                raise fatal("CurrencyConversion lacks code, rate or decimals", self.where)
            places = self.number("NumberOfDecimalPlaces", group)
            if not 0 <= places <= 18:
                raise fatal(f"NumberOfDecimalPlaces = {places} is not 0 to 18", self.where)
            rate = self.number("ExchangeRate", group)
            found[_plain(group["ExchangeRateCode"])] = scaled(rate, places)
        return found


_NUMBERS = {
    "tap": ("FileSequenceNumber", r"(?!0{5})\d{5}", "00001 to 99999"),
    "notification": ("FileSequenceNumber", r"(?!0{5})\d{5}", "00001 to 99999"),
    "rap": ("RapFileSequenceNumber", r"(?!0{5})\d{5}", "00001 to 99999"),
    "acknowledgement": ("RapFileSequenceNumber", r"(?!0{5})\d{5}", "00001 to 99999"),
    "nrtrde": ("SequenceNumber", r"(?!0{7})\d{7}", "0000001 to 9999999"),
}


def _groups(items: Iterable[Item], name: str) -> list[dict[str, bytes]]:
    found: dict[int, dict[str, bytes]] = {}
    for item in items:
        if item.parent == name:
            found.setdefault(item.group, {})[item.name] = item.value
    return list(found.values())


def _plain(value: bytes) -> bytes:
    """Return the octets of a code without zeros in front: one code may be written in two ways."""
    return value.lstrip(b"\0") or b"\0"


def scaled(number: int, places: int) -> str:
    """Return a whole number of the smallest unit as an exact decimal."""
    if not places:
        return str(number)
    sign = "-" if number < 0 else ""
    text_of = f"{abs(number):0{places + 1}d}"
    return f"{sign}{text_of[:-places]}.{text_of[-places:]}"


def _check_name(head: Head, where: str) -> None:
    """Refuse a file whose name says that it is another one."""
    name = where.rpartition("/")[2]
    for pattern, kind in _NAMES.items():
        match = pattern.match(name)
        if not match:
            continue
        said: Mapping[str, str | None] = match.groupdict()
        told = {
            "kind": (kind, {"notification": "tap", "acknowledgement": "ack"}),
            "sender": (said["from"], {}),
            "recipient": (said["to"], {}),
            "sequence_no": (said["no"], {}),
        }
        held = {**head.values, "kind": head.kind}
        for what, (claimed, same) in told.items():
            holds = held[what]
            if same.get(str(holds), holds) != claimed:
                raise fatal(f"its name says {what} {claimed}, it holds {holds}", where)
        return
