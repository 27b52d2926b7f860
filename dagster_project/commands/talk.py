"""Speaking to people and to programs: data on stdout, talk on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.resources.settings import is_watched

if TYPE_CHECKING:
    from rich.status import Status

SCHEMA_VERSION = 1


def print_json(document: dict[str, Any]) -> None:
    """One document on stdout; amounts are text, for a JSON number is a binary fraction."""
    text = json.dumps({"schema_version": SCHEMA_VERSION, **document}, indent=2, default=_plain)
    sys.stdout.write(text + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Plain text on stdout."""
    for line in lines:
        sys.stdout.write(line + "\n")


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stdout: boxed on a terminal, else columns that `cut` and `awk` can read."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    if not is_watched(sys.stdout):
        widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
        for row in [list(headings), *cells]:
            padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            sys.stdout.write("  ".join(padded).rstrip() + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings)
    for row in cells:
        table.add_row(*row)
    Console().print(table)


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class Talk:
    """Progress on stderr: a moving line on a terminal, plain lines otherwise, nothing when quiet.

    It also times the stages it announces, in seconds.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        """Be quiet, or not."""
        self.quiet = quiet
        self.seconds: dict[str, float] = {}
        self._status: Status | None = None
        self._started = time.perf_counter()

    @property
    def total_seconds(self) -> float:
        """Seconds since the command began to work."""
        return round(time.perf_counter() - self._started, 3)

    def say(self, text: str) -> None:
        """One line for the reader."""
        if not self.quiet:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def detail(self, text: str) -> None:
        """What is being done within the stage; only a terminal shows it."""
        if self._status is not None:
            self._status.update(text)

    @contextmanager
    def stage(self, name: str, doing: str, done: str) -> Iterator[None]:
        """Announce and time one stage of the work: `landing and loading`, `landed and loaded`."""
        started = time.perf_counter()
        with self._moving(doing):
            yield
        self.add(name, time.perf_counter() - started)
        self.say(f"{done}: {self.seconds[name]:.1f} s")

    def add(self, name: str, seconds: float) -> None:
        """Count seconds towards a stage."""
        self.seconds[name] = round(self.seconds.get(name, 0) + seconds, 3)

    @contextmanager
    def _moving(self, doing: str) -> Iterator[None]:
        if self.quiet or not is_watched(sys.stderr):
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(f"{doing} ...") as self._status:
            yield
        self._status = None
