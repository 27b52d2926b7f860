"""How far a long work is, how fast it goes and how long it still takes, on stderr."""

from __future__ import annotations

import time

from dagster_project.commands.talk import Talk

SECONDS_BETWEEN = 2.0


class Progress:
    """Tells of a work of known size; give `tell` to whoever does it."""

    def __init__(self, talk: Talk, unit: str) -> None:
        """Speak through `talk`, counting in `unit`: invoices."""
        self._talk = talk
        self._unit = unit
        self._started = time.perf_counter()
        self._told = self._started

    def tell(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done; not more often than a person can read."""
        at = time.perf_counter()
        text = describe(done, total, at - self._started, self._unit)
        self._talk.detail(text)
        if at - self._told >= SECONDS_BETWEEN or done == total:
            self._told = at
            self._talk.say(text)


def describe(done: int, total: int, seconds: float, unit: str) -> str:
    """`1,500 of 6,000 invoices, 750/s, 6 s left`."""
    rate = done / seconds if seconds > 0 else 0
    left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
    return f"{done:,} of {total:,} {unit}, {rate:,.0f}/s{left}"
