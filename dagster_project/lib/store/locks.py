"""One writer at a time, by a file lock that the operating system frees when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dagster_project.lib.errors import LockedError

LOCK_PATH = Path("locks") / "writer.lock"


@dataclass(frozen=True)
class LockHolder:
    """Who writes just now."""

    who: str
    pid: int


@contextmanager
def writer_lock(home: Path, who: str) -> Iterator[None]:
    """Hold the right to write under `home` for the time of the block.

    Raises: LockedError, naming who holds it.
    """
    path = home / LOCK_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _lock_patiently(file):
            raise _locked(path, _read_holder(file))
        file.truncate(0)
        file.write(json.dumps({"who": who, "pid": os.getpid()}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def current_holder(home: Path) -> LockHolder | None:
    """Who holds the lock now; None when it is free."""
    path = home / LOCK_PATH
    if not path.exists():
        return None
    with path.open("a+", encoding="utf-8") as file:
        if _try_lock(file):
            return None
        return _read_holder(file)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_patiently(file: IO[str]) -> bool:
    """A look at the lock (`current_holder`) holds it for a moment; do not give up over that."""
    for _ in range(5):
        if _try_lock(file):
            return True
        time.sleep(0.05)
    return False


def _read_holder(file: IO[str]) -> LockHolder:
    file.seek(0)
    try:
        found = json.loads(file.read())
        return LockHolder(str(found["who"]), int(found["pid"]))
    except (ValueError, KeyError, TypeError):
        # its holder has the lock but has not written its name yet
        return LockHolder("another process", 0)


def _locked(path: Path, holder: LockHolder) -> LockedError:
    return LockedError(
        "TIE-4001",
        f"{holder.who} (process {holder.pid}) is writing here already",
        where=str(path),
        effect="nothing was started; what is published stays as it is",
        fix="wait until it ends, or stop it; a killed process frees the lock by itself",
    )
