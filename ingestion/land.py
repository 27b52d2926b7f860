"""Finds what outsiders put into the landing folder, and decides what of it is new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingestion.errors import (
    ConfigError,
    FileClaimedError,
    FileRefusedError,
    FileUnreadableError,
    SourceError,
)
from ingestion.ledger import LandedFile
from ingestion.mapping import FeedMapping, Project
from ingestion.packed import members


@dataclass(frozen=True)
class Found:
    """A file in the landing folder, a file in a remote one, or an extract of a table.

    `root` is the folder that the file must lie in, None for the landing folder; `problem` is why it
    cannot be read whatever it holds.
    """

    feed: str
    path: Path
    source_file: str
    size: int
    mtime_ns: int
    replaces: bool = False
    etag: str = ""
    root: Path | None = None
    problem: FileRefusedError | None = None


def find(landing: Path, mapping: FeedMapping) -> list[Found]:
    """Return the files of one feed in the order of their names.

    Raises:
        ConfigError: a pattern leaves the landing folder.
        SourceError: a folder that a pattern names cannot be listed.
    """
    found: dict[str, Found] = {}
    check_patterns(mapping)
    for pattern in mapping.path:
        _check_folders(landing, pattern, mapping.feed)
        for path in landing.glob(pattern):
            name = path.relative_to(landing).as_posix()
            if name not in found and not is_hidden(name) and not path.is_dir():
                found[name] = _found(mapping, path, name)
    return open_archives(found[name] for name in sorted(found))


def check_patterns(mapping: FeedMapping) -> None:
    """Refuse patterns that lead out of the folder they start at.

    Raises:
        ConfigError: names the pattern.
    """
    for pattern in mapping.path:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise ConfigError(
                f"path {pattern!r} leaves the landing folder",
                where=f"tieout.toml [feeds.{mapping.feed}]",
                effect="nothing was read",
                fix="name files below the landing folder",
            )


def _check_folders(landing: Path, pattern: str, feed: str) -> None:
    # A glob passes over a folder it may not list, and its files would be missing in silence.
    parts = PurePosixPath(pattern).parts[:-1]
    heads = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    folders = [landing, *(path for head in heads for path in landing.glob(head) if path.is_dir())]
    for folder in folders:
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            raise SourceError(
                f"folder {folder.name} cannot be listed: permission denied",
                where=f"tieout.toml [feeds.{feed}], {pattern}",
                effect="the feed keeps what was loaded before; nothing new was read",
                fix="let the user of Tieout list the folder",
            )


def _found(mapping: FeedMapping, path: Path, name: str) -> Found:
    try:
        stat = path.stat()
    except OSError:
        return Found(mapping.feed, path, name, 0, 0, problem=_dangling(name))
    replaces = mapping.on_change == "replace"
    return Found(mapping.feed, path, name, stat.st_size, stat.st_mtime_ns, replaces)


def _dangling(name: str) -> FileUnreadableError:
    return FileUnreadableError(
        "the file is a link that leads nowhere, or was taken away while it was looked at",
        where=name,
        effect="nothing was read from it",
        fix="copy the file into the landing folder",
    )


def with_claims(found: Mapping[str, Sequence[Found]], project: Project) -> dict[str, list[Found]]:
    """Return the files, with a problem for each that several feeds name without sharing it.

    Args:
        found: files in the landing folder by feed, of all feeds.
        project: whose mappings may say `shares_files = true`.
    """
    feeds: dict[Path, list[str]] = {}
    for files in found.values():
        for file in files:
            feeds.setdefault(file.path, []).append(file.feed)
    claimed = {
        path: names
        for path, names in feeds.items()
        if len(names) > 1 and not all(project.feeds[name].shares_files for name in names)
    }
    return {
        feed: [
            replace(file, problem=file.problem or _claimed(file, claimed[file.path]))
            if file.path in claimed
            else file
            for file in files
        ]
        for feed, files in found.items()
    }


def _claimed(file: Found, feeds: Sequence[str]) -> FileClaimedError:
    others = ", ".join(sorted(set(feeds) - {file.feed}))
    return FileClaimedError(
        f"the file is also claimed by feed {others}",
        where=file.source_file,
        effect="no line of it was loaded",
        fix="make their paths differ, or set shares_files = true in each of these feeds",
    )


def open_archives(files: Iterable[Found]) -> list[Found]:
    """Return the files, with the members of a zip archive, each as a file, in its place."""
    return [
        replace(file, path=path, source_file=file.source_file + str(path)[len(str(file.path)) :])
        for file in files
        for path in members(file.path)
    ]


def check_inside(landing: Path, file: Found) -> None:
    """Refuse a link that leads out of the landing folder.

    Raises:
        FileRefusedError: the file lies elsewhere.
    """
    if not is_inside(landing, file.path):
        raise FileRefusedError(
            "the file is a link that leaves the landing folder"
            if file.root is None
            else "the name of the file leaves its folder",
            where=file.source_file,
            effect="nothing was read from it",
            fix="copy the file into the landing folder",
        )


def is_inside(folder: Path, path: Path) -> bool:
    """Tell whether a path, its links followed, lies below a folder."""
    return path.resolve().is_relative_to(folder.resolve())


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
            same = _look(record) == _look(file)
            # These depend on other things than the bytes of the file: look again.
            if record.code in (FileClaimedError.code, FileUnreadableError.code):
                continue
            if not same or record.fingerprint != fingerprint:
                continue
            if record.status in ("superseded", "waiting"):
                continue
            if record.code == "TIE-3002" and file.replaces:
                continue
            if record.status == "duplicate" and not self.loaded(file.feed, record.sha256):
                continue
            if all((raw / part).is_file() for part in record.parts):
                return record
        return None

    def was_seen(self, file: Found) -> bool:
        """Tell whether an earlier run saw the file just as it is and let it wait."""
        records = self.by_name.get((file.feed, file.source_file), ())
        return any(one.status == "waiting" and _look(one) == _look(file) for one in records)

    def was_read(self, file: Found) -> bool:
        """Tell whether a run read the file just as it is."""
        records = self.by_name.get((file.feed, file.source_file), ())
        return any(one.sha256 and _look(one) == _look(file) for one in records)

    def versions(self, file: LandedFile) -> list[LandedFile]:
        """Return what is known of the name of a file."""
        return list(self.by_name.get((file.feed, file.source_file), ()))

    def files(self, feed: str) -> list[LandedFile]:
        """Return what is known of the files of a feed."""
        return [file for name, files in self.by_name.items() if name[0] == feed for file in files]

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


def _look(file: Found | LandedFile) -> tuple[int, int, str]:
    return (file.size, file.mtime_ns, file.etag)


def is_hidden(name: str) -> bool:
    """Tell whether a name is that of a file which is still on its way."""
    # Transfers write under a hidden or .tmp/.part name until a file is whole.
    return any(part.startswith(".") for part in PurePosixPath(name).parts) or name.endswith(
        (".tmp", ".part")
    )
