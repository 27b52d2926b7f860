"""The cells of a spreadsheet: shared texts, numbers, dates that are numbers with a format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from xml.parsers import expat

Row = tuple[int, list[str]]

_CHUNK = 1 << 20
# A double of 17 digits is written where 15 were typed.
_MEANT = Context(prec=15, rounding=ROUND_HALF_UP)
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# What a format says literally, and colours and conditions.
_NO_PLACE = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]|General', re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})\d+")


class Book:
    """What the cells of all sheets refer to: shared texts, formats of dates, the first day."""

    def __init__(self, read: Callable[[str], bytes], parts: Sequence[str]) -> None:
        book = read("xl/workbook.xml")
        self.texts: list[str] = []
        self.date_styles: set[int] = set()
        self.is_1904 = any(f'date1904="{yes}"'.encode() in book for yes in ("1", "true"))
        if "xl/sharedStrings.xml" in parts:
            self._read_texts(read("xl/sharedStrings.xml"))
        if "xl/styles.xml" in parts:
            self._read_styles(read("xl/styles.xml"))

    def _read_texts(self, xml: bytes) -> None:
        path: list[str] = []
        text: list[str] = []

        def start(name: str, _: dict[str, str]) -> None:
            path.append(name.rpartition(":")[2])
            if path[-1] == "si":
                text.clear()

        def end(_: str) -> None:
            if path.pop() == "si":
                self.texts.append("".join(text))

        def data(content: str) -> None:
            # Phonetic readings beside a text are no part of it.
            if path[-1] == "t" and "rPh" not in path:
                text.append(content)

        _parse(xml, start, end, data)

    def _read_styles(self, xml: bytes) -> None:
        own: dict[int, str] = {}
        path: list[str] = []
        styles: list[int] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            path.append(name.rpartition(":")[2])
            if path[-1] == "numFmt":
                own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            if path[-2:] == ["cellXfs", "xf"]:
                styles.append(int(attributes.get("numFmtId", 0)))

        _parse(xml, start, lambda _: path.pop(), lambda _: None)
        for no, kind in enumerate(styles):
            shown = _NO_PLACE.sub("", own.get(kind, ""))
            if kind in _DATE_FORMATS or re.search("[ymdhs]", shown, re.IGNORECASE):
                self.date_styles.add(no)

    def text(self, kind: str, style: int, value: str) -> str:
        """Return what a cell shows."""
        if kind == "s":
            return self.texts[int(value)] if value else ""
        if kind == "b":
            return {"1": "true", "0": "false"}.get(value, value)
        if kind == "n" and value:
            return self._date(value) if style in self.date_styles else _number(value)
        return value

    def _date(self, value: str) -> str:
        days, fraction = divmod(Decimal(value), 1)
        if days < 0:
            return _number(value)
        # Days before March 1900 are counted as if that year had been a leap year.
        # A workbook knows no zone; the mapping says it.
        first = datetime(1904, 1, 1) if self.is_1904 else datetime(1899, 12, 30 + (days < 60))  # noqa: DTZ001
        millis = int((fraction * 86_400_000).quantize(Decimal(1), ROUND_HALF_UP))
        moment = first + timedelta(days=int(days), milliseconds=millis)
        if not days and not self.is_1904:
            return moment.time().isoformat()
        return moment.date().isoformat() if not millis else moment.isoformat(sep=" ")


def rows_of(xml: bytes, book: Book) -> Iterator[Row]:
    """Yield number and cells of the rows that hold a value, without empty cells at the end."""
    reader = _Sheet(book)
    parser = _parser(reader.start, reader.end, reader.data)
    for at in range(0, len(xml), _CHUNK):
        parser.Parse(xml[at : at + _CHUNK], False)
        yield from reader.ready
        reader.ready.clear()
    parser.Parse(b"", True)
    yield from reader.ready


class _Sheet:
    """Collects the cells of one row after the other while expat reads."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.ready: list[Row] = []
        self.no = self.column = self.style = 0
        self.kind = "n"
        self.cells: list[str] = []
        self.path: list[str] = []
        self.value: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.path.append(local)
        if local == "row":
            self.no = int(attributes.get("r", self.no + 1))
            self.cells = []
        elif local == "c":
            place = _CELL.fullmatch(attributes.get("r", ""))
            self.column = _column(place.group(1)) if place else len(self.cells)
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self.value.clear()

    def data(self, content: str) -> None:
        if self.path[-1] in ("v", "t") and "rPh" not in self.path:
            self.value.append(content)

    def end(self, _: str) -> None:
        local = self.path.pop()
        if local == "c":
            text = self.book.text(self.kind, self.style, "".join(self.value))
            if text:
                if self.column < len(self.cells):
                    raise ValueError(f"row {self.no} has a cell twice")
                self.cells += [""] * (self.column - len(self.cells)) + [text]
        elif local == "row" and self.cells:
            self.ready.append((self.no, self.cells))


def _number(value: str) -> str:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} is no number")
    text = format(_MEANT.plus(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


Start = Callable[[str, dict[str, str]], object]
Data = Callable[[str], object]


def _parse(xml: bytes, start: Start, end: Data, data: Data) -> None:
    _parser(start, end, data).Parse(xml, True)


def _parser(start: Start, end: Data, data: Data) -> expat.XMLParserType:
    def refuse(name: str, *_: object) -> None:
        raise ValueError(f"it declares the entity {name}")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.EntityDeclHandler = refuse
    return parser
