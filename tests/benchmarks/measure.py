"""Runs contenders in processes of their own, interleaved, and compares CPU-seconds.

CPU-seconds (user + system of the work itself, imports and start left out) are the figure to trust:
wall time on a shared machine wavers. Peak memory is that of the whole process.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """One run of one contender."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: int
    facts: dict[str, int | str]


@dataclass
class Contender:
    """Something that does a job: its name and its runs so far."""

    job: str
    name: str
    runs: list[Run] = field(default_factory=list)

    @property
    def cpu_seconds(self) -> float:
        """The median of its runs."""
        return statistics.median(run.cpu_seconds for run in self.runs)

    @property
    def wall_seconds(self) -> float:
        """The median of its runs."""
        return statistics.median(run.wall_seconds for run in self.runs)

    @property
    def peak_mb(self) -> int:
        """The greatest of its runs."""
        return max(run.peak_mb for run in self.runs)

    @property
    def facts(self) -> dict[str, int | str]:
        """What it found; every run of every contender of a job must find the same."""
        return self.runs[0].facts


def run_interleaved(
    job: str, names: Sequence[str], folder: Path, repeat: int, tell: Callable[[str], None]
) -> dict[str, Contender]:
    """Run every contender `repeat` times, one after the other in each round."""
    contenders = {name: Contender(job, name) for name in names}
    for round_no in range(repeat):
        for contender in contenders.values():
            run = run_once(job, contender.name, folder)
            contender.runs.append(run)
            tell(
                f"{job} {contender.name} {round_no + 1}/{repeat}: {run.cpu_seconds:.2f} CPU s, "
                f"{run.wall_seconds:.2f} s, {run.peak_mb} MB"
            )
    return contenders


def run_once(job: str, name: str, folder: Path) -> Run:
    """Run one contender in a process of its own.

    Raises: RuntimeError with the end of what it wrote, when it fails.
    """
    command = [sys.executable, "-m", "tests.benchmarks.contender", job, name, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{job} {name} failed: {done.stderr[-2000:]}")
    return Run(**json.loads(done.stdout.strip().splitlines()[-1]))
