"""Writes a small XLSX file, the same bytes for the same sheets: no clock, no name of a machine."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | Decimal | None
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# what XML cannot hold
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST = 60
# 0 plain, 1 heading, 2 figure with up to six decimals
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00####"/></numFmts>'
    '<fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own; text is never read as a formula."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as one XLSX file."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{no}.xml") for no, _ in enumerate(sheets, 1)]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{no}.xml": _sheet(one) for no, one in enumerate(sheets, 1)},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # 3 is Unix: what the machine would say differs
            entry.create_system = 3
            packed.writestr(entry, text.encode())
    return file.getvalue()


def _content_types(count: int) -> str:
    kinds = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    kinds += [(f"/xl/worksheets/sheet{no}.xml", "worksheet") for no in range(1, count + 1)]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in kinds
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{no}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for no, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _workbook(sheets: Sequence[Sheet]) -> str:
    names = "".join(
        f'<sheet name={quoteattr(one.name)} sheetId="{no}" r:id="rId{no}"/>'
        for no, one in enumerate(sheets, 1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
    )


def _sheet(sheet: Sheet) -> str:
    columns = list(zip(sheet.headings, *sheet.rows, strict=True))
    widths = (min(max(len(str(cell or "")) for cell in column) + 2, _WIDEST) for column in columns)
    wide = "".join(
        f'<col min="{no}" max="{no}" width="{width}" customWidth="1"/>'
        for no, width in enumerate(widths, 1)
    )
    top = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    rows = [_row(1, sheet.headings, is_heading=True)]
    rows += [_row(no, row, is_heading=False) for no, row in enumerate(sheet.rows, 2)]
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}">'
        f'<sheetViews><sheetView workbookViewId="0">{top}</sheetView></sheetViews>'
        f"<cols>{wide}</cols><sheetData>{''.join(rows)}</sheetData></worksheet>"
    )


def _row(number: int, cells: Sequence[Cell], *, is_heading: bool) -> str:
    found = (
        _cell(f"{_letters(place)}{number}", cell, is_heading=is_heading)
        for place, cell in enumerate(cells)
        if cell is not None
    )
    return f'<row r="{number}">{"".join(found)}</row>'


def _cell(place: str, cell: Cell, *, is_heading: bool) -> str:
    if isinstance(cell, str):
        text = escape(_CONTROL.sub(" ", cell))
        style = ' s="1"' if is_heading else ""
        return (
            f'<c r="{place}" t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'
        )
    style = ' s="2"' if isinstance(cell, Decimal) else ""
    return f'<c r="{place}"{style}><v>{cell}</v></c>'


def _letters(place: int) -> str:
    """Column 0 is A, 25 is Z, 26 is AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text
