"""Roaming files by the number that they themselves say, whatever they are called.

A number of a sender for a recipient stands for one file: another file with the same number is
refused, or what it charges would be settled twice. Missing and disordered numbers are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.candidates import Candidate
from ingestion.delivery import NameSequence
from ingestion.errors import FileRefusedError, RoamingFileError
from ingestion.ledger import LandedFile
from ingestion.mapping import FeedMapping, Project
from ingestion.scan import read_content
from ingestion.sequences import Arrival, Numbered, judge_numbered
from ingestion.sources.tap.batch import read_head, walk_file

_COLUMNS = (
    "sender_tadig_code",
    "recipient_tadig_code",
    "file_kind_code",
    "file_type_code",
    "sequence_no",
)
# Which kinds are numbered in one sequence, and the last number of it; then comes 1 again.
_SERIES = {"notification": "tap", "acknowledgement": "ack"}
_LAST = {"nrtrde": 9_999_999}
_LAST_OF_OTHERS = 99_999


@dataclass(frozen=True)
class Number:
    """Sender, recipient, kind and type of a file as text, and its number in that series."""

    series: str
    kind: str
    number: int


def _number(values: tuple[object, ...]) -> Number:
    sender, recipient, kind, file_type, number = values
    kind = str(kind or "tap")
    kind = _SERIES.get(kind, kind)
    series = f"{kind} {file_type or 'chargeable'} {sender} to {recipient}"
    return Number(series, kind, int(str(number)))


class Exchanged:
    """The numbers of loaded files of one feed, and of those that are about to be loaded."""

    def __init__(self, raw: Path, loaded: Iterable[LandedFile]) -> None:
        self._raw, self._loaded = raw, loaded
        self._names: dict[Number, str] | None = None
        self._new: dict[str, Candidate] = {}

    def take(self, item: Candidate, mapping: FeedMapping) -> None:
        """Note the number of a new file.

        Raises:
            RoamingFileError: another file has it.
        """
        number = _number_of(item, mapping)
        if number is None:
            return
        if self._names is None:
            self._names = {number: name for number, name in _loaded(self._raw, self._loaded)}
        other = self._names.get(number, item.source_file)
        if other in self._new and not _is_whole(self._new[other], mapping):
            # What is refused holds no number.
            other = item.source_file
        self._names[number] = other
        self._new[item.source_file] = item
        if other != item.source_file:
            raise RoamingFileError(
                f"fatal: number {number.number} of {number.series} was loaded from {other}, with"
                " other content",
                where=item.source_file,
                effect="the first file stays; nothing of this one was loaded or is settled",
                fix="ask the sender which of both holds; to take this one instead, put it in place"
                f' of {other} with on_change = "replace" in [feeds.{item.feed}]',
            )


def _number_of(item: Candidate, mapping: FeedMapping) -> Number | None:
    """Return the number that a file says; None where the file will be refused anyway."""
    blocks = read_content(item.path, item.source_file, item.scan)
    try:
        said = read_head(blocks, item.source_file, mapping.layout).values
    except FileRefusedError:
        return None
    names = ("sender", "recipient", "file_kind", "file_type", "sequence_no")
    return _number(tuple(said[name] for name in names))


def _is_whole(item: Candidate, mapping: FeedMapping) -> bool:
    """Tell whether a file will be loaded: to its last octet it is what it says."""
    blocks = read_content(item.path, item.source_file, item.scan)
    try:
        for _ in walk_file(blocks, item.source_file, mapping.layout):
            pass
    except FileRefusedError:
        return False
    return True


def _loaded(raw: Path, files: Iterable[LandedFile]) -> Iterator[tuple[Number, str]]:
    """Yield the numbers of loaded files; one without rows has none that anybody knows."""
    for file in files:
        parts = [raw / part for part in file.parts]
        if file.status == "loaded" and parts and parts[0].is_file():
            yield _number(_first_row(parts[0])), file.source_file


def _first_row(part: Path) -> tuple[object, ...]:
    batch = next(pq.ParquetFile(part).iter_batches(batch_size=1, columns=list(_COLUMNS)))
    return tuple(batch.column(name)[0].as_py() for name in _COLUMNS)


def judge_exchanged(project: Project, raw: Path, files: Iterable[LandedFile]) -> list[Arrival]:
    """Return what is odd about the numbers of the roaming files of the feed `tap_files`.

    Args:
        project: whose mapping says whether they are roaming files.
        raw: where the parts lie.
        files: the ledger.
    """
    mapping = project.feeds.get("tap_files")
    if mapping is None or mapping.format != "tap":
        return []
    found: dict[Number, list[LandedFile]] = {}
    for file in sorted(files, key=lambda one: one.identity):
        if file.feed == "tap_files" and file.status == "loaded":
            for number, _ in _loaded(raw, [file]):
                found.setdefault(number, []).append(file)
    numbered: dict[tuple[str, str], list[Numbered]] = {}
    for number, members in found.items():
        series = numbered.setdefault((number.series, number.kind), [])
        series += [Numbered(number.series, number.number - 1, one) for one in members]
    arrivals: list[Arrival] = []
    for (name, kind), members_of in sorted(numbered.items()):
        last = _LAST.get(kind, _LAST_OF_OTHERS)
        said = NameSequence(pattern="", modulus=last, first=1)
        arrivals += judge_numbered("tap_files", name, said, members_of)
    return arrivals
