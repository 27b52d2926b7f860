"""Loading that is killed for real, repeated, or done twice at once ends at the same raw bytes."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.ingestion.landing import OPERATOR, USAGE, usage_file, usage_line

from .conftest import environment, run_tieout

WORDS = ("-m", "dagster_project.cli", "ingest")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "p"
    (folder / "landing" / "net").mkdir(parents=True)
    (folder / "tieout.toml").write_text(OPERATOR + USAGE, encoding="utf-8")
    for no in range(30):
        lines = usage_file(1500, usage_line(no, quantity="x"), first=no * 1500)
        (folder / "landing" / "net" / f"{no:02d}.csv").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("expected")
    assert run_tieout("--home", home, "ingest", cwd=project).code == 0
    return raw_bytes(home)


def raw_bytes(home: Path) -> dict[str, str]:
    """Digest of everything in raw and in quarantine; nothing else may be there."""
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("raw", "quarantine")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }


def start(project: Path, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, WORDS[0], WORDS[1], "--home", str(home), WORDS[2]],
        cwd=project, env=environment(), text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def kill_and_load_again(
    project: Path, expected: dict[str, str], folder: Path, parts: list[int]
) -> None:
    """Kill a loader once it has written so many files, each time into a new home."""
    for count in parts:
        home = folder / f"home{count}"
        process = start(project, home)
        while process.poll() is None and sum(1 for _ in home.rglob("raw/**/*.parquet")) < count:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert run_tieout("--home", home, "ingest", cwd=project).code == 0
        assert raw_bytes(home) == expected, count


def test_a_killed_loader_is_run_again(
    project: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    kill_and_load_again(project, expected, tmp_path, [52, 64])


@pytest.mark.slow
def test_a_loader_killed_at_thirty_moments(
    project: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(20261123)  # noqa: S311
    moments = sorted(chance.sample(range(1, 84), 30))
    kill_and_load_again(project, expected, tmp_path, moments)


def test_two_loaders_at_once(project: Path, expected: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    both = [start(project, home), start(project, home)]
    told = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 4]), told
    assert raw_bytes(home) == expected
