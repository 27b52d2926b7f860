"""The file ledger: what was done with each landed file, so that nothing is loaded twice or lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Status = Literal["loaded", "duplicate", "refused", "superseded", "waiting"]


@dataclass(frozen=True)
class LandedFile:
    """One version of one file; its identity is feed, source_file and sha256.

    `fingerprint` is the digest of the mapping it was read with, `file_hash` names its parts,
    `parts` are their paths below the raw folder. Size and mtime_ns are only there to skip
    reading a file again; so is etag, the version that a remote store states. A waiting file was
    seen and not read yet: its sha256 is empty. Counts keep
    lines = header + trailer + blank + loaded + quarantined + deleted.
    """

    feed: str
    source_file: str
    sha256: str
    fingerprint: str
    file_hash: str
    status: Status
    size: int
    mtime_ns: int
    etag: str = ""
    code: str = ""
    reason: str = ""
    fix: str = ""
    line_count: int = 0
    header_count: int = 0
    trailer_count: int = 0
    blank_count: int = 0
    loaded_count: int = 0
    quarantined_count: int = 0
    deleted_count: int = 0
    ambiguous_time_count: int = 0
    missing_time_count: int = 0
    first_event_on: date | None = None
    last_event_on: date | None = None
    parts: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what a ledger keeps one record for."""
        return (self.feed, self.source_file, self.sha256)


class Ledger(Protocol):
    """Where the records are kept; the control store implements it."""

    def files(self) -> Iterable[LandedFile]:
        """Return every record."""
        ...

    def record(self, files: Sequence[LandedFile]) -> None:
        """Keep these records in one transaction, replacing those of the same identity."""
        ...


class MemoryLedger:
    """A ledger for tests and trials; it forgets when the process ends."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str, str], LandedFile] = {}

    def files(self) -> list[LandedFile]:
        """Return every record in the order of their identities."""
        return [self._files[key] for key in sorted(self._files)]

    def record(self, files: Sequence[LandedFile]) -> None:
        """Keep these records."""
        for file in files:
            self._files[file.identity] = file
