"""How an unknown file is written: format, encoding, delimiter, quotes, header, trailer."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import ConfigError
from ingestion.scan import read_content
from ingestion.suggest.documents import is_workbook, json_records, xml_records

_HEAD_BYTES = 1 << 20
_LINES = 200
_DELIMITERS = ",;\t|^~"
RADIUS_HEADING = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")
_FIGURE = re.compile(r"[-+]?[\d.,:/ T+-]*\d[\d.,:/ TZ+-]*")

# A length of BER; then tag and length of TAP and NRTRDE, a notification, a return or its receipt,
# and the first elements of each.
_LENGTH = rb"(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)"
_ROAMING = re.compile(
    rb"(?:[\x61\x62]|\x7f\x84[\x16\x17])%b(?:(?:\x64|\x7f\x84\x19)%b)?(?:\x5f\x81|\x5f\x29\x01)"
    % (_LENGTH, _LENGTH),
    re.DOTALL,
)


@dataclass(frozen=True)
class Dialect:
    """What decides how a file falls into rows and fields."""

    format: str
    delimiter: str = ","
    quote: str = ""
    header: bool = True
    column_names: tuple[str, ...] = ()
    encoding: str = "utf-8"
    trailer: str = ""
    comment: str = ""
    records: str = ""
    notes: tuple[str, ...] = ()


def sniff(path: Path) -> Dialect:
    """Tell how a file is written.

    Raises:
        ConfigError: it is empty, or nothing that is read here.
    """
    with path.open("rb") as stream:
        magic = stream.read(8)
    if magic.startswith(b"PAR1"):
        return Dialect("parquet")
    if magic.startswith(b"PK") and is_workbook(path):
        return Dialect("xlsx")
    head = _head(path)
    if not head.strip():
        raise _unreadable(path, "the file is empty")
    if _ROAMING.match(head):
        raise ConfigError(
            "the file looks like a roaming file: TAP, NRTRDE or RAP",
            where=str(path),
            effect="nothing has to be proposed: what its elements mean is known",
            fix='map feeds with preset = "tap_files" and "tap_records", path and tadig_codes',
        )
    text, encoding = _decode(head)
    if "\0" in text:
        raise _unreadable(path, "the file is of no format that is read here")
    lines = [line for line in text.splitlines() if line.strip()][:_LINES]
    return _document(path, lines, encoding) or _csv(lines, encoding)


def _document(path: Path, lines: Sequence[str], encoding: str) -> Dialect | None:
    """Return the dialect of a file of records that are no lines of fields, None for others."""
    first = lines[0].lstrip()
    if first.startswith("{") and _are_flat_objects(lines):
        return Dialect("jsonl", encoding=encoding)
    if first.startswith(("{", "[")) and (records := json_records(path)) is not None:
        return Dialect("json", records=records, encoding=encoding)
    if first.startswith("<") and (records := xml_records(path)):
        return Dialect("xml", records=records)
    if RADIUS_HEADING.match(first) and len(lines) > 1 and lines[1][:1] in " \t":
        return Dialect("radius_detail", encoding=encoding)
    return None


def _head(path: Path) -> bytes:
    blocks = []
    size = 0
    for block in read_content(path, path.name):
        blocks.append(block)
        size += len(block)
        if size >= _HEAD_BYTES:
            # The last line may be cut.
            return b"".join(blocks)[:_HEAD_BYTES].rsplit(b"\n", 1)[0]
    return b"".join(blocks)


def _decode(head: bytes) -> tuple[str, str]:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace"), "utf-16"
    try:
        return head.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return head.decode("latin-1"), "latin-1"


def _are_flat_objects(lines: Sequence[str]) -> bool:
    """Tell whether each line is an object of plain values; what is nested is read as a document."""
    try:
        objects = [json.loads(line) for line in lines]
    except ValueError:
        return False
    return all(
        isinstance(one, dict) and not any(isinstance(value, dict | list) for value in one.values())
        for one in objects
    )


def _csv(lines: Sequence[str], encoding: str) -> Dialect:
    plain = [line for line in lines if not line.startswith("#")] or lines
    delimiter = _delimiter(plain)
    # A header may begin with the sign of a comment; it has the fields of the other lines.
    first, second = (len(_split([line], delimiter, '"')[0]) for line in (lines[0], plain[0]))
    is_header = lines[0].startswith("#") and first == second
    comment = "#" if len(plain) < len(lines) and not is_header else ""
    lines = [lines[0], *plain] if is_header else plain
    quote = '"' if any(_is_wrapped(line, delimiter) for line in lines) else ""
    rows = _split(lines, delimiter, quote)
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    trailer = ""
    if len(rows) > 2 and len(rows[-1]) != width and re.fullmatch(r"[A-Za-z#]+", rows[-1][0]):
        trailer, rows = rows[-1][0], rows[:-1]
    rows = [row for row in rows if len(row) == width]
    header = _is_header(rows)
    names = () if header else tuple(f"c{no}" for no in range(1, width + 1))
    return Dialect("csv", delimiter, quote, header, names, encoding, trailer, comment)


def _delimiter(lines: Sequence[str]) -> str:
    """Return the sign that splits most lines into the same number of fields, the most of them."""
    best = (0.0, 0, ",")
    for sign in _DELIMITERS:
        counts = Counter(len(row) for row in _split(lines, sign, '"'))
        width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
        if width > 1:
            best = max(best, (round(count / len(lines), 1), width, sign))
    return best[2]


def _split(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    text = io.StringIO("\n".join(lines), newline="")
    try:
        if quote:
            rows = list(csv.reader(text, delimiter=delimiter, quotechar=quote))
        else:
            rows = list(csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    except csv.Error:
        rows = [line.split(delimiter) for line in lines]
    return [row for row in rows if row]


def _is_wrapped(line: str, delimiter: str) -> bool:
    return any(
        len(field) > 1 and field.startswith('"') and field.endswith('"')
        for field in line.split(delimiter)
    )


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the others: no figure in it, and no name twice."""
    first = [field.strip() for field in rows[0]]
    if not all(first) or len({name.lower() for name in first}) < len(first):
        return False
    if any(_FIGURE.fullmatch(field) for field in first):
        return False
    below = [[field.strip() for field in row] for row in rows[1:]]
    return (
        not any(
            name in column for name, column in zip(first, zip(*below, strict=True), strict=True)
        )
        if below
        else True
    )


def _unreadable(path: Path, what: str) -> ConfigError:
    return ConfigError(
        what,
        where=str(path),
        effect="nothing can be proposed",
        fix="name a CSV, JSON, XML, XLSX, RADIUS detail or Parquet file, packed or not; a file of"
        ' fixed width needs its fields from you: format = "fixed" in the mapping',
    )
