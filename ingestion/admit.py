"""Decides, from the bytes of new files and the ledger, which of them are to be loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingestion.candidates import Candidate, refused
from ingestion.errors import FileChangedError, FileRefusedError, FileUnreadableError
from ingestion.exchanged import Exchanged
from ingestion.land import Found, Known, check_inside, file_hash
from ingestion.ledger import LandedFile
from ingestion.mapping import Project
from ingestion.scan import Scan
from ingestion.sources import formats

_BATCH_FILES, _BATCH_LINES = 64, 250_000
# Of small files read in one run, this much is kept until it is loaded; the rest is read again.
_KEPT_BYTES = 256 << 20


class Admission:
    """Sorts scanned files into those to load, refused ones, and copies of others.

    `raw` is where the parts of loaded files lie; without it files are judged by themselves.
    """

    def __init__(
        self,
        project: Project,
        known: Known,
        fingerprints: Mapping[str, str],
        raw: Path | None = None,
    ) -> None:
        self.project, self.known, self.fingerprints, self.raw = project, known, fingerprints, raw
        self._exchanged: dict[str, Exchanged] = {}
        self.admitted: list[Candidate] = []
        self.refused: list[LandedFile] = []
        # Copies wait for what becomes of the file that came first.
        self.copies: list[tuple[LandedFile, str]] = []
        self._first: dict[tuple[str, str], str] = {}
        self._kept = 0

    def scan(self, file: Found) -> Scan | FileRefusedError:
        """Read the bytes of one file; safe to be called from several threads."""
        mapping = self.project.feeds[file.feed]
        try:
            if file.problem:
                return file.problem
            if mapping.format != "table":
                check_inside(file.root or self.project.landing, file)
            return formats.scan(file.path, file.source_file, mapping, self.project.limits)
        except FileRefusedError as error:
            return error
        except OSError as error:
            return FileUnreadableError(
                f"the file cannot be read: {error.strerror}",
                where=file.source_file,
                effect="nothing was loaded from it",
                fix="correct its permissions",
            )

    def decide(self, file: Found, scan: Scan | FileRefusedError) -> None:
        """Take one file in, refuse it, or note that it is a copy."""
        item = self._candidate(file, scan if isinstance(scan, Scan) else Scan(size=file.size))
        try:
            if isinstance(scan, FileRefusedError):
                raise scan
            first = self._twin(item)
            if first:
                self.copies.append((_copy_of(item, first), first))
                return
            self._check_change(file, item)
            mapping = self.project.feeds[file.feed]
            item.names = formats.file_names(mapping, file.path, file.source_file, scan)
            self._check_number(item)
        except FileRefusedError as error:
            self.refused.append(refused(item, error))
            return
        self._first[(item.feed, scan.sha256)] = item.source_file
        self.admitted.append(item)

    def batches(self) -> Iterator[list[Candidate]]:
        """Yield files that one statement can load: small, of the same feed and columns."""
        batch: list[Candidate] = []
        lines = 0
        for item in sorted(self.admitted, key=lambda one: (one.feed, one.names, one.source_file)):
            alone = not item.scan.is_small or (
                bool(batch) and (batch[0].feed, batch[0].names) != (item.feed, item.names)
            )
            full = len(batch) >= _BATCH_FILES or lines + item.scan.lines > _BATCH_LINES
            if batch and (alone or full or not batch[0].scan.is_small):
                yield batch
                batch, lines = [], 0
            batch.append(item)
            lines += item.scan.lines
        if batch:
            yield batch

    def _candidate(self, file: Found, scan: Scan) -> Candidate:
        if scan.content is not None:
            self._kept += len(scan.content)
            if self._kept > _KEPT_BYTES:
                scan = scan.without_content()
        fingerprint = self.fingerprints[file.feed]
        return Candidate(
            feed=file.feed,
            path=file.path,
            source_file=file.source_file,
            size=file.size,
            mtime_ns=file.mtime_ns,
            scan=scan,
            fingerprint=fingerprint,
            file_hash=file_hash(scan.sha256, fingerprint),
        )

    def _twin(self, item: Candidate) -> str | None:
        other = self.known.loaded(item.feed, item.scan.sha256)
        if other and other.source_file != item.source_file:
            return other.source_file
        return self._first.get((item.feed, item.scan.sha256))

    def _check_number(self, item: Candidate) -> None:
        """Refuse a roaming file with the number of another one."""
        mapping = self.project.feeds[item.feed]
        if self.raw is None or mapping.format != "tap":
            return
        if item.feed not in self._exchanged:
            self._exchanged[item.feed] = Exchanged(self.raw, self.known.files(item.feed))
        self._exchanged[item.feed].take(item, mapping)

    def _check_change(self, file: Found, item: Candidate) -> None:
        others = self.known.others(file, item.scan.sha256)
        if others and not file.replaces:
            raise FileChangedError(
                "the file was loaded before with other bytes: sha256"
                f" {others[0].sha256[:16]} then, {item.scan.sha256[:16]} now",
                where=file.source_file,
                effect="the rows of the first delivery stay; nothing of the second was loaded",
                fix="deliver the correction under a new name, or set"
                f' on_change = "replace" in [feeds.{file.feed}]',
            )


def settle_copies(
    copies: Sequence[tuple[LandedFile, str]], done: Sequence[LandedFile]
) -> list[LandedFile]:
    """Return the records of copies; a copy of a refused file is refused for the same reason."""
    failed = {(file.feed, file.source_file): file for file in done if file.status == "refused"}
    records = []
    for record, first in copies:
        error = failed.get((record.feed, first))
        if error:
            record = replace(
                record, status="refused", code=error.code, reason=error.reason, fix=error.fix
            )
        records.append(record)
    return records


def _copy_of(item: Candidate, first: str) -> LandedFile:
    error = FileRefusedError(
        f"the same bytes were loaded from {first}", where=item.source_file, effect="", fix=""
    )
    return replace(refused(item, error), status="duplicate", code="")
