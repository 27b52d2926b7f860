"""The registry of formats: how each is scanned, which columns its files have, how it is read.

A format is one of lines (`lines.py` splits them), one of elements (a module that counts and walks
them, listed here), or Parquet. Its name and options stand in `ingestion/layout.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from ingestion.errors import FileRefusedError
from ingestion.layout import Layout
from ingestion.mapping import FeedMapping
from ingestion.packed import BINARY, Limits, is_packed, read_bytes
from ingestion.scan import Scan, read_content, scan_elements, scan_parquet, scan_text
from ingestion.sources import json_documents, lines, radius_detail, tap, xlsx, xml_records
from ingestion.sources.elements import ElementReader, as_batches
from ingestion.sources.files import check_names, csv_names
from ingestion.sources.lines import TextFile
from ingestion.sources.textformat import TextFormat, schema

ELEMENTS: dict[str, ElementReader] = {
    "json": json_documents.READER,
    "xml": xml_records.READER,
    "xlsx": xlsx.READER,
    "radius_detail": radius_detail.READER,
    "tap": tap.READER,
}
# Formats whose files are lines of text.
LINE_FORMATS = ("csv", "flatstore", "fixed", "jsonl", "table")


def scan(path: Path, where: str, mapping: FeedMapping, limits: Limits) -> Scan:
    """Read the bytes of a file once: digest, size, and how many lines or records there are.

    Raises:
        FileRefusedError: it is empty, broken, beyond the limits, or not of its format.
    """
    if mapping.format == "parquet":
        return scan_parquet(path, where, limits)
    layout = mapping.layout
    reader = ELEMENTS.get(mapping.format)
    if reader is None:
        return scan_text(path, where, layout.encoding, limits)
    counted = partial(_count, reader, layout)
    encoding = BINARY if reader.is_binary else layout.encoding
    return scan_elements(path, where, encoding, limits, counted, is_whole=reader.is_whole)


def _count(reader: ElementReader, layout: Layout, blocks: Iterable[bytes], where: str) -> int:
    return reader.count(blocks, where, layout)


def file_names(mapping: FeedMapping, path: Path, where: str, scan: Scan) -> tuple[str, ...]:
    """Return the columns of one file, where its format names them; else nothing.

    Raises:
        FileRefusedError: its header cannot name them.
    """
    if mapping.format in ("csv", "flatstore"):
        return csv_names(mapping, scan, where)
    if mapping.format == "fixed":
        return tuple(field.name for field in mapping.layout.fields)
    reader = ELEMENTS.get(mapping.format)
    if reader is None or reader.names is None:
        return ()
    names = reader.names(read_content(path, where, scan), where, mapping.layout)
    check_names(names, ", ".join(names), where)
    return names


def unpacked(path: Path, where: str, folder: Path) -> Path:
    """Return a file that can be read at any place; a packed one is unpacked into a folder."""
    if not is_packed(path):
        return path
    target = folder / "unpacked"
    with target.open("wb") as stream:
        stream.writelines(read_bytes(path, where, 1 << 20))
    return target


@dataclass(frozen=True)
class Source:
    """How the files of a feed are read: the format, its options, and the names asked for.

    What refuses a file while it is read is added to `problems`.
    """

    spec: TextFormat
    layout: Layout
    names: Sequence[str]
    problems: list[FileRefusedError]

    def stream(self, files: Sequence[TextFile], *, with_lines: bool) -> pa.RecordBatchReader:
        """Return the records of some files as one stream of the view `lines`."""
        batches = (batch for file in files for batch in self._batches(file, with_lines=with_lines))
        return pa.RecordBatchReader.from_batches(schema(self.spec.width), batches)

    def _batches(self, file: TextFile, *, with_lines: bool) -> Iterator[pa.RecordBatch]:
        reader = ELEMENTS.get(self.spec.format)
        try:
            if reader is None:
                yield from lines.batches(file, self.spec, with_lines=with_lines)
                return
            file.aside.clear()
            blocks = read_content(file.path, file.where, file.scan)
            elements = reader.walk(blocks, file.where, self.layout)
            yield from as_batches(elements, file.no, self.names, file.aside)
        except FileRefusedError as error:
            self.problems.append(error)
            raise
