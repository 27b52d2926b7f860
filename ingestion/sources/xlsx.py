"""XLSX: the rows of one sheet as texts, numbers with the digits that were typed.

A workbook is a zip archive of XML. A number is written as a double of up to 17 digits, of which 15
are meant; a date is a number whose cell has the format of a date.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.parsers import expat

from ingestion.layout import Layout
from ingestion.packed import SPOILT, size_text
from ingestion.sources.elements import HEADER, Element, ElementReader, malformed
from ingestion.sources.xlsx_cells import Book, Row, rows_of

_MOST_BYTES = 512 << 20
_MOST_RATIO = 250
_HARMLESS_BYTES = 64 << 20
_ROW = re.compile(rb"<(?:\w+:)?row[ >](.*?)</(?:\w+:)?row>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?: [^>]*)?>[^<]")


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the rows that hold a value by their tags alone."""
    with _archive(blocks, where) as archive:
        xml = _read(archive, _sheet_part(archive, layout.sheet, where), where)
    return sum(bool(_VALUE.search(row)) for row in _ROW.findall(xml))


def names(blocks: Iterable[bytes], where: str, layout: Layout) -> tuple[str, ...]:
    """Return the cells of the header row."""
    if layout.column_names:
        return layout.column_names
    for no, cells in _rows(blocks, where, layout):
        if no > layout.skip_lines:
            return tuple(text.strip() for text in cells)
    raise malformed("a table", where, "the sheet has no header row")


def walk(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the rows that hold a value, by the number that the spreadsheet shows."""
    named: Sequence[str] = layout.column_names
    for no, cells in _rows(blocks, where, layout):
        if no <= layout.skip_lines or not named:
            if no > layout.skip_lines:
                named = [text.strip() for text in cells]
            yield Element(no, {}, HEADER)
            continue
        reason = "column_count" if len(cells) > len(named) else None
        yield Element(no, dict(zip(named, cells, strict=False)), reason)


def _rows(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Row]:
    with _archive(blocks, where) as archive:
        part = _sheet_part(archive, layout.sheet, where)
        try:
            book = Book(lambda name: _read(archive, name, where), archive.namelist())
            yield from rows_of(_read(archive, part, where), book)
        except (expat.ExpatError, ValueError, ArithmeticError, IndexError, KeyError) as error:
            raise malformed("XLSX", where, f"{part}: {error}") from error


def _archive(blocks: Iterable[bytes], where: str) -> zipfile.ZipFile:
    content = b"".join(blocks)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        listed = archive.infolist()
    except (OSError, *SPOILT) as error:
        raise malformed("XLSX", where, str(error)) from error
    unpacked = sum(one.file_size for one in listed)
    if unpacked > _MOST_BYTES or unpacked > max(_HARMLESS_BYTES, _MOST_RATIO * len(content)):
        raise malformed("a workbook to be opened", where, f"it unpacks to {size_text(unpacked)}")
    if len({one.filename for one in listed}) < len(listed):
        raise malformed("XLSX", where, "it holds a part twice")
    return archive


def _read(archive: zipfile.ZipFile, part: str, where: str) -> bytes:
    try:
        return archive.read(part)
    except (OSError, *SPOILT) as error:
        raise malformed("XLSX", where, str(error)) from error


def _sheet_part(archive: zipfile.ZipFile, sheet: str, where: str) -> str:
    """Return the name of the XML of a sheet, the first one when none is named."""
    try:
        listed = _attributes(_read(archive, "xl/workbook.xml", where), "sheet")
        targets = _attributes(_read(archive, "xl/_rels/workbook.xml.rels", where), "Relationship")
    except expat.ExpatError as error:
        raise malformed("XLSX", where, str(error)) from error
    for one in listed:
        if sheet in ("", one.get("name")):
            for target in targets:
                if target.get("Id") == one.get("id"):
                    return "xl/" + target.get("Target", "").removeprefix("/xl/")
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


READER = ElementReader(count, walk, names, is_binary=True, is_whole=True)
