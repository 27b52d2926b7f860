"""The road from landing to raw for everything that is new."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.contracts import Contract, load_contracts
from ingestion.errors import (
    ConfigError, FileChangedError, FileRefusedError, Message,
)
from ingestion.land import Found, Known, check_inside, file_hash, find, rows_by_feed
from ingestion.ledger import LandedFile, Ledger
from ingestion.load import Candidate, Loaded, Loader, csv_names, refused, with_status
from ingestion.mapping import Project
from ingestion.own_tables import write_empty_parts, write_own_tables
from ingestion.place import Placer
from ingestion.scan import Scan, scan_file

_BATCH_FILES = 64
_BATCH_BYTES = 24 << 20
_KEPT_BYTES = 256 << 20
_RECORD_EVERY = 64


@dataclass(frozen=True)
class FeedReport:
    """What a run did with one feed, and what the feed holds now."""

    feed: str
    found: int
    loaded: int
    skipped: int
    duplicate: int
    refused: int
    rows: int
    quarantined: int
    total_rows: int
    total_files: int


@dataclass(frozen=True)
class IngestReport:
    """What a run did; `files` are the records it made, `standing` the refusals that still hold."""

    feeds: tuple[FeedReport, ...]
    files: tuple[LandedFile, ...]
    standing: tuple[LandedFile, ...]
    messages: tuple[Message, ...]

    @property
    def refused(self) -> tuple[LandedFile, ...]:
        """Return the files that are refused, by this run or still."""
        return tuple(
            file for file in (*self.files, *self.standing) if file.status == "refused"
        )

    @property
    def quarantined_count(self) -> int:
        """Return the lines that this run put into quarantine."""
        return sum(file.quarantined_count for file in self.files if file.status == "loaded")


@dataclass
class _State:
    """What the steps of one run share."""

    project: Project
    home: Path
    ledger: Ledger
    contracts: dict[str, Contract]
    known: Known
    placer: Placer
    threads: int
    done: list[LandedFile] = field(default_factory=list)
    waiting: list[tuple[LandedFile, list[str]]] = field(default_factory=list)
    kept: int = 0


def ingest(
    project: Project, home: Path, ledger: Ledger, feeds: list[str] | None = None,
    threads: int = 2,
) -> IngestReport:
    """Land and load everything that is new.

    Args:
        project: what tieout.toml says.
        home: TIEOUT_HOME; raw/, quarantine/ and landing_extracts/ lie below it.
        ledger: what was done before.
        feeds: feeds to look at; all mapped ones when None.
        threads: files that are read at once.

    Returns:
        What was done. Refused files are in it; they never stop the others.

    Raises:
        ConfigError: a feed is not mapped, or a path leaves the landing folder.
    """
    contracts = load_contracts()
    wanted = _wanted(project, feeds)
    home.mkdir(parents=True, exist_ok=True)
    known = Known(ledger.files())
    placer = Placer(home / "raw")
    placer.recover(lambda feed, digest: any(
        file.file_hash == digest and file.status == "loaded"
        for (name, _), versions in known.by_name.items() if name == feed for file in versions
    ))
    state = _State(project, home, ledger, contracts, known, placer, threads)
    write_empty_parts(contracts.values(), home / "raw")
    found = {feed: _find(state, feed) for feed in wanted}
    new, settled = _sort(state, [file for files in found.values() for file in files])
    with ThreadPoolExecutor(max(1, threads)) as pool:
        candidates = _admit(state, new, list(pool.map(_scanned(state), new)))
        local = threading.local()
        jobs = [
            pool.submit(_load, state, local, batch) for batch in _batches(candidates)
        ]
        for job in as_completed(jobs):
            _place(state, job.result())
    _flush(state)
    if state.done or not (home / "raw" / "tieout__feeds" / "part.parquet").is_file():
        pass
    write_own_tables(project, contracts, list(ledger.files()), home)
    return _report(state, found, settled)


def _wanted(project: Project, feeds: list[str] | None) -> list[str]:
    for feed in feeds or ():
        if feed not in project.feeds:
            raise ConfigError(
                f"feed {feed!r} is not mapped", where="tieout.toml [feeds]",
                effect="nothing was read", fix=f"map it, or use one of {', '.join(project.feeds)}",
            )
    return sorted(project.feeds if feeds is None else feeds)


def _find(state: _State, feed: str) -> list[Found]:
    mapping = state.project.feeds[feed]
    if mapping.format != "table":
        return find(state.project.landing, mapping)
    # SQLAlchemy costs a third of a second to import; most projects have files only.
    from ingestion.sources.databases import extract

    return [extract(mapping, state.contracts[feed], state.project.folder, state.home)]


def _sort(
    state: _State, found: Sequence[Found]
) -> tuple[list[Found], list[LandedFile]]:
    new: list[Found] = []
    settled: list[LandedFile] = []
    fingerprints = {
        feed: state.project.fingerprint(state.contracts[feed])
        for feed in {file.feed for file in found}
    }
    for file in found:
        record = state.known.settled(file, fingerprints[file.feed], state.home / "raw")
        if record is None:
            new.append(file)
        else:
            settled.append(record)
    return new, settled


def _scanned(state: _State):  # type: ignore[no-untyped-def]
    def scan(file: Found) -> Scan | FileRefusedError:
        try:
            if not file.source_file.startswith("table:"):
                check_inside(state.project.landing, file)
            mapping = state.project.feeds[file.feed]
            scan = scan_file(
                file.path, file.source_file, counted=mapping.format != "parquet"
            )
            if mapping.format == "parquet":
                return _with_rows(scan, file)
        except FileRefusedError as error:
            return error
        except OSError as error:
            return FileRefusedError(
                f"the file cannot be read: {error.strerror}", where=file.source_file,
                effect="nothing was loaded from it", fix="correct its permissions",
            )
        return scan

    return scan


def _with_rows(scan: Scan, file: Found) -> Scan:
    try:
        rows = pq.read_metadata(file.path).num_rows
    except (OSError, ValueError) as error:
        raise FileRefusedError(
            f"the file is not Parquet: {error}".split("\n")[0], where=file.source_file,
            effect="nothing was loaded from it", fix="ask for the file again under a new name",
        ) from error
    return Scan(scan.sha256, scan.size, rows, b"", b"", 0, None)


def _admit(
    state: _State, new: Sequence[Found], scans: Sequence[Scan | FileRefusedError]
) -> list[Candidate]:
    """Decide for each scanned file whether it is loaded; record those that are not."""
    admitted: list[Candidate] = []
    taken: dict[tuple[str, str], str] = {}
    for file, scan in zip(new, scans, strict=True):
        fingerprint = state.project.fingerprint(state.contracts[file.feed])
        whole = Scan("", file.size, 0, b"", b"", 0, None)
        item = _candidate(file, scan if isinstance(scan, Scan) else whole, fingerprint)
        try:
            if isinstance(scan, FileRefusedError):
                raise scan
            twin = _twin(state, file, scan, taken)
            if twin:
                _keep(state, _duplicate(item, fingerprint, twin))
                continue
            _check_change(state, file, scan)
            mapping = state.project.feeds[file.feed]
            if mapping.format == "csv":
                item.names = csv_names(mapping, item)
        except FileRefusedError as error:
            _keep(state, refused(item, fingerprint, error))
            continue
        taken[(file.feed, scan.sha256)] = file.source_file
        admitted.append(item)
    return admitted


def _candidate(file: Found, scan: Scan, fingerprint: str) -> Candidate:
    return Candidate(
        file.feed, file.path, file.source_file, file.size, file.mtime_ns, scan,
        file_hash(scan.sha256, fingerprint),
    )


def _twin(
    state: _State, file: Found, scan: Scan, taken: dict[tuple[str, str], str]
) -> str | None:
    other = state.known.loaded(file.feed, scan.sha256)
    if other and other.source_file != file.source_file:
        return other.source_file
    return taken.get((file.feed, scan.sha256))


def _duplicate(item: Candidate, fingerprint: str, twin: str) -> LandedFile:
    error = FileRefusedError(
        f"the same bytes were loaded from {twin}", where=item.source_file, effect="", fix="",
    )
    return with_status(refused(item, fingerprint, error), status="duplicate", code="", fix="")


def _check_change(state: _State, file: Found, scan: Scan) -> None:
    others = state.known.others(file, scan.sha256)
    if others and not file.replaces:
        raise FileChangedError(
            f"the file was loaded before with other bytes: sha256 {others[0].sha256[:16]} then,"
            f" {scan.sha256[:16]} now", where=file.source_file,
            effect="the rows of the first delivery stay; nothing of the second was loaded",
            fix="deliver the correction under a new name, or set"
            f' on_change = "replace" in [feeds.{file.feed}]',
        )


def _batches(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Yield files that one statement can load: same feed, same columns, not too much."""
    batch: list[Candidate] = []
    size = 0
    for item in sorted(candidates, key=lambda one: (one.feed, one.names, one.source_file)):
        whole = item.path.suffix == ".parquet" or (
            batch and (batch[0].feed, batch[0].names) != (item.feed, item.names)
        )
        if batch and (whole or len(batch) >= _BATCH_FILES or size + item.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size
    if batch:
        yield batch


def _load(state: _State, local: threading.local, batch: list[Candidate]) -> list[Loaded]:
    if not hasattr(local, "loader"):
        local.loader = Loader(state.project, state.home)
    return local.loader.load(state.contracts[batch[0].feed], batch)  # type: ignore[no-any-return]


def _place(state: _State, results: Sequence[Loaded]) -> None:
    for result in results:
        record = result.record
        go: list[str] = []
        if record.status == "loaded":
            versions = state.known.by_name.get((record.feed, record.source_file), [])
            for version in list(versions):
                go += version.parts
                if version.sha256 != record.sha256 and version.status == "loaded":
                    _keep(state, with_status(version, status="superseded", parts=()))
            state.placer.place(result, go)
        _keep(state, record, go)
    if len(state.waiting) >= _RECORD_EVERY:
        _flush(state)


def _keep(state: _State, record: LandedFile, go: list[str] | None = None) -> None:
    state.known.add(record)
    state.waiting.append((record, go or []))


def _flush(state: _State) -> None:
    """Record what was done; only then do replaced parts go."""
    if not state.waiting:
        return
    state.ledger.record([record for record, _ in state.waiting])
    for record, go in state.waiting:
        if record.status == "loaded":
            state.placer.settle(record, go)
    state.done += [record for record, _ in state.waiting if record.status != "superseded"]
    state.waiting.clear()


def _report(
    state: _State, found: dict[str, list[Found]], settled: Sequence[LandedFile]
) -> IngestReport:
    done = sorted(state.done, key=lambda file: file.identity)
    standing = [file for file in settled if file.status in ("refused", "duplicate")]
    totals = rows_by_feed(state.ledger.files())
    reports = tuple(
        _feed_report(
            feed, len(files), [file for file in done if file.feed == feed],
            totals.get(feed, (0, 0)),
        )
        for feed, files in found.items()
    )
    messages = [_message(file) for file in (*done, *standing) if file.status != "loaded"]
    messages += [
        Message(
            "TIE-3005", f"feed {feed} has no files", f"tieout.toml [feeds.{feed}]",
            "its controls do not run", "check path, or remove the feed",
        )
        for feed, files in found.items() if not files
    ]
    return IngestReport(reports, tuple(done), tuple(standing), tuple(messages))


def _feed_report(
    feed: str, found: int, done: Sequence[LandedFile], totals: tuple[int, int]
) -> FeedReport:
    loaded = [file for file in done if file.status == "loaded"]
    return FeedReport(
        feed=feed, found=found, loaded=len(loaded), skipped=found - len(done),
        duplicate=sum(file.status == "duplicate" for file in done),
        refused=sum(file.status == "refused" for file in done),
        rows=sum(file.loaded_count for file in loaded),
        quarantined=sum(file.quarantined_count for file in loaded),
        total_rows=totals[0], total_files=totals[1],
    )


def _message(file: LandedFile) -> Message:
    if file.status == "duplicate":
        return Message(
            "TIE-3006", file.reason, f"{file.feed}, {file.source_file}",
            "it was not loaded a second time", "none needed; remove the copy if it is unwanted",
        )
    return Message(
        file.code, file.reason, f"{file.feed}, {file.source_file}",
        "no line of it was loaded", file.fix,
    )
