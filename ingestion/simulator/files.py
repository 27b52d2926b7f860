"""Puts lines made by SQL into files as an operator would deliver them, always the same bytes.

Lines arrive as Arrow text whose buffer already is the content of the files, one after the other:
nothing is copied row by row.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.simulator.warehouse import Database

Bytes = bytes | memoryview


@dataclass(frozen=True)
class Piece:
    """One file out of a run of lines: where it goes and how many of the lines are its own."""

    path: Path
    line_count: int
    second: int
    head: str = ""
    tail: str = ""


@dataclass
class Delivery:
    """Writes files in the background while SQL makes the next ones."""

    folder: Path
    file_count: int = 0
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    _open: list[Future[None]] = field(default_factory=list)

    def text(self, path: str, content: str, second: int) -> None:
        """Write one small text file."""
        self.file_count += 1
        _write(self.folder / path, [content.encode()], second)

    def query(
        self,
        database: Database,
        path: str,
        second: int,
        text: str,
        head: str = "",
        **names: object,
    ) -> int:
        """Write all lines of a query, its {names} filled in, to one file; return their number."""
        lines = database.table(text, **names)
        # nothing to tell and no header line: then a system sends no file
        if lines.num_rows or head:
            self.lines(lines, [Piece(Path(path), lines.num_rows, second, head)])
        return int(lines.num_rows)

    def lines(self, lines: pa.Table, pieces: Sequence[Piece]) -> None:
        """Write a one-column table of lines, each ending in a line feed, to files one by one."""
        if lines.num_rows != sum(piece.line_count for piece in pieces):
            raise ValueError(f"{lines.num_rows} lines for {[str(p.path) for p in pieces]}")
        content = _Content(lines)
        place = 0
        for piece in pieces:
            end = place + piece.line_count
            parts = [piece.head.encode(), *content.between(place, end), piece.tail.encode()]
            self.file_count += 1
            path = self.folder / piece.path
            self._open.append(self._pool.submit(_write, path, parts, piece.second))
            place = end
        self._settle(8)

    def stamp(self, path: str, second: int) -> Path:
        """Count a file that SQL wrote itself, and give it its simulated time."""
        self.file_count += 1
        target = self.folder / path
        os.utime(target, (second, second))
        return target

    def place(self, path: str) -> Path:
        """Return where SQL shall write a file."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def close(self) -> None:
        """Wait for the last file."""
        self._settle(0)
        self._pool.shutdown()

    def _settle(self, most: int) -> None:
        while len(self._open) > most:
            self._open.pop(0).result()


class _Content:
    """The bytes of the lines of a table, found by line number and never copied."""

    def __init__(self, lines: pa.Table) -> None:
        self.chunks = [chunk for chunk in lines.column(0).chunks if len(chunk)]
        self.starts = np.cumsum([0, *(len(chunk) for chunk in self.chunks)])

    def between(self, first: int, end: int) -> list[Bytes]:
        """Return the bytes of some lines, one piece for each chunk they lie in."""
        found: list[Bytes] = []
        for chunk, start in zip(self.chunks, self.starts, strict=False):
            low, high = max(first - int(start), 0), min(end - int(start), len(chunk))
            if low < high:
                width = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
                _, offsets, content = chunk.buffers()
                places = np.frombuffer(offsets, dtype=width)
                begin, stop = places[chunk.offset + low], places[chunk.offset + high]
                found.append(memoryview(content)[int(begin) : int(stop)])
        return found


def _write(path: Path, parts: Sequence[Bytes], second: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(b"".join(parts), compresslevel=1, mtime=0))
    else:
        with path.open("wb") as file:
            file.writelines(parts)
    os.utime(path, (second, second))


def csv_line(expressions: Sequence[str], delimiter: str = ",") -> str:
    """Return SQL for a CSV line; an SQL null is an empty field."""
    joined = f", '{delimiter}', ".join(expressions)
    return f"concat({joined}, chr(10)) AS line"


def csv_head(names: Sequence[str], delimiter: str = ",") -> str:
    """Return the header line."""
    return delimiter.join(names) + "\n"


def json_line(fields: dict[str, str], bare: Sequence[str] = ()) -> str:
    """Return SQL for a JSON line; bare fields are figures, and nulls are left out."""
    parts = []
    for place, (name, expression) in enumerate(fields.items()):
        mark = "" if name in bare else '"'
        comma = "," if place else ""
        parts.append(f"""'{comma}"{name}":{mark}' || ({expression}) || '{mark}'""")
    return f"""concat('{{', {", ".join(parts)}, '}}', chr(10)) AS line"""
