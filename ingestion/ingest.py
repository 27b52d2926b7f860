"""The road from landing to raw for everything that is new."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from ingestion.admit import Admission, settle_copies
from ingestion.arrive import Arrivals
from ingestion.candidates import Candidate
from ingestion.contracts import load_contracts
from ingestion.errors import ConfigError, Message, StorageError, storage_error
from ingestion.exchanged import judge_exchanged
from ingestion.land import Found, Known, rows_by_feed
from ingestion.ledger import LandedFile, Ledger
from ingestion.load import Loaded, Loader
from ingestion.mapping import Project
from ingestion.own_tables import write_empty_parts, write_own_tables
from ingestion.place import Placer
from ingestion.quarantine import forget_lines, mask_figures
from ingestion.report import FeedReport, IngestReport, make_report
from ingestion.sequences import arrival_messages, judge

__all__ = ["FeedReport", "IngestReport", "ingest"]

_RECORD_EVERY = 64
# What these say are digests, counts and totals of a file, never a value of one of its lines.
_FIGURES_OF_FILES = ("TIE-3002", "TIE-3003", "TIE-3004", "TIE-3020")
_NOT_LOADED = ("refused", "duplicate", "waiting")


def ingest(
    project: Project,
    home: Path,
    ledger: Ledger,
    feeds: list[str] | None = None,
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
        What was done. Refused files and sources out of reach are in it; they never stop the others.

    Raises:
        ConfigError: a feed is not mapped, or a path leaves the landing folder.
        StorageError: home is full or may not be written to; what was recorded before stays.
    """
    wanted = _wanted(project, feeds)
    try:
        return _Run(project, home, ledger).run(wanted, max(1, threads))
    except OSError as error:
        # What cannot be read was refused by now; this is about what is to be written.
        raise storage_error(error, home) from error


def _wanted(project: Project, feeds: list[str] | None) -> list[str]:
    for feed in feeds or ():
        if feed not in project.feeds:
            raise ConfigError(
                f"feed {feed!r} is not mapped",
                where="tieout.toml [feeds]",
                effect="nothing was read",
                fix=f"map it, or use one of {', '.join(sorted(project.feeds))}",
            )
    return sorted(project.feeds if feeds is None else feeds)


