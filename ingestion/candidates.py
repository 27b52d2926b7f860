"""Files that are to be loaded, and the record of those that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import FileRefusedError
from ingestion.ledger import LandedFile
from ingestion.packed import container
from ingestion.scan import Scan


@dataclass
class Candidate:
    """A file that is to be loaded, with what is known of it before that."""

    feed: str
    path: Path
    source_file: str
    size: int
    mtime_ns: int
    scan: Scan
    fingerprint: str
    file_hash: str
    names: tuple[str, ...] = ()


def check_still(item: Candidate) -> None:
    """Refuse a file that somebody wrote to while it was read."""
    stat = container(item.path).stat()
    if item.scan.content is None and (stat.st_size, stat.st_mtime_ns) != (item.size, item.mtime_ns):
        raise FileRefusedError(
            "the file changed while it was read",
            where=item.source_file,
            effect="no line of it was loaded",
            fix="deliver files under another name and rename them when they are whole",
        )


def refused(item: Candidate, error: Exception) -> LandedFile:
    """Return the record of a file that is not loaded, with the reason."""
    code, fix = "TIE-3001", "correct the mapping, or ask for the file again"
    reason = str(error).split("\n")[0]
    if isinstance(error, FileRefusedError):
        code, fix, reason = error.code, error.fix, error.what
    return LandedFile(
        feed=item.feed,
        source_file=item.source_file,
        sha256=item.scan.sha256,
        fingerprint=item.fingerprint,
        file_hash=item.file_hash,
        status="refused",
        size=item.size,
        mtime_ns=item.mtime_ns,
        code=code,
        reason=reason,
        fix=fix,
        line_count=item.scan.lines,
    )
