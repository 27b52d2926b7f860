"""Finds what outsiders put into the landing folder, and decides what of it is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingestion.errors import ConfigError, FileRefusedError
from ingestion.ledger import LandedFile
from ingestion.mapping import FeedMapping


@dataclass(frozen=True)
class Found:
    """A file in the landing folder, or an extract of a table."""

    feed: str
    path: Path
    source_file: str
    size: int
    mtime_ns: int
    replaces: bool = False


def find(landing: Path, mapping: FeedMapping) -> list[Found]:
    """Return the files of one feed in the order of their names.

    Raises:
        ConfigError: a pattern leaves the landing folder.
    """
    found: dict[str, Found] = {}
    for pattern in mapping.path:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise ConfigError(
                f"path {pattern!r} leaves the landing folder",
                where=f"tieout.toml [feeds.{mapping.feed}]",
                effect="nothing was read",
                fix="name files below the landing folder",
            )
        for path in landing.glob(pattern):
            name = path.relative_to(landing).as_posix()
            if name in found or not path.is_file() or _is_hidden(name):
                continue
            stat = path.stat()
            found[name] = Found(
                mapping.feed,
                path,
                name,
                stat.st_size,
                stat.st_mtime_ns,
                mapping.on_change == "replace",
            )
    return [found[name] for name in sorted(found)]


def check_inside(landing: Path, file: Found) -> None:
    """Refuse a link that leads out of the landing folder.

    Raises:
        FileRefusedError: the file lies elsewhere.
    """
    if not file.path.resolve().is_relative_to(landing.resolve()):
        raise FileRefusedError(
            "the file is a link that leaves the landing folder",
            where=file.source_file,
            effect="nothing was read from it",
            fix="copy the file into the landing folder",
        )


def file_hash(sha256: str, fingerprint: str) -> str:
    """Return the name of the parts of these bytes read with this mapping."""
    return hashlib.sha256(f"{sha256}{fingerprint}".encode()).hexdigest()[:16]


class Known:
    """The ledger, indexed by the questions that a run asks of it."""

    def __init__(self, files: Iterable[LandedFile]) -> None:
        self.by_name: dict[tuple[str, str], list[LandedFile]] = {}
        self.by_content: dict[tuple[str, str], LandedFile] = {}
        for file in files:
            self.add(file)

    def add(self, file: LandedFile) -> None:
        """Take a record in, in place of the one of the same identity."""
        versions = self.by_name.setdefault((file.feed, file.source_file), [])
        versions[:] = [one for one in versions if one.sha256 != file.sha256] + [file]
        content = (file.feed, file.sha256)
        if file.status == "loaded":
            self.by_content[content] = file
        elif self.by_content.get(content, file).identity == file.identity:
            self.by_content.pop(content, None)

    def settled(self, file: Found, fingerprint: str, raw: Path) -> LandedFile | None:
        """Return the record of a file with which nothing has to be done any more."""
        for record in self.by_name.get((file.feed, file.source_file), ()):
            same = record.size == file.size and record.mtime_ns == file.mtime_ns
            if not same or record.fingerprint != fingerprint or record.status == "superseded":
                continue
            if record.code == "TIE-3002" and file.replaces:
                continue
            if record.status == "duplicate" and not self.loaded(file.feed, record.sha256):
                continue
            if all((raw / part).is_file() for part in record.parts):
                return record
        return None

    def versions(self, file: LandedFile) -> list[LandedFile]:
        """Return what is known of the name of a file."""
        return list(self.by_name.get((file.feed, file.source_file), ()))

    def is_loaded(self, feed: str, digest: str) -> bool:
        """Tell whether parts of this hash are those of a loaded file."""
        return any(
            file.feed == feed and file.file_hash == digest for file in self.by_content.values()
        )

    def loaded(self, feed: str, sha256: str) -> LandedFile | None:
        """Return the loaded file of a feed that holds these bytes."""
        return self.by_content.get((feed, sha256))

    def others(self, file: Found, sha256: str) -> Sequence[LandedFile]:
        """Return the loaded files of the same name with other bytes."""
        versions = self.by_name.get((file.feed, file.source_file), ())
        return [one for one in versions if one.status == "loaded" and one.sha256 != sha256]


def rows_by_feed(files: Iterable[LandedFile]) -> Mapping[str, tuple[int, int]]:
    """Return loaded rows and loaded files of each feed."""
    totals: dict[str, tuple[int, int]] = {}
    for file in files:
        if file.status == "loaded":
            rows, count = totals.get(file.feed, (0, 0))
            totals[file.feed] = (rows + file.loaded_count, count + 1)
    return totals


def _is_hidden(name: str) -> bool:
    # Transfers write under a hidden or .tmp/.part name until a file is whole.
    return any(part.startswith(".") for part in PurePosixPath(name).parts) or name.endswith(
        (".tmp", ".part")
    )
