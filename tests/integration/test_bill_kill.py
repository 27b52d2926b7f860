"""`tieout bill` killed at any moment, or run twice at once, issues everything once."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .billing_operator import make_operator, tieout
from .conftest import environment

DRAFT = ("bill", "--period", "2026-07", "--by", "Ada")
NUMBERS = ["NORTH-2026-000001", "NORTH-2026-000002"]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An operator whose July is drafted and reviewed, and the id of the run."""
    folder = tmp_path_factory.mktemp("kill") / "operator"
    make_operator(folder)
    run = json.loads(tieout(folder, *DRAFT, "--json").out)["bill_run_id"]
    tieout(folder, "bill", "review", run, "--by", "Bob")
    tieout(folder, "bill", "accept", run, "left_out", "--by", "Bob", "--reason", "no price")
    return folder, run


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", *words],
        cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill_after(folder: Path, seconds: float, *words: str) -> None:
    process = start(folder, *words)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


def issued(folder: Path, run: str) -> dict[str, Any]:
    """The run as it is after `issue` was run again, with the numbers of its invoices."""
    tieout(folder, "bill", "issue", run, "--by", "Cleo", "--on", "2026-08-03")
    report: dict[str, Any] = json.loads(tieout(folder, "bill", "status", run, "--json").out)
    report["accounts"] = [
        json.loads(tieout(folder, "invoice", number, "--json").out)["account_id"]
        for number in NUMBERS
    ]
    assert "no invoice" in tieout(folder, "invoice", "NORTH-2026-000003", code=2).err
    return report


def assert_once(report: dict[str, Any]) -> None:
    assert (report["status"], report["issued_count"]) == ("issued", 2)
    assert report["accounts"] == ["A1", "A2"]
    names = [one["event"] for one in report["events"]]
    assert (names.count("issuing"), names.count("issued")) == (1, 1)


def _kill_issue(reviewed: tuple[Path, str], tmp_path: Path, moments: list[float]) -> None:
    source, run = reviewed
    words = ("bill", "issue", run, "--by", "Cleo", "--on", "2026-08-03")
    shutil.copytree(source, tmp_path / "whole")
    started = time.monotonic()
    tieout(tmp_path / "whole", *words)
    whole = time.monotonic() - started
    for no, moment in enumerate(moments):
        folder = tmp_path / f"{no}"
        shutil.copytree(source, folder)
        kill_after(folder, moment * whole, *words)
        assert_once(issued(folder, run))


def test_an_issue_that_was_killed_is_finished_by_the_next(
    reviewed: tuple[Path, str], tmp_path: Path
) -> None:
    _kill_issue(reviewed, tmp_path, [0.5, 0.75, 0.95])


@pytest.mark.slow
def test_an_issue_is_killed_at_twenty_random_moments(
    reviewed: tuple[Path, str], tmp_path: Path
) -> None:
    chance = random.Random(20260801)  # noqa: S311
    _kill_issue(reviewed, tmp_path, [chance.uniform(0.2, 1.0) for _ in range(20)])


def test_two_processes_issue_a_run_once(reviewed: tuple[Path, str], tmp_path: Path) -> None:
    source, run = reviewed
    shutil.copytree(source, tmp_path / "o")
    words = ("bill", "issue", run, "--by", "Cleo", "--on", "2026-08-03")
    codes = [one.wait() for one in [start(tmp_path / "o", *words) for _ in range(2)]]
    assert 0 in codes and set(codes) <= {0, 4}
    assert_once(issued(tmp_path / "o", run))


def test_a_draft_that_was_killed_is_drafted_again(
    reviewed: tuple[Path, str], tmp_path: Path
) -> None:
    _, run = reviewed
    make_operator(tmp_path / "o")
    kill_after(tmp_path / "o", 6, *DRAFT)
    assert json.loads(tieout(tmp_path / "o", *DRAFT, "--json").out)["bill_run_id"] == run
