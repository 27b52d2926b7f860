"""How the bytes of a feed's files fall into records: the formats, and the options of each.

A new format is its name and options here, and a reader in `sources/formats.py`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any, Literal

from ingestion.sections import Section

Format = Literal[
    "csv",
    "flatstore",
    "fixed",
    "jsonl",
    "json",
    "xml",
    "xlsx",
    "radius_detail",
    "tap",
    "parquet",
    "table",
]

_LINES = ("encoding", "skip_lines", "comment", "tags")
# What may be said of the files of each format, beside what may be said of every feed.
OPTIONS: dict[str, tuple[str, ...]] = {
    "csv": (*_LINES, "delimiter", "header", "column_names", "quote", "escape", "trailer"),
    "flatstore": (*_LINES, "delimiter", "column_names", "trailer"),
    "fixed": (*_LINES, "fields", "trailer"),
    "jsonl": ("encoding", "skip_lines", "comment", "trailer"),
    "json": ("encoding", "records"),
    "xml": ("encoding", "records"),
    "xlsx": ("sheet", "skip_lines", "header", "column_names"),
    "radius_detail": ("encoding",),
    "tap": ("records", "kinds", "tadig_codes"),
    "parquet": (),
    "table": (),
}
_SPECIFIC = sorted({option for options in OPTIONS.values() for option in options})
# What a roaming file is read as, and which kinds of it a feed takes.
_TAP_RECORDS, _TAP_KINDS = ("event", "file"), ("tap", "nrtrde", "rap")
_ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16-le", "utf-16-be")


@dataclass(frozen=True)
class Field:
    """A field of a fixed-width line: where it starts, counted from 1, and how long it is."""

    name: str
    start: int
    length: int


@dataclass(frozen=True)
class Tags:
    """What the lines of a file begin with, by what they are.

    Without `detail` all lines that are nothing else are records.
    """

    detail: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    trailer: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The options of the formats beyond delimiter, quote and header.

    `encoding` is None where a byte order mark or the file itself says it; UTF-8 otherwise.
    """

    encoding: str | None = None
    escape: str = ""
    comment: str = ""
    skip_lines: int = 0
    tags: Tags | None = None
    fields: tuple[Field, ...] = ()
    records: str = ""
    sheet: str = ""
    # Of a spreadsheet without header.
    column_names: tuple[str, ...] = ()
    # Of roaming files.
    kinds: tuple[str, ...] = ()
    tadig_codes: tuple[str, ...] = ()


def take_layout(section: Section, kind: str) -> Layout:
    """Take the options of a format.

    Raises:
        ConfigError: names an option that the format has not, or a value that cannot be.
    """
    for option in _SPECIFIC:
        if option in section.raw and option not in OPTIONS[kind]:
            fitting = ", ".join(name for name, options in OPTIONS.items() if option in options)
            section.fail(option, f'is not for format = "{kind}"', f"remove it; it is for {fitting}")
    layout = Layout(
        encoding=_encoding(section),
        escape=section.take("escape", str, ""),
        comment=section.take("comment", str, ""),
        skip_lines=section.take("skip_lines", int, 0),
        tags=_tags(section),
        fields=_fields(section),
        records=section.take("records", str, ""),
        sheet=section.take("sheet", str, ""),
        column_names=tuple(section.raw.get("column_names", ())) if kind == "xlsx" else (),
        kinds=section.texts("kinds") or (("tap",) if kind == "tap" else ()),
        tadig_codes=section.texts("tadig_codes"),
    )
    if len(layout.escape) > 1 or not layout.escape.isascii():
        section.fail("escape", f"is {layout.escape!r}", 'use one character, such as "\\\\"')
    if layout.skip_lines < 0:
        section.fail("skip_lines", f"is {layout.skip_lines}", "use 0 or more")
    if kind == "xml" and not re.fullmatch(r"[^\s<>&/\"'=]+", layout.records):
        section.fail("records", "is missing or no name", "name the element of one record")
    if kind == "fixed" and not layout.fields:
        section.fail("fields", "is missing", 'list { name = "a", start = 1, length = 10 }')
    if kind == "tap":
        _check_tap(section, layout)
    return layout


def _check_tap(section: Section, layout: Layout) -> None:
    if layout.records not in _TAP_RECORDS:
        section.fail("records", f"is {layout.records!r}", f"use one of {', '.join(_TAP_RECORDS)}")
    for kind in layout.kinds:
        if kind not in _TAP_KINDS:
            section.fail("kinds", f"names {kind!r}", f"use some of {', '.join(_TAP_KINDS)}")
    for code in layout.tadig_codes:
        if not re.fullmatch(r"[A-Z]{3}[A-Z0-9]{2}", code):
            what = f"names {code!r}, which is no TADIG code"
            section.fail("tadig_codes", what, 'write them like "DEUAB"')


def _encoding(section: Section) -> str | None:
    said = section.take("encoding", str, None)
    if said is None:
        return None
    try:
        name = codecs.lookup(said).name.replace("iso8859-1", "latin-1")
    except LookupError:
        name = ""
    if name not in _ENCODINGS:
        section.fail("encoding", f"is {said!r}", f"use one of {', '.join(_ENCODINGS)}")
    return name


def _tags(section: Section) -> Tags | None:
    raw = section.take("tags", dict, None)
    if raw is None:
        return None
    inner = Section(raw, f"{section.where} tags")
    names = ("detail", "header", "trailer", "other")
    tags = Tags(*(inner.texts(name) for name in names))
    inner.done()
    every = [tag for name in names for tag in getattr(tags, name)]
    if not every or not all(every) or len(set(every)) < len(every):
        section.fail("tags", "are empty, or one stands twice", 'write tags = { detail = ["20"] }')
    return tags


def _fields(section: Section) -> tuple[Field, ...]:
    fields = []
    for no, item in enumerate(section.take("fields", list, []), start=1):
        inner = Section(item if isinstance(item, dict) else {}, f"{section.where} fields no {no}")
        field = Field(*(inner.take(*said) for said in _FIELD))
        inner.done()
        if not field.name or field.start < 1 or field.length < 1:
            inner.fail("start", "and length count from 1", "write whole numbers above 0")
        fields.append(field)
    names = [field.name.lower() for field in fields]
    if len(set(names)) < len(names):
        section.fail("fields", "name one field twice", "give each its own name")
    return tuple(fields)


_FIELD: tuple[tuple[str, Any], ...] = (("name", str), ("start", int), ("length", int))
