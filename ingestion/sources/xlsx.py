"""XLSX: the rows of one sheet as texts, numbers with the digits that a spreadsheet shows.

A workbook holds numbers as doubles of at most 15 meant digits; the shortest text that gives the
same double has just these. The rows are counted apart, in the XML of the sheet.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from ingestion.layout import Layout
from ingestion.sources.elements import HEADER, Element, ElementReader, malformed

_MOST_BYTES = 512 << 20
_MOST_RATIO = 250
_HARMLESS_BYTES = 64 << 20
_ROW = re.compile(rb"<(?:\w+:)?row[ >/](.*?)</(?:\w+:)?row>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?: [^>]*)?>[^<]")


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the rows that hold a value in the XML of the sheet."""
    content = b"".join(blocks)
    with _archive(content, where) as archive:
        sheet = _sheet_part(archive, layout.sheet, where)
        xml = archive.read(sheet)
    return sum(bool(_VALUE.search(row)) for row in _ROW.findall(xml))


def names(blocks: Iterable[bytes], where: str, layout: Layout) -> tuple[str, ...]:
    """Return the cells of the header row."""
    if layout.column_names:
        return layout.column_names
    for no, row in _rows(b"".join(blocks), where, layout):
        if no > layout.skip_lines:
            return tuple(text.strip() for text in _trimmed(row))
    raise malformed("a table", where, "the sheet has no header row")


def walk(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the rows that hold a value, by the number that the spreadsheet shows."""
    content = b"".join(blocks)
    named: Sequence[str] = names([content], where, layout)
    has_header = not layout.column_names
    for no, row in _rows(content, where, layout):
        if no <= layout.skip_lines or has_header:
            has_header &= no <= layout.skip_lines
            yield Element(no, {}, HEADER)
            continue
        values = dict(zip(named, row, strict=False))
        reason = "column_count" if len(_trimmed(row)) > len(named) else None
        yield Element(no, {name: text or None for name, text in values.items()}, reason)


def _rows(content: bytes, where: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    # Compiled, and only wanted where there are spreadsheets.
    import python_calamine

    _archive(content, where).close()
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_name(layout.sheet or book.sheet_names[0])
        rows = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError, OSError) as error:
        raise malformed("a readable workbook", where, str(error)) from error
    for no, cells in enumerate(rows, start=1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield no, texts


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        number = Decimal(repr(cell))
        return format(number.to_integral_value() if number == number.to_integral_value() else number, "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        return str(int(cell.total_seconds()))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _trimmed(row: Sequence[str]) -> list[str]:
    last = max((no for no, text in enumerate(row, start=1) if text), default=0)
    return list(row[:last])


def _archive(content: bytes, where: str) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        unpacked = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise malformed("XLSX", where, str(error)) from error
    if unpacked > _MOST_BYTES or unpacked > max(_HARMLESS_BYTES, _MOST_RATIO * len(content)):
        raise malformed("a workbook to be opened", where, f"it unpacks to {unpacked} bytes")
    return archive


def _sheet_part(archive: zipfile.ZipFile, sheet: str, where: str) -> str:
    """Return the name of the XML of a sheet, the first one when none is named."""
    try:
        listed = _attributes(archive.read("xl/workbook.xml"), "sheet")
        targets = _attributes(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    except (KeyError, expat.ExpatError, zipfile.BadZipFile) as error:
        raise malformed("XLSX", where, str(error)) from error
    for one in listed:
        if sheet in ("", one.get("name")):
            for target in targets:
                if target.get("Id") == one.get("id"):
                    return "xl/" + target["Target"].removeprefix("/xl/")
    said = ", ".join(one.get("name", "") for one in listed)
    raise malformed("what sheet says", where, f"it has no sheet {sheet!r}, but {said}")


def _attributes(xml: bytes, element: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == element:
            found.append({key.rpartition(":")[2]: value for key, value in attributes.items()})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found


READER = ElementReader(count, walk, names, is_binary=True)