class _Run:
    """The steps of one run and what they share."""

    def __init__(self, project: Project, home: Path, ledger: Ledger) -> None:
        self.project, self.home, self.ledger = project, home, ledger
        self.contracts = load_contracts()
        self.fingerprints = {
            feed: project.fingerprint(self.contracts[feed]) for feed in project.feeds
        }
        self.known = Known(ledger.files())
        self.arrivals = Arrivals(project, home, self.known)
        self.etags: dict[tuple[str, str], str] = {}
        self.storage: list[StorageError] = []
        self.placer = Placer(home / "raw")
        self.local = threading.local()
        self.done: list[LandedFile] = []
        self.warnings: list[Message] = []
        self.waiting: list[tuple[LandedFile, Sequence[LandedFile]]] = []

    def run(self, feeds: Sequence[str], threads: int) -> IngestReport:
        self.placer.recover(self.known.is_loaded)
        write_empty_parts(self.contracts.values(), self.home / "raw")
        found = self.arrivals.find(feeds)
        self._forget_gone(found)
        new, settled = self._sort(file for files in found.values() for file in files)
        new = self._take_in(new)
        admission = Admission(self.project, self.known, self.fingerprints, self.home / "raw")
        with ThreadPoolExecutor(threads) as pool:
            for file, scan in zip(new, pool.map(admission.scan, new), strict=True):
                admission.decide(file, scan)
            self._keep_all(admission.refused)
            jobs = [pool.submit(self._load, batch) for batch in admission.batches()]
            for job in as_completed(jobs):
                self._place_if_stored(job)
        self._keep_all(settle_copies(admission.copies, [*self.done, *self._waiting_records()]))
        self._flush()
        if self.storage:
            raise self.storage[0]
        files = list(self.ledger.files())
        arrivals = judge(self.project, files)
        arrivals += judge_exchanged(self.project, self.home / "raw", files)
        write_own_tables(self.project, self.contracts, files, arrivals, self.home)
        self.placer.clear()
        counts = {feed: len(files) for feed, files in found.items()}
        unreachable = self.arrivals.unreachable
        return make_report(
            counts,
            self.done,
            settled,
            rows_by_feed(files),
            [*self.warnings, *arrival_messages(arrivals)],
            unreachable,
        )

    def _forget_gone(self, found: Mapping[str, list[Found]]) -> None:
        """Let go of refused files and copies that were taken away."""
        there = {(file.feed, file.source_file) for files in found.values() for file in files}
        for name, versions in list(self.known.by_name.items()):
            if name[0] in found and name not in there:
                self._supersede(versions, _NOT_LOADED)

    def _supersede(self, versions: Sequence[LandedFile], statuses: tuple[str, ...]) -> None:
        for version in list(versions):
            if version.status in statuses:
                record = replace(version, status="superseded", parts=())
                self.known.add(record)
                self.waiting.append((record, ()))

    def _sort(self, found: Iterable[Found]) -> tuple[list[Found], list[LandedFile]]:
        new: list[Found] = []
        settled: list[LandedFile] = []
        for file in found:
            record = self.known.settled(file, self.fingerprints[file.feed], self.home / "raw")
            if record is None:
                new.append(file)
            else:
                settled.append(record)
        return new, settled

    def _take_in(self, new: Sequence[Found]) -> list[Found]:
        """Return the new files that are whole and here; the others wait for the next run."""
        whole, waiting = self.arrivals.settle(new, self.fingerprints)
        whole, changed = self.arrivals.fetch(whole, self.fingerprints)
        self.etags = {(file.feed, file.source_file): file.etag for file in whole}
        self._keep_all([*waiting, *changed])
        return whole

    def _load(self, batch: list[Candidate]) -> list[Loaded]:
        if not hasattr(self.local, "loader"):
            self.local.loader = Loader(self.project, self.home)
        loader: Loader = self.local.loader
        return loader.load(self.contracts[batch[0].feed], batch)

    def _place_if_stored(self, job: Future[list[Loaded]]) -> None:
        """Place what a job loaded; where there is no room for it, the others still go on."""
        try:
            self._place(job.result())
        except StorageError as error:
            self.storage.append(error)
        except OSError as error:
            self.storage.append(storage_error(error, self.home))

    def _place(self, results: Sequence[Loaded]) -> None:
        for result in results:
            record = result.record
            self.warnings += result.warnings
            before: list[LandedFile] = []
            if record.status == "loaded":
                before = self.known.versions(record)
                self._supersede([one for one in before if _differ(one, record)], ("loaded",))
                self.placer.place(result, before)
            self._keep(record, before)
        if len(self.waiting) >= _RECORD_EVERY:
            self._flush()

    def _keep(self, record: LandedFile, before: Sequence[LandedFile] = ()) -> None:
        others = [one for one in self.known.versions(record) if _differ(one, record)]
        self._supersede(others, _NOT_LOADED)
        if record.status != "waiting":
            etag = self.etags.get((record.feed, record.source_file), "")
            record = replace(record, etag=etag)
        if record.status == "refused" and record.code not in _FIGURES_OF_FILES:
            record = replace(record, reason=mask_figures(record.reason))
        self.known.add(record)
        self.waiting.append((record, before))

    def _keep_all(self, records: Iterable[LandedFile]) -> None:
        for record in records:
            self._keep(record)

    def _waiting_records(self) -> list[LandedFile]:
        return [record for record, _ in self.waiting]

    def _flush(self) -> None:
        """Record what was done; only then do replaced parts go."""
        if not self.waiting:
            return
        latest = {record.identity: record for record in self._waiting_records()}
        self.ledger.record(list(latest.values()))
        for record, before in self.waiting:
            if record.status == "loaded":
                self.placer.settle(record, before)
                forget_lines(self.home, record, before)
        self.done += [one for one in self._waiting_records() if one.status != "superseded"]
        self.waiting.clear()


def _differ(one: LandedFile, other: LandedFile) -> bool:
    return one.sha256 != other.sha256
