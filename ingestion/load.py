"""One batch of landed files to raw parts: written aside, counted, and only then named."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import Contract
from ingestion.errors import ConservationError, FileRefusedError, TrailerError
from ingestion.ledger import LandedFile
from ingestion.mapping import FeedMapping, Project
from ingestion.rules import FeedSql
from ingestion.scan import Scan
from ingestion.sources.files import (
    TextFile, TextFormat, csv_sql, header_names, jsonl_sql, parquet_sql, reader,
)

# Level 1 writes faster and smaller than the default here; filters are never asked of raw parts.
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false"

QUARANTINED = pa.schema([
    ("feed", pa.utf8()), ("source_file", pa.utf8()), ("source_row", pa.int64()),
    ("file_hash", pa.utf8()), ("reason_code", pa.utf8()), ("column_name", pa.utf8()),
    ("value", pa.utf8()), ("natural_key", pa.utf8()), ("record_key", pa.int64()),
    ("event_on", pa.date32()),
])


@dataclass
class Candidate:
    """A file that is to be loaded, with what is known of it before that."""

    feed: str
    path: Path
    source_file: str
    size: int
    mtime_ns: int
    scan: Scan
    file_hash: str
    names: tuple[str, ...] = ()
    text: TextFile = field(init=False)


@dataclass
class Loaded:
    """The outcome of one file: its ledger record and the staged parts to be moved into place."""

    record: LandedFile
    staged: list[tuple[Path, str]] = field(default_factory=list)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection that writes rows in the order it read them."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET partitioned_write_max_open_files = 10000")
    return connection


class Loader:
    """Loads batches of one project into one home with one connection."""

    def __init__(self, project: Project, home: Path, careful: bool = False) -> None:
        self.project, self.home, self.careful = project, home, careful
        self.connection = connect()

    def load(self, contract: Contract, batch: Sequence[Candidate]) -> list[Loaded]:
        """Stage the parts of a batch whose files share feed and columns.

        A file that cannot be loaded comes back as refused; it never stops the others.
        """
        try:
            return self._load(contract, batch)
        except (FileRefusedError, duckdb.Error) as error:
            if len(batch) > 1:
                return [one for item in batch for one in self.load(contract, [item])]
            return [Loaded(refused(batch[0], self.project.fingerprint(contract), error))]

    def _load(self, contract: Contract, batch: Sequence[Candidate]) -> list[Loaded]:
        work = _Batch(self, contract, batch)
        try:
            work.copy()
            work.quarantine()
            return [work.finish(no) for no in range(len(batch))]
        except BaseException:
            shutil.rmtree(work.stage, ignore_errors=True)
            raise


class _Batch:
    """The steps of one batch."""

    def __init__(self, loader: Loader, contract: Contract, batch: Sequence[Candidate]) -> None:
        self.connection, self.contract, self.batch = loader.connection, contract, batch
        self.home, self.project = loader.home, loader.project
        self.mapping: FeedMapping = loader.project.feeds[contract.feed]
        self.stage = loader.home / "raw" / "_tmp" / f"{contract.feed}-{batch[0].file_hash}"
        self.spec = TextFormat(
            "jsonl" if self.mapping.format in ("jsonl", "table") else self.mapping.format,
            self.mapping.delimiter, self.mapping.quote, loader.careful,
        )
        self.sql, self.named = self._queries()
        self.files = [
            TextFile(no, item.path, item.source_file, item.scan, *_edges(self.mapping, item))
            for no, item in enumerate(batch)
        ]
        self.rows = [item.scan.lines for item in batch]
        self.counts = [0] * len(batch)
        self.staged: list[list[tuple[Path, str]]] = [[] for _ in batch]
        self.days: list[list[date]] = [[] for _ in batch]
        self.quarantined = [0] * len(batch)
        self.unread_totals = [0] * len(batch)
        self.bad_totals = [Decimal(0)] * len(batch)

    def _queries(self) -> tuple[FeedSql, str]:
        first = self.batch[0]
        if self.spec.format == "parquet":
            columns = _parquet_columns(self.connection, first)
            names = [name for name, _ in columns]
            named = parquet_sql(first.path, columns, self.contract)
        elif self.spec.format == "csv":
            names = list(first.names)
            named = csv_sql(self.spec, names)
        else:
            names = json_names(self.contract, self.mapping)
            named = jsonl_sql(names)
        sql = FeedSql(
            self.contract, self.mapping, self.project.operator, first.source_file, names
        )
        return sql, named

    def _register(self, files: Sequence[TextFile]) -> None:
        if self.spec.format != "parquet":
            self.connection.register("lines", reader(files, self.spec))

    def copy(self) -> None:
        """Write the good rows of every file and day aside."""
        self.stage.mkdir(parents=True, exist_ok=True)
        self._register(self.files)
        partition = self.contract.partition
        by = "_file_no" + (f", {partition.name}" if partition else "")
        good = self.sql.good(
            self.named, [(item.source_file, item.file_hash) for item in self.batch]
        )
        written = self.connection.execute(
            f"COPY ({good}) TO '{_literal(self.stage)}'"
            f" ({PARQUET}, PARTITION_BY ({by}), RETURN_STATS true, OVERWRITE true)"
        ).fetchall()
        for name, count, *_, keys, _groups in written:
            no = int(keys["_file_no"])
            self.counts[no] += count
            folder = ""
            if partition:
                value = keys[partition.name]
                self.days[no].append(date.fromisoformat(value))
                folder = f"{partition.name}={value}/"
            target = f"{self.contract.table}/{folder}{self.batch[no].file_hash}.parquet"
            self.staged[no].append((Path(name), target))

    def quarantine(self) -> None:
        """Keep the lines that did not load, for the files that have any."""
        short = [file for file in self.files if self._missing(file)]
        if not short:
            return
        self._register(short)
        bad = self.connection.execute(self.sql.bad(self.named)).to_arrow_table()
        for file in short:
            self._keep(file, bad)

    def _missing(self, file: TextFile) -> int:
        return (
            self.rows[file.no] - self.counts[file.no] - file.header_count - file.blank_count
            - file.continued_count - (file.trailer_row is not None)
        )

    def _keep(self, file: TextFile, bad: pa.Table) -> None:
        item = self.batch[file.no]
        mine = bad.filter(pa.compute.equal(bad["_file_no"], file.no))
        self.unread_totals[file.no] = len(file.bad) + mine["total"].null_count
        self.bad_totals[file.no] = pa.compute.sum(mine["total"]).as_py() or Decimal(0)
        lines = mine.select(["_source_row", "reason_code", "column_name", "_line"]).to_pylist()
        lines += [
            {"_source_row": line.source_row, "reason_code": line.reason_code,
             "column_name": None, "_line": line.line} for line in file.bad
        ]
        lines.sort(key=lambda line: line["_source_row"])
        self.quarantined[file.no] = len(lines)
        if not lines:
            return
        folder = self.home / "quarantine" / self.contract.feed
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(
            json.dumps(
                {"source_row": line["_source_row"], "reason_code": line["reason_code"],
                 "column_name": line["column_name"], "line": line["_line"].rstrip("\r\n")},
                ensure_ascii=False,
            ) + "\n" for line in lines
        )
        write_private(folder / f"{item.file_hash}.jsonl", text.encode())
        rows = _quarantined_rows(self.contract.feed, item, mine, file)
        target = folder / f"{item.file_hash}.parquet"
        aside = target.with_suffix(".tmp")
        pq.write_table(rows, aside, compression="zstd")
        os.replace(aside, target)

    def finish(self, no: int) -> Loaded:
        """Check that no line was lost, and return the record and parts of one file."""
        item, file = self.batch[no], self.files[no]
        missing = self._missing(file) - self.quarantined[no]
        if missing:
            raise ConservationError(
                f"{missing} of {self.rows[no]} lines were neither loaded nor quarantined",
                where=item.source_file, effect="no line of it was loaded",
                fix="report this file: the reader must account for every line",
            )
        trailer = file.trailer_row is not None
        if trailer:
            self._check_trailer(no)
        days = self.days[no]
        record = LandedFile(
            feed=item.feed, source_file=item.source_file, sha256=item.scan.sha256,
            fingerprint=self.project.fingerprint(self.contract), file_hash=item.file_hash,
            status="loaded", size=item.size, mtime_ns=item.mtime_ns,
            line_count=self.rows[no] - file.continued_count, header_count=file.header_count,
            trailer_count=int(trailer), blank_count=file.blank_count,
            loaded_count=self.counts[no], quarantined_count=self.quarantined[no],
            first_event_on=min(days, default=None), last_event_on=max(days, default=None),
            parts=tuple(sorted(target for _, target in self.staged[no])),
        )
        return Loaded(record, self.staged[no])

    def _check_trailer(self, no: int) -> None:
        trailer, item = self.mapping.trailer, self.batch[no]
        if trailer is None:
            return
        fields = item.scan.last_line.decode("utf-8", "replace").split(self.mapping.delimiter)
        found = self.counts[no] + self.quarantined[no]
        if trailer.count_field:
            said = _figure(fields, trailer.count_field, item)
            if said != found:
                raise _lie(item, "lines", said, Decimal(found))
        if trailer.total_field and trailer.total_column:
            said = _figure(fields, trailer.total_field, item)
            total = self._total(no, trailer.total_column)
            # A figure in a line that cannot be read may be the difference: no proof of a lie.
            if said != total and not self.unread_totals[no]:
                raise _lie(item, trailer.total_column, said, total)

    def _total(self, no: int, column: str) -> Decimal:
        total = self.bad_totals[no]
        for path, _ in self.staged[no]:
            row = self.connection.execute(
                f'SELECT sum("{column}") FROM read_parquet($path)', {"path": str(path)}  # noqa: S608
            ).fetchone()
            total += Decimal(row[0] or 0) if row else Decimal(0)
        return total


def refused(item: Candidate, fingerprint: str, error: Exception) -> LandedFile:
    """Return the record of a file that is not loaded, with the reason."""
    code, fix = "TIE-3001", "correct the mapping, or ask for the file again"
    what = str(error).split("\n")[0]
    if isinstance(error, FileRefusedError):
        code, fix, what = error.code, error.fix, error.what
    return LandedFile(
        feed=item.feed, source_file=item.source_file, sha256=item.scan.sha256,
        fingerprint=fingerprint, file_hash=item.file_hash, status="refused", size=item.size,
        mtime_ns=item.mtime_ns, code=code, reason=what, fix=fix, line_count=item.scan.lines,
    )


def json_names(contract: Contract, mapping: FeedMapping) -> list[str]:
    """Return the keys that a mapping may ask of a JSON line: contract columns and names it uses."""
    names = {column.name.lower(): column.name for column in contract.columns}
    for expression in mapping.columns.values():
        bare = re.sub(r"'(?:[^']|'')*'", " ", expression)
        for name in re.findall(r'"([^"]+)"', bare):
            names.setdefault(name.lower(), name)
        for name in re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", re.sub(r'"[^"]+"', " ", bare)):
            names.setdefault(name.lower(), name)
    return list(names.values())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    aside = path.with_suffix(path.suffix + ".tmp")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    os.replace(aside, path)


def _quarantined_rows(
    feed: str, item: Candidate, mine: pa.Table, file: TextFile
) -> pa.Table:
    rows = mine.rename_columns({"_source_row": "source_row"}).select(
        [name for name in QUARANTINED.names if name not in ("feed", "source_file", "file_hash")]
    ).to_pylist()
    rows += [
        {"source_row": line.source_row, "reason_code": line.reason_code} for line in file.bad
    ]
    rows.sort(key=lambda row: row["source_row"])
    same = {"feed": feed, "source_file": item.source_file, "file_hash": item.file_hash}
    return pa.Table.from_pylist([{**row, **same} for row in rows], schema=QUARANTINED)


def _edges(mapping: FeedMapping, item: Candidate) -> tuple[int, int | None]:
    """Return the number of header lines and the number of the trailer line."""
    header = 1 if mapping.format == "csv" and mapping.header else 0
    if mapping.trailer is None:
        return header, None
    if not item.scan.last_line.startswith(mapping.trailer.starts_with.encode()):
        raise TrailerError(
            f"the trailer line that starts with {mapping.trailer.starts_with!r} is missing",
            where=item.source_file, effect="no line of it was loaded: it may be cut off",
            fix="ask for the file again under a new name",
        )
    return header, item.scan.last_line_no


def _figure(fields: list[str], number: int, item: Candidate) -> Decimal:
    try:
        return Decimal(fields[number - 1].strip())
    except (IndexError, ArithmeticError) as error:
        raise TrailerError(
            f"field {number} of the trailer is no figure", where=item.source_file,
            effect="no line of it was loaded", fix="correct the trailer fields of the mapping",
        ) from error


def _lie(item: Candidate, what: str, said: Decimal, found: Decimal) -> TrailerError:
    return TrailerError(
        f"the trailer says {said} {what}, the file holds {found}", where=item.source_file,
        effect="no line of it was loaded", fix="ask for the whole file again under a new name",
    )


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, item: Candidate
) -> list[tuple[str, str]]:
    described = connection.execute(
        "DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(item.path)}
    ).fetchall()
    return [(row[0], row[1]) for row in described]


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")


def with_status(record: LandedFile, **changes: object) -> LandedFile:
    """Return a record with some fields changed."""
    return replace(record, **changes)  # type: ignore[arg-type]


def csv_names(mapping: FeedMapping, item: Candidate) -> tuple[str, ...]:
    """Return the source columns of one CSV file."""
    if not mapping.header:
        return mapping.column_names
    spec = TextFormat("csv", mapping.delimiter, mapping.quote)
    names = header_names(item.scan, spec)
    lowered = [name.lower() for name in names]
    if not all(names) or len(set(lowered)) < len(names):
        raise FileRefusedError(
            f"the header names a column twice or not at all: {', '.join(names)[:200]}",
            where=item.source_file, effect="no line of it was loaded",
            fix='set header = false and column_names, or ask for a file with a header',
        )
    return tuple(names)
