"""Counts and fingerprints the bytes of a landed file, knowing nothing of the reader it checks."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingestion.errors import FileRefusedError

BLOCK = 4 << 20
# A file up to this size is read from disk once and kept until it is loaded.
KEPT = 4 << 20
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Scan:
    """What the bytes of one file are; lines are physical lines of the unpacked content."""

    sha256: str
    size: int
    lines: int
    first_line: bytes
    last_line: bytes
    last_line_no: int
    content: bytes | None


def scan_file(path: Path, where: str, *, counted: bool = True) -> Scan:
    """Read a file once and describe it.

    Args:
        path: the landed file; `.gz` is unpacked for counting, the digest is of the packed bytes.
        where: name of the file for messages.
        counted: False for Parquet, which has no lines.

    Raises:
        FileRefusedError: it is empty, or its gzip stream is broken or cut off.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        if not counted:
            while block := stream.read(BLOCK):
                digest.update(block)
                size += len(block)
            return _whole(Scan(digest.hexdigest(), size, 0, b"", b"", 0, None), where)
    packed = path.suffix == ".gz"
    if packed:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                size += len(block)
        if not size:
            raise _empty(where)
    counter = _Counter()
    for block in read_content(path, where):
        if not packed:
            digest.update(block)
            size += len(block)
        counter.add(block)
    return _whole(counter.scan(digest.hexdigest(), size), where)


def read_content(path: Path, where: str) -> Iterator[bytes]:
    """Yield the unpacked content of a file in blocks.

    Raises:
        FileRefusedError: the gzip stream is broken or cut off.
    """
    try:
        with _open(path) as stream:
            while block := stream.read(BLOCK):
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefusedError(
            f"the gzip stream is broken: {error}", where=where,
            effect="no line of it was loaded", fix="ask for the file again under a new name",
        ) from error


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


class _Counter:
    """Counts lines block by block and remembers the first and the last that is not blank."""

    def __init__(self) -> None:
        self.newlines = 0
        self.size = 0
        self.first = b""
        self.first_done = False
        self.tail = b""
        self.kept: list[bytes] | None = []

    def add(self, block: bytes) -> None:
        self.newlines += block.count(b"\n")
        self.size += len(block)
        if not self.first_done:
            self.first += block[:_LONGEST_LINE]
            self.first_done = b"\n" in self.first or len(self.first) > _LONGEST_LINE
        self.tail = (self.tail + block)[-_LONGEST_LINE:] if len(block) < _LONGEST_LINE else (
            block[-_LONGEST_LINE:]
        )
        if self.kept is not None:
            self.kept.append(block)
            if self.size > KEPT:
                self.kept = None

    def scan(self, sha256: str, size: int) -> Scan:
        ended = self.tail.endswith(b"\n") or not self.size
        lines = self.newlines + (0 if ended else 1)
        stripped = self.tail.rstrip(b"\r\n")
        trailing = self.tail[len(stripped):].count(b"\n")
        last_no = lines - max(0, trailing - 1) if ended else lines - trailing
        return Scan(
            sha256, size, lines, self.first.split(b"\n", 1)[0].rstrip(b"\r"),
            stripped.rsplit(b"\n", 1)[-1], last_no if stripped else 0,
            b"".join(self.kept) if self.kept is not None else None,
        )


def _whole(scan: Scan, where: str) -> Scan:
    if not scan.size:
        raise _empty(where)
    return scan


def _empty(where: str) -> FileRefusedError:
    return FileRefusedError(
        "the file is empty", where=where, effect="nothing was loaded from it",
        fix="ask its sender for the file; a day without records has a header line",
    )
