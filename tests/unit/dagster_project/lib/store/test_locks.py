from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagster_project.lib.errors import LockedError
from dagster_project.lib.store import current_holder, writer_lock

HOLD = """
import sys, time
from pathlib import Path
from dagster_project.lib.store import writer_lock
with writer_lock(Path(sys.argv[1]), "the other"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=Path(__file__).parents[5],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_who_writes(other: subprocess.Popen[str], tmp_path: Path) -> None:
    try:
        told = pytest.raises(LockedError, match=f"the other .process {other.pid}.")
        with told, writer_lock(tmp_path, "me"):
            pass
        holder = current_holder(tmp_path)
        assert holder
        assert (holder.who, holder.pid) == ("the other", other.pid)
    finally:
        other.kill()
        other.wait()


def test_a_killed_writer_frees_the_lock(other: subprocess.Popen[str], tmp_path: Path) -> None:
    other.kill()
    other.wait()
    with writer_lock(tmp_path, "me"):
        holder = current_holder(tmp_path)
        assert holder
        assert holder.pid == os.getpid()
    assert current_holder(tmp_path) is None


def test_a_look_at_the_lock_does_not_take_it_away(tmp_path: Path) -> None:
    assert current_holder(tmp_path) is None
    started = time.monotonic()
    with writer_lock(tmp_path, "me"):
        assert current_holder(tmp_path)
    assert time.monotonic() - started < 5
