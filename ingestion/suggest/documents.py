"""Where the records of an unknown document are: JSON, XML, a spreadsheet, RADIUS detail."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from ingestion.layout import Layout
from ingestion.scan import read_content
from ingestion.sources.formats import ELEMENTS

_MOST_BYTES = 64 << 20
_MOST_NAMES = 500


def is_workbook(path: Path) -> bool:
    """Tell whether a file is an XLSX workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def json_records(path: Path) -> str | None:
    """Return the path of the records in a JSON document, None when it is none.

    The outermost list of objects, where there is one; else the document itself is a record.
    """
    text = b"".join(_some(path)).decode("utf-8", "replace").removeprefix("\ufeff")
    decoder, at = json.JSONDecoder(), 0
    documents: list[Any] = []
    try:
        while at < len(text) and len(documents) < 100:
            document, at = decoder.raw_decode(text, at)
            documents.append(document)
            at += len(text[at:]) - len(text[at:].lstrip())
    except (ValueError, RecursionError):
        return None
    if not documents or not all(isinstance(one, dict | list) for one in documents):
        return None
    first = documents[0]
    # An envelope has little beside the list; a record has much.
    if len(documents) > 1 or isinstance(first, list) or len(first) > 3:
        return ""
    return next((name for name, value in first.items() if _is_list(value)), "")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def xml_records(path: Path) -> str | None:
    """Return the name of the element that most looks like a record, None when it is no XML."""
    seen = _Elements()
    try:
        for block in _some(path):
            seen.parser.Parse(block, False)
    except expat.ExpatError:
        return None
    # Of those that hold others, the one that is there most; of equals, the outermost.
    found = [(count, -seen.depths[name], name) for name, count in seen.counts.items()
             if name in seen.parents and seen.depths[name] > 0]  # fmt: skip
    return max(found)[2] if found else None


class _Elements:
    """Counts elements by name, with how deep each stands and which hold others."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.depths: dict[str, int] = {}
        self.parents: set[str] = set()
        self.path: list[str] = []
        self.parser: Any = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = lambda _: self.path.pop()
        self.parser.EntityDeclHandler = self._refuse

    def _start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.counts[local] += 1
        self.depths.setdefault(local, len(self.path))
        self.parents.update(self.path[-1:])
        self.path.append(local)

    def _refuse(self, *_: object) -> None:
        raise expat.ExpatError("it declares entities")


def element_sample(path: Path, kind: str, layout: Layout, limit: int) -> pa.Table:
    """Return the first records of a document as texts, a column for each name in them.

    Raises:
        FileRefusedError: the document cannot be read.
    """
    walked = ELEMENTS[kind].walk(read_content(path, path.name), path.name, layout)
    rows = [one.values for one in islice(walked, limit) if one.values]
    names = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_NAMES]
    columns = {name: pa.array([row.get(name) for row in rows], pa.utf8()) for name in names}
    return pa.table(columns)


def _some(path: Path) -> Iterator[bytes]:
    size = 0
    for block in read_content(path, path.name):
        yield block
        size += len(block)
        if size > _MOST_BYTES:
            return
