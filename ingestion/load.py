"""One batch of landed files to raw parts: written aside, counted, and only then named."""

# ruff: noqa: S608 - the SQL is made from contracts and tieout.toml, which are the operator's own

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.candidates import Candidate, check_still, refused
from ingestion.clock_changes import meets_change
from ingestion.contracts import Contract
from ingestion.errors import (
    ConservationError,
    FileRefusedError,
    Message,
    is_about_storage,
    storage_error,
)
from ingestion.ledger import LandedFile
from ingestion.macros import add_macros
from ingestion.mapping import FeedMapping, Project
from ingestion.quarantine import BrokenLine, keep_lines
from ingestion.rules import FeedSql
from ingestion.sanity import doubtful_lines
from ingestion.sources.files import (
    fields_sql,
    json_names,
    jsonl_sql,
    lines_before,
    parquet_columns,
    parquet_sql,
    text_format,
)
from ingestion.sources.formats import LINE_FORMATS, Source, unpacked
from ingestion.sources.lines import TextFile, edge_lines
from ingestion.trailers import TrailerCheck, trailer_row

# Level 1 is faster and, here, smaller than the default; nobody filters raw parts by value; the
# second version of the pages halves the time to read a key; a dictionary of more than 2,000 values
# costs more than it saves.
PARQUET = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false,"
    " PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 2000, RETURN_STATS true"
)


@dataclass
class Loaded:
    """The outcome of one file: its ledger record and the staged parts to be moved into place."""

    record: LandedFile
    staged: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class Head:
    """The first lines of a file: as delivered, as contract columns, and those that break a rule."""

    source: pa.Table
    mapped: pa.Table
    broken: pa.Table


class Loader:
    """Loads batches of one project into one home with one connection.

    `careful` sends every line down the careful path, to prove that both give the same.
    """

    def __init__(self, project: Project, home: Path, *, careful: bool = False) -> None:
        self.project, self.home, self.careful = project, home, careful
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        # Pushed through projections, a filter would split each line again for every rule.
        self.connection.execute("SET disabled_optimizers = 'filter_pushdown'")
        self.connection.execute("SET partitioned_write_max_open_files = 10000")
        add_macros(self.connection)

    def load(self, contract: Contract, batch: Sequence[Candidate]) -> list[Loaded]:
        """Stage the parts of a batch whose files share feed and columns.

        A file that cannot be loaded comes back as refused; it never stops the others.
        """
        stage = self.home / "raw" / "_tmp" / f"{contract.feed}-{batch[0].file_hash}"
        stage.mkdir(parents=True, exist_ok=True)
        problems: list[FileRefusedError] = []
        try:
            return _Batch(self, contract, batch, stage, problems).load()
        except (FileRefusedError, duckdb.Error) as error:
            shutil.rmtree(stage, ignore_errors=True)
            if is_about_storage(error, self.home):
                raise storage_error(error, self.home) from error
            if len(batch) > 1:
                return [one for item in batch for one in self.load(contract, [item])]
            # What went wrong in a reader reaches us through the engine, in its words.
            return [Loaded(refused(batch[0], problems[0] if problems else error))]

    def head(self, contract: Contract, item: Candidate, limit: int) -> Head:
        """Return the first lines of a file as they are and as they would load.

        Raises:
            FileRefusedError: no line of it can be read with this mapping.
        """
        problems: list[FileRefusedError] = []
        try:
            return _Batch(self, contract, [item], self.home, problems).head(limit)
        except duckdb.Error as error:
            raise (problems[0] if problems else error) from error

    def first(self, contract: Contract, item: Candidate, limit: int) -> pa.Table:
        """Return the source columns of the first lines of a file, as text."""
        return _Batch(self, contract, [item], self.home, []).first(limit)


