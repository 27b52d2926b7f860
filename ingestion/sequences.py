"""Judges by the names of landed files whether one is missing, late or out of order.

The volume of a feed's days is DQ-01's business, and the element's own list of its files USG-01's;
this needs neither: only names that count, or name a day. Times are those of the files themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby

from ingestion.delivery import NameSequence
from ingestion.errors import Message
from ingestion.ledger import LandedFile
from ingestion.mapping import Project

GAP = "TIE-3010"
_SHOWN = 5


@dataclass(frozen=True)
class Arrival:
    """One thing that is odd about the files of one series.

    `state` is missing (a run of files that never came), repeated (a file with the number of
    another), out_of_order (it came after one with a later number), late (after its time) or
    unnumbered (its name does not tell). Numbers are figures or days, as text.
    """

    feed: str
    series: str
    state: str
    source_file: str | None
    first_number: str | None
    last_number: str | None
    file_count: int


@dataclass(frozen=True)
class Numbered:
    """A file and its number in a series, counted from the first number that there is."""

    series: str
    number: int
    file: LandedFile


def judge(project: Project, files: Iterable[LandedFile]) -> list[Arrival]:
    """Return what is odd about the files of every feed whose mapping numbers them.

    Args:
        project: whose mappings hold the patterns.
        files: the ledger; a refused file came, too.
    """
    found: list[Arrival] = []
    current = sorted(
        (file for file in files if file.status != "superseded"), key=lambda file: file.identity
    )
    for feed, mapping in sorted(project.feeds.items()):
        if mapping.sequence:
            mine = [file for file in current if file.feed == feed]
            found += _judge_feed(feed, mapping.sequence, mine)
    return found


def _judge_feed(feed: str, said: NameSequence, files: Sequence[LandedFile]) -> list[Arrival]:
    numbered, found = [], []
    for file in files:
        one = _number(said, file)
        if one:
            numbered.append(one)
        else:
            found.append(Arrival(feed, "", "unnumbered", file.source_file, None, None, 1))
    numbered.sort(key=lambda one: (one.series, one.number, one.file.identity))
    for series, members in groupby(numbered, key=lambda one: one.series):
        found += judge_numbered(feed, series, said, list(members))
    return found


def judge_numbered(
    feed: str, series: str, said: NameSequence, members: Sequence[Numbered]
) -> list[Arrival]:
    """Return what is odd about the files of one series."""
    ordered = sorted(members, key=lambda one: (one.number, one.file.identity))
    return list(_judge_series(feed, series, said, _in_order(ordered, said.modulus)))


def _number(said: NameSequence, file: LandedFile) -> Numbered | None:
    match = re.search(said.pattern, file.source_file)
    if match is None:
        return None
    groups = match.groupdict()
    series = groups.get("series") or ""
    if "number" in groups:
        return Numbered(series, int(groups["number"]), file) if groups["number"] else None
    try:
        day = date.fromisoformat(groups["day"])
    except (TypeError, ValueError):
        return None
    return Numbered(series, day.toordinal(), file)


def _in_order(members: list[Numbered], modulus: int | None) -> list[Numbered]:
    """Return the members as they were numbered: where numbers start again, the widest gap leads."""
    if modulus is None or len(members) < 2:
        return members
    gaps = [
        ((members[place].number - members[place - 1].number) % modulus, -place)
        for place in range(len(members))
    ]
    start = -max(gaps)[1]
    return members[start:] + members[:start]


def _judge_series(
    feed: str, series: str, said: NameSequence, members: Sequence[Numbered]
) -> Iterator[Arrival]:
    def odd(state: str, one: Numbered) -> Arrival:
        number = _text(said, one.number)
        return Arrival(feed, series, state, one.file.source_file, number, number, 1)

    came = [one.file.mtime_ns for one in members]
    earliest_after = list(accumulate(reversed(came), min))[::-1]
    for place, one in enumerate(members):
        before = members[place - 1] if place else None
        step = one.number - before.number if before else 1
        if said.modulus:
            step %= said.modulus
        if before and step == 0:
            yield odd("repeated", one)
        if before and step > 1:
            first, last = before.number + 1, one.number - 1
            texts = (_text(said, first), _text(said, last))
            yield Arrival(feed, series, "missing", None, *texts, step - 1)
        if one.file.mtime_ns > earliest_after[place]:
            yield odd("out_of_order", one)
        if said.late_after is not None and _is_late(one, said.late_after):
            yield odd("late", one)


def _is_late(one: Numbered, late_after: timedelta) -> bool:
    ended = datetime.fromordinal(one.number) + timedelta(days=1) + late_after
    came = datetime(1970, 1, 1) + timedelta(microseconds=one.file.mtime_ns // 1000)  # noqa: DTZ001 - UTC, as all
    return came > ended


def _text(said: NameSequence, number: int) -> str:
    if "(?P<day>" in said.pattern:
        return date.fromordinal(number).isoformat()
    return str((number % said.modulus if said.modulus else number) + said.first)


def arrival_messages(arrivals: Sequence[Arrival]) -> list[Message]:
    """Return one message for each feed, series and state, with the first of what is odd."""
    messages = []
    by_kind = sorted(arrivals, key=lambda one: (one.feed, one.series, one.state))
    for (feed, series, state), group in groupby(
        by_kind, key=lambda one: (one.feed, one.series, one.state)
    ):
        members = list(group)
        count = sum(one.file_count for one in members)
        shown = ", ".join(_name(one) for one in members[:_SHOWN])
        more = ", ..." if len(members) > _SHOWN else ""
        what = f"{count} {'file' if count == 1 else 'files'} {_WORDS[state]}: {shown}{more}"
        messages.append(
            Message(
                GAP,
                what,
                f"{feed}, series {series}" if series else feed,
                "the files that are there were judged by themselves",
                "ask the sender for what is missing, or correct sequence in tieout.toml",
                "warning",
            )
        )
    return messages


_WORDS = {
    "missing": "never came",
    "repeated": "came under a number that came before",
    "out_of_order": "came after a later one",
    "late": "came late",
    "unnumbered": "have a name without number",
}


def _name(one: Arrival) -> str:
    if one.source_file:
        return one.source_file
    if one.first_number == one.last_number:
        return str(one.first_number)
    return f"{one.first_number} to {one.last_number}"
