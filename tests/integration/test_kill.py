"""A run that is killed at any moment is simply run again, and ends at the same bytes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagster_project.lib.snapshot import current_id, verify

from .conftest import MONTHS, Demo, environment, published_bytes, run_tieout


def _kill_and_run_again(demo: Demo, folder: Path, moments: list[float]) -> None:
    """Kill runs at these shares of a run's time; after each, a whole run must end as the demo."""
    home = folder / "home"
    words = ("--home", home, "--project", demo.project, "run", *MONTHS)
    started = time.monotonic()
    assert run_tieout(*words, cwd=folder).code == 0
    whole = time.monotonic() - started
    expected = published_bytes(demo.home)
    for no, moment in enumerate(moments):
        if no % 2 == 0:
            shutil.rmtree(home)
        full = ("--full",) if no % 2 else ()
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.cli", *map(str, (*words, *full))],
            cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(moment * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if current_id(home):
            assert all(check.is_intact for check in verify(home))
        again = run_tieout(*words, "--json", cwd=folder)
        assert again.code == 0, (moment, again.err)
        assert again.document["snapshot_id"] == demo.document["snapshot_id"], moment
        assert published_bytes(home) == expected, moment


def test_a_killed_run_is_run_again(demo: Demo, tmp_path: Path) -> None:
    _kill_and_run_again(demo, tmp_path, [0.3, 0.7])


@pytest.mark.slow
def test_killed_at_twenty_random_moments(demo: Demo, tmp_path: Path) -> None:
    chance = random.Random(20261123)  # noqa: S311
    _kill_and_run_again(demo, tmp_path, [chance.uniform(0.02, 1.0) for _ in range(20)])


@pytest.mark.parametrize("moment", ["at once", "landed and loaded", "definitions loaded"])
def test_an_interrupt_publishes_nothing_and_is_exit_130(
    demo: Demo, tmp_path: Path, moment: str
) -> None:
    home = tmp_path / "home"
    words = ("--home", home, "--project", demo.project, "run", *MONTHS)
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", *map(str, words)],
        cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    if moment == "at once":
        time.sleep(1)
    while moment != "at once" and moment not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "interrupted: " in told and "Traceback" not in told, told
    assert current_id(home) is None
