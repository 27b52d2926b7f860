"""What a run of ingestion did, for whoever called it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ingestion.errors import Message
from ingestion.ledger import LandedFile


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
    """What a run did.

    `files` are the records it made, `standing` the refused files and duplicates of earlier runs
    that still lie there, `unreachable` the sources that could not be read.
    """

    feeds: tuple[FeedReport, ...]
    files: tuple[LandedFile, ...]
    standing: tuple[LandedFile, ...]
    messages: tuple[Message, ...]
    unreachable: tuple[Message, ...] = ()

    @property
    def refused(self) -> tuple[LandedFile, ...]:
        """Return the files that are refused, by this run or still."""
        return tuple(file for file in (*self.files, *self.standing) if file.status == "refused")

    @property
    def quarantined_count(self) -> int:
        """Return the lines that this run put into quarantine."""
        return sum(file.quarantined_count for file in self.files if file.status == "loaded")


def make_report(
    found: Mapping[str, int],
    done: Sequence[LandedFile],
    standing: Sequence[LandedFile],
    totals: Mapping[str, tuple[int, int]],
    warnings: Sequence[Message] = (),
    unreachable: Sequence[Message] = (),
) -> IngestReport:
    """Put the report together.

    Args:
        found: files found, by feed.
        done: records this run made.
        standing: records of files with which nothing had to be done.
        totals: rows and files that each feed holds now.
        warnings: what files that loaded make doubtful.
        unreachable: what is to be said of sources that could not be read.
    """
    done = sorted(done, key=lambda file: file.identity)
    standing = [file for file in standing if file.status in ("refused", "duplicate")]
    feeds = tuple(
        _feed_report(feed, count, [file for file in done if file.feed == feed], totals)
        for feed, count in found.items()
    )
    messages = list(unreachable)
    messages += [_message(file) for file in (*done, *standing) if file.status != "loaded"]
    messages += [message for file in done if (message := _clock_message(file))]
    messages += sorted(warnings, key=lambda message: (message.where, message.what))
    messages += [_no_files(feed) for feed, count in found.items() if not count]
    return IngestReport(feeds, tuple(done), tuple(standing), tuple(messages), tuple(unreachable))


def _feed_report(
    feed: str, found: int, done: Sequence[LandedFile], totals: Mapping[str, tuple[int, int]]
) -> FeedReport:
    loaded = [file for file in done if file.status == "loaded"]
    total_rows, total_files = totals.get(feed, (0, 0))
    return FeedReport(
        feed=feed,
        found=found,
        loaded=len(loaded),
        skipped=found - len(done),
        duplicate=sum(file.status == "duplicate" for file in done),
        refused=sum(file.status == "refused" for file in done),
        rows=sum(file.loaded_count for file in loaded),
        quarantined=sum(file.quarantined_count for file in loaded),
        total_rows=total_rows,
        total_files=total_files,
    )


def _message(file: LandedFile) -> Message:
    where = f"{file.feed}, {file.source_file}"
    if file.status == "duplicate":
        return Message(
            "TIE-3006", file.reason, where, "it was not loaded a second time", "none is needed"
        )
    effect = "no line of it was loaded"
    if file.status == "waiting":
        effect = "no line of it was loaded; the next run looks again"
    if file.code == "TIE-3002":
        effect = "the rows of the first delivery stay; nothing of the second was loaded"
    level: Literal["error", "warning"] = "warning" if file.status == "waiting" else "error"
    return Message(file.code, file.reason, where, effect, file.fix, level)


def _clock_message(file: LandedFile) -> Message | None:
    if file.status != "loaded" or not file.ambiguous_time_count + file.missing_time_count:
        return None
    return Message(
        "TIE-3011",
        f"{file.ambiguous_time_count} local times happen twice and were taken as the second;"
        f" {file.missing_time_count} never happen and were taken as if the clock had not moved",
        f"{file.feed}, {file.source_file}",
        "these rows may be an hour off",
        "deliver times in UTC or with their offset; or correct time_zone",
        "warning",
    )


def _no_files(feed: str) -> Message:
    return Message(
        "TIE-3005",
        f"feed {feed} has no files",
        f"tieout.toml [feeds.{feed}]",
        "controls that need it do not run",
        "check path, or wait for the delivery",
    )
