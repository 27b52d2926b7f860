"""Looks at every source of a run, and decides which of the files that came are whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion.contracts import load_contracts
from ingestion.errors import Message, SourceError
from ingestion.land import Found, Known, find, is_inside, open_archives, with_claims
from ingestion.ledger import LandedFile
from ingestion.mapping import Project
from ingestion.packed import container

WAITING = "TIE-3007"


class Arrivals:
    """What lies at the sources of one project.

    `unreachable` are the sources that could not be read; their feeds keep what they hold.
    """

    def __init__(self, project: Project, home: Path, known: Known) -> None:
        self.project, self.home, self.known = project, home, known
        self.unreachable: list[Message] = []

    def find(self, feeds: Sequence[str]) -> dict[str, list[Found]]:
        """Return the files of each feed whose source can be reached.

        Raises:
            ConfigError: a path leaves its folder.
        """
        found: dict[str, list[Found]] = {}
        for feed in feeds:
            try:
                found[feed] = self._find(feed)
            except SourceError as error:
                self.unreachable.append(error.message)
        return {**found, **self._with_claims(found)}

    def _find(self, feed: str) -> list[Found]:
        mapping = self.project.feeds[feed]
        if mapping.location:
            # fsspec and its servers are extras, and cost time to import.
            from ingestion.sources.remote import list_files

            return list_files(mapping, mapping.location, self.home, self.project.secrets)
        if mapping.format != "table":
            return find(self.project.landing, mapping)
        # SQLAlchemy costs a third of a second to import; most projects have files only.
        from ingestion.sources.databases import extract

        contract = load_contracts()[feed]
        return extract(mapping, contract, self.project.folder, self.home, self.project.secrets)

    def _with_claims(self, found: dict[str, list[Found]]) -> dict[str, list[Found]]:
        local = {feed: files for feed, files in found.items() if self._is_local(feed)}
        for feed, mapping in self.project.feeds.items():
            if feed not in found and self._is_local(feed):
                try:
                    local[feed] = find(self.project.landing, mapping)
                except SourceError:
                    continue
        claims = with_claims(local, self.project)
        return {feed: files for feed, files in claims.items() if feed in found}

    def _is_local(self, feed: str) -> bool:
        mapping = self.project.feeds[feed]
        return mapping.format != "table" and mapping.location is None

    def settle(
        self, files: Iterable[Found], fingerprints: dict[str, str]
    ) -> tuple[list[Found], list[LandedFile]]:
        """Return the files that are whole, and records of those that wait for the next run.

        A file waits when it changed between two looks of this run, or when it was written less
        than `settle_seconds` ago and no earlier run saw it just as it is.
        """
        whole: list[Found] = []
        waiting: list[LandedFile] = []
        for file in files:
            reason = "" if file.problem else self._reason_to_wait(file)
            if reason:
                waiting.append(_waiting(file, reason, fingerprints[file.feed]))
            else:
                whole.append(file)
        return whole, waiting

    def _reason_to_wait(self, file: Found) -> str:
        mapping = self.project.feeds[file.feed]
        if mapping.format == "table":
            return ""
        if mapping.location is None:
            try:
                stat = container(file.path).stat()
            except OSError:
                return "the file went away between two looks"
            if (stat.st_size, stat.st_mtime_ns) != (file.size, file.mtime_ns):
                return "the file changed between two looks"
        if not mapping.settle_seconds or self.known.was_seen(file):
            return ""
        if file.mtime_ns + mapping.settle_seconds * 10**9 <= self._moment():
            return ""
        return f"the file changed less than {mapping.settle_seconds} seconds before this run"

    def _moment(self) -> int:
        """Return the time of this run as the file system says it: the age of a file is its own."""
        marker = self.home / "raw" / "_tmp" / "moment"
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_bytes(b"")
        return marker.stat().st_mtime_ns

    def fetch(
        self, files: Sequence[Found], fingerprints: dict[str, str]
    ) -> tuple[list[Found], list[LandedFile]]:
        """Copy new remote files to where they are read; return what can be read, and what waits."""
        kept = [file for file in files if not self._is_to_be_fetched(file)]
        waiting: list[LandedFile] = []
        by_feed: dict[str, list[Found]] = {}
        for file in files:
            if self._is_to_be_fetched(file):
                by_feed.setdefault(file.feed, []).append(file)
        for feed, wanted in by_feed.items():
            from ingestion.sources.remote import fetch

            location = self.project.feeds[feed].location
            assert location is not None  # noqa: S101 - only a location has remote files
            try:
                fetched, changed = fetch(location, wanted, self.project.secrets)
            except SourceError as error:
                self.unreachable.append(error.message)
                continue
            kept += fetched
            reason = "the file changed while it was fetched"
            waiting += [_waiting(file, reason, fingerprints[feed]) for file in changed]
        return open_archives(kept), waiting

    def _is_to_be_fetched(self, file: Found) -> bool:
        if file.root is None or file.problem or not is_inside(file.root, file.path):
            return False
        if not file.path.is_file() or not self.known.was_read(file):
            return True
        stat = file.path.stat()
        return (stat.st_size, stat.st_mtime_ns) != (file.size, file.mtime_ns)


def _waiting(file: Found, reason: str, fingerprint: str) -> LandedFile:
    return LandedFile(
        feed=file.feed,
        source_file=file.source_file,
        sha256="",
        fingerprint=fingerprint,
        file_hash="",
        status="waiting",
        size=file.size,
        mtime_ns=file.mtime_ns,
        etag=file.etag,
        code=WAITING,
        reason=reason,
        fix="none is needed; a sender that renames files when they are whole never waits",
    )
