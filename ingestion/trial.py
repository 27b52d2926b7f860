"""What files would do, with nothing loaded: the road itself, into a folder that is thrown away."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.admit import Admission
from ingestion.advice import advise
from ingestion.arrive import Arrivals
from ingestion.candidates import Candidate
from ingestion.contracts import Contract, load_contracts
from ingestion.errors import ConfigError, FileRefusedError, Message, SourceError
from ingestion.ingest import ingest
from ingestion.land import Found, Known
from ingestion.ledger import LandedFile, MemoryLedger
from ingestion.load import Head, Loader
from ingestion.mapping import FeedMapping, Project

_EXAMPLES = 3


@dataclass(frozen=True)
class Example:
    """One line that would not load; the value of a personal column is masked."""

    source_file: str
    source_row: int
    value: str | None


@dataclass(frozen=True)
class Reason:
    """Why lines would not load: how many, the first of them, and what to do."""

    reason_code: str
    column_name: str | None
    line_count: int
    values: tuple[str, ...]
    examples: tuple[Example, ...]
    fix: str


@dataclass(frozen=True)
class Trial:
    """What loading some files of one feed would do."""

    feed: str
    files: tuple[LandedFile, ...]
    reasons: tuple[Reason, ...]
    messages: tuple[Message, ...]

    @property
    def loaded_count(self) -> int:
        """Return the rows that would load."""
        return sum(file.loaded_count for file in self.files)

    @property
    def quarantined_count(self) -> int:
        """Return the lines that would go to quarantine."""
        return sum(file.quarantined_count for file in self.files)

    @property
    def is_clean(self) -> bool:
        """Tell whether every line of at least one file would load."""
        states = {file.status for file in self.files}
        return states == {"loaded"} and not self.quarantined_count


def check(project: Project, feed: str, path: Path | None = None, threads: int = 2) -> Trial:
    """Run the contract of a feed over its files, or over one file, and load nothing.

    Args:
        project: what tieout.toml says.
        feed: a mapped feed.
        path: a file anywhere; all that the mapping finds when None.
        threads: files that are read at once.

    Raises:
        ConfigError: the feed is not mapped, or there is no such file.
        SourceError: a database cannot be read.
    """
    tried = _tried(project, feed, path)
    with tempfile.TemporaryDirectory(prefix="tieout-check-") as name:
        report = ingest(tried, Path(name), MemoryLedger(), [feed], threads)
        reasons = _reasons(Path(name), load_contracts()[feed], tried.feeds[feed])
    return Trial(feed, report.files, reasons, report.messages)


def first_lines(
    project: Project, feed: str, path: Path | None, limit: int
) -> tuple[Candidate, Head]:
    """Return the first lines of a file as they would load; without path, of the first file found.

    Raises:
        ConfigError: the feed is not mapped, or there is no file.
        FileRefusedError: the file cannot be read with this mapping.
    """
    with _opened(_tried(project, feed, path), feed) as (loader, candidate):
        return candidate, loader.head(load_contracts()[feed], candidate, limit)


def source_lines(project: Project, feed: str, path: Path, limit: int) -> pa.Table:
    """Return the first lines of a file as text by source column, whatever the feed needs.

    Raises:
        FileRefusedError: the file cannot be read with this mapping.
    """
    with _opened(at_file(project, feed, path), feed) as (loader, candidate):
        return loader.first(load_contracts()[feed], candidate, limit)


@contextmanager
def _opened(tried: Project, feed: str) -> Iterator[tuple[Loader, Candidate]]:
    contract = load_contracts()[feed]
    with tempfile.TemporaryDirectory(prefix="tieout-preview-") as name:
        home = Path(name)
        admission = Admission(tried, Known(()), {feed: tried.fingerprint(contract)})
        file = _first(tried, feed, home)
        admission.decide(file, admission.scan(file))
        if admission.refused:
            record = admission.refused[0]
            raise FileRefusedError(
                record.reason, where=record.source_file, effect="nothing to show", fix=record.fix
            )
        yield Loader(tried, home), admission.admitted[0]


def _tried(project: Project, feed: str, path: Path | None) -> Project:
    if feed not in load_contracts() or feed not in project.feeds:
        known = feed in load_contracts()
        raise ConfigError(
            f"feed {feed!r} {'is not mapped' if known else 'has no contract'}",
            where="tieout.toml [feeds]",
            effect="nothing was read",
            fix=f"`tieout feed suggest FILE --feed {feed}` proposes a mapping"
            if known
            else "`tieout feed list` names the feeds",
        )
    return project if path is None else at_file(project, feed, path)


def at_file(project: Project, feed: str, path: Path) -> Project:
    """Return the project with a feed that finds one file only, wherever it lies.

    Raises:
        ConfigError: there is no such file, or the feed is a table.
    """
    mapping = project.feeds[feed]
    inside = project.landing / path
    named = path if path.is_file() else inside
    if not named.is_file() or mapping.format == "table":
        raise ConfigError(
            f"there is no file {path}" if mapping.format != "table" else f"{feed} is a table",
            where=str(named),
            effect="nothing was read",
            fix="name a file, or none for what the mapping finds",
        )
    named, landing = named.resolve(), project.landing.resolve()
    if not named.is_relative_to(landing):
        landing = named.parent
    pattern = glob.escape(named.relative_to(landing).as_posix())
    alone = replace(mapping, path=(pattern,), location=None, settle_seconds=0, sequence=None)
    return replace(project, landing_folder=landing, feeds={**project.feeds, feed: alone})


def _first(project: Project, feed: str, home: Path) -> Found:
    arrivals = Arrivals(project, home, Known(()))
    found, _ = arrivals.fetch(arrivals.find([feed]).get(feed, [])[:1], {feed: ""})
    if found:
        return found[0]
    for message in arrivals.unreachable:
        raise SourceError(message.what, where=message.where, effect=message.effect, fix=message.fix)
    raise ConfigError(
        f"feed {feed} has no files",
        where=f"tieout.toml [feeds.{feed}] path",
        effect="nothing to show",
        fix="put a file there, or name one",
    )


def _reasons(home: Path, contract: Contract, mapping: FeedMapping) -> tuple[Reason, ...]:
    part = home / "raw" / "tieout__quarantined_rows" / "part.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT reason_code, column_name, count(*) AS line_count,"
            f" list({{'f': source_file, 'r': source_row, 'v': value}}"
            f"   ORDER BY source_file, source_row)[:{_EXAMPLES}],"
            " list(DISTINCT value ORDER BY value)[:8]"
            " FROM read_parquet($part) GROUP BY ALL"
            " ORDER BY line_count DESC, reason_code, column_name",
            {"part": str(part)},
        ).fetchall()
    return tuple(_reason(contract, mapping, row) for row in rows)


def _reason(contract: Contract, mapping: FeedMapping, row: Sequence[Any]) -> Reason:
    code, name, count, examples, values = row
    column = contract.column(str(name)) if name else None
    seen = tuple(str(value) for value in values or () if value is not None)
    return Reason(
        str(code),
        str(name) if name else None,
        int(str(count)),
        seen,
        tuple(Example(one["f"], one["r"], one["v"]) for one in examples),
        advise(str(code), column, mapping, seen),
    )