class _Batch:
    """The steps of one batch."""

    def __init__(
        self,
        loader: Loader,
        contract: Contract,
        batch: Sequence[Candidate],
        stage: Path,
        problems: list[FileRefusedError],
    ) -> None:
        self.problems = problems
        self.connection, self.home, self.stage = loader.connection, loader.home, stage
        self.contract, self.batch = contract, batch
        self.mapping = loader.project.feeds[contract.feed]
        self.is_near_change = False
        self.format = self.mapping.format
        # What a file itself does not name are the keys that the mapping asks for.
        self.names: Sequence[str] = batch[0].names or json_names(contract, self.mapping)
        width = 0 if self.format in ("jsonl", "table") else len(self.names)
        self.sql, self.named = self._queries(loader.project, has_fields=width > 0)
        numbers = self.sql.number_positions if width else ()
        asked = {name.lower() for name in json_names(contract, self.mapping)}
        wanted = [no for no, name in enumerate(self.names) if name.lower() in asked]
        self.spec = text_format(self.mapping, width, numbers, wanted, careful=loader.careful)
        self.files = [_File(no, item, self.mapping) for no, item in enumerate(batch)]

    def _queries(self, project: Project, *, has_fields: bool) -> tuple[FeedSql, str]:
        first = self.batch[0]
        if self.format == "parquet":
            path = unpacked(first.path, first.source_file, self.stage)
            columns = parquet_columns(self.connection, path)
            self.names = [name for name, _ in columns]
            named = parquet_sql(path, columns, self.contract)
        else:
            named = fields_sql(self.names) if has_fields else jsonl_sql(self.names)
        sql = FeedSql(
            self.contract,
            self.mapping,
            project.operator,
            self.names,
            where=first.source_file,
            rows=sum(item.scan.lines for item in self.batch),
        )
        return sql, named

    def load(self) -> list[Loaded]:
        """Write the good rows, keep the other lines, and check that there are no more."""
        if not (self._is_one_part() and self._copy_one()):
            self._copy_parts()
        self._count_aside()
        short = [file for file in self.files if file.missing]
        if short:
            self._register(short)
            bad = self.connection.execute(self.sql.bad(self.named)).fetchall()
            for file in short:
                self._keep(file, [BrokenLine(*row[1:]) for row in bad if row[0] == file.text.no])
        self._add_totals()
        loaded = [self._finish(file) for file in self.files]
        if self.mapping.checks:
            self._register(self.files)
            names = [item.source_file for item in self.batch]
            told = doubtful_lines(self.connection, self.mapping, self.named, names)
            for file_no, message in told:
                loaded[file_no].warnings.append(message)
        return loaded

    def _count_aside(self) -> None:
        """Count deleted rows, and local times that a change of the clock leaves no moment of."""
        if not self.mapping.deleted_when and not self.is_near_change:
            return
        self._register(self.files)
        for no, deleted, total, *clock in self.connection.execute(
            self.sql.aside(self.named)
        ).fetchall():
            file = self.files[no]
            file.deleted, file.clock_changes = deleted, (clock[0], clock[1])
            file.total += total or Decimal(0)

    def head(self, limit: int) -> Head:
        """Read the first lines only, and map them."""
        source = self.first(limit)
        queries = (self.sql.shown("FROM head"), self.sql.bad("FROM head"))
        return Head(source, *(self.connection.sql(one).to_arrow_table() for one in queries))

    def first(self, limit: int) -> pa.Table:
        """Read the first lines only."""
        self._register(self.files)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE head AS SELECT * FROM ({self.named}) LIMIT {limit}"
        )
        return self.connection.sql("SELECT * FROM head").to_arrow_table()

    def _register(self, files: Sequence[_File], *, with_lines: bool = True) -> None:
        if self.format != "parquet":
            texts = [file.text for file in files]
            source = Source(self.spec, self.mapping.layout, self.names, self.problems)
            self.connection.register("lines", source.stream(texts, with_lines=with_lines))

    def _copy(self, target: Path, *, by_day: bool, by_file: bool) -> list[tuple[Any, ...]]:
        self._register(self.files, with_lines=False)
        names = [(item.source_file, item.file_hash) for item in self.batch]
        good = self.sql.good(self.named, names, by_day=by_day, by_file=by_file)
        how = f"{PARQUET}, PARTITION_BY (_part)" if by_day or by_file else PARQUET
        path = str(target).replace("'", "''")
        rows = self.connection.execute(f"COPY ({good}) TO '{path}' ({how})").fetchall()
        near = (
            meets_change(row[4], self.sql.local_columns, self.mapping.time_zone) for row in rows
        )
        self.is_near_change = any(near)
        return rows

    def _copy_parts(self) -> None:
        """Write a part for each file and day."""
        by_day, by_file = self.contract.partition is not None, self.batch[0].scan.is_small
        for name, count, *_, keys, _groups in self._copy(
            self.stage, by_day=by_day, by_file=by_file
        ):
            values = keys["_part"].split("_")
            file = self.files[int(values[0]) if by_file else 0]
            self._stage(file, Path(name), count, values[-1] if by_day else None)

    def _is_one_part(self) -> bool:
        """Guess from the first and last lines whether all rows of a big file go to one part.

        To part the rows costs a third on top of writing them, and most big files are of one day.
        """
        if self.batch[0].scan.is_small:
            return False
        if self.contract.partition is None or self.format not in LINE_FORMATS:
            return self.contract.partition is None
        self.connection.register("lines", edge_lines(self.files[0].text, self.spec))
        return len(self.connection.execute(self.sql.days(self.named)).fetchall()) == 1

    def _copy_one(self) -> bool:
        """Write one part; tell whether that was right."""
        path = self.stage / "one.parquet"
        ((_, count, _, _, stats, *_),) = self._copy(path, by_day=False, by_file=False)
        partition, value = self.contract.partition, None
        if partition and count:
            stamps = stats[f'"{partition.column}"']
            ends = [self.sql.day_of(f"TIMESTAMP '{stamps[end]}'") for end in ("min", "max")]
            days = self.connection.execute(f"SELECT {', '.join(ends)}").fetchall()[0]
            if days[0] != days[1]:
                path.unlink()
                return False
            value = str(days[0])
        self._stage(self.files[0], path, count, value)
        return True

    def _stage(self, file: _File, path: Path, count: int, value: str | None) -> None:
        if not count:
            return
        file.loaded += count
        folder = ""
        if self.contract.partition and value:
            file.days.append(date.fromisoformat(value))
            folder = f"{self.contract.partition.name}={value}/"
        target = f"{self.contract.table}/{folder}{file.item.file_hash}.parquet"
        file.staged.append((path, target))

    def _keep(self, file: _File, broken: list[BrokenLine]) -> None:
        totals = [line.total for line in broken]
        file.unreadable = len(file.text.bad) + totals.count(None)
        file.total = sum((total for total in totals if total is not None), Decimal(0))
        names = (file.item.source_file, file.item.file_hash)
        unread = [BrokenLine(bad.source_row, bad.line, bad.reason_code) for bad in file.text.bad]
        file.quarantined = keep_lines(self.home, self.contract, names, broken + unread)

    def _finish(self, file: _File) -> Loaded:
        item, text = file.item, file.text
        if file.missing:
            raise ConservationError(
                f"{file.missing} of {item.scan.lines} lines were neither loaded nor quarantined",
                where=item.source_file,
                effect="no line of it was loaded",
                fix="report this file: the reader must account for every line",
            )
        check_still(item)
        if self.mapping.trailer:
            check = TrailerCheck(
                self.mapping.trailer, self.mapping.delimiter, item.scan, item.source_file
            )
            check.check_count(file.loaded + file.quarantined + file.deleted)
            check.check_total(file.total, file.unreadable)
        record = LandedFile(
            feed=item.feed,
            source_file=item.source_file,
            sha256=item.scan.sha256,
            fingerprint=item.fingerprint,
            file_hash=item.file_hash,
            status="loaded",
            size=item.size,
            mtime_ns=item.mtime_ns,
            line_count=item.scan.lines - text.continued_count,
            header_count=file.header_count,
            trailer_count=file.trailer_count + text.aside["trailer"],
            blank_count=text.blank_count,
            loaded_count=file.loaded,
            quarantined_count=file.quarantined,
            deleted_count=file.deleted,
            ambiguous_time_count=file.clock_changes[0],
            missing_time_count=file.clock_changes[1],
            first_event_on=min(file.days, default=None),
            last_event_on=max(file.days, default=None),
            parts=tuple(sorted(target for _, target in file.staged)),
        )
        return Loaded(record, file.staged)

    def _add_totals(self) -> None:
        """Add up the figures that trailers state, of all staged parts at once."""
        trailer = self.mapping.trailer
        files = {str(path): file for file in self.files for path, _ in file.staged}
        if trailer is None or trailer.total_column is None or not files:
            return
        sums = self.connection.execute(
            f'SELECT filename, sum("{trailer.total_column}")'
            " FROM read_parquet($parts, filename = true) GROUP BY ALL",
            {"parts": list(files)},
        ).fetchall()
        for name, total in sums:
            files[name].total += Decimal(total or 0)


class _File:
    """One file of a batch, and the count of its lines so far."""

    def __init__(self, no: int, item: Candidate, mapping: FeedMapping) -> None:
        header = lines_before(mapping, item.scan)
        row = trailer_row(mapping, item.scan, item.source_file)
        self.item = item
        self.text = TextFile(no, item.path, item.source_file, item.scan, header, row)
        self.trailer_count = int(row is not None)
        self.loaded = self.quarantined = self.unreadable = self.deleted = 0
        self.clock_changes = (0, 0)
        self.total = Decimal(0)
        self.days: list[date] = []
        self.staged: list[tuple[Path, str]] = []

    @property
    def header_count(self) -> int:
        """Return the lines that are no records: header, comments, records of another kind."""
        text = self.text
        return text.header_count + text.aside.total() - text.aside["trailer"]

    @property
    def missing(self) -> int:
        """Return the lines that are not accounted for."""
        text = self.text
        aside = text.header_count + text.aside.total() + self.trailer_count + text.blank_count
        known = self.loaded + self.quarantined + self.deleted + aside + text.continued_count
        return self.item.scan.lines - known
