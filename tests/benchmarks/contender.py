"""One contender in a process of its own: `python -m tests.benchmarks.contender JOB NAME FOLDER`."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path


def main(job: str, name: str, folder: Path) -> None:
    """Load the contender, then time its work alone."""
    module = importlib.import_module(f"tests.benchmarks.{job}")
    work = getattr(module, name)(folder)
    before, started = _cpu_seconds(), time.perf_counter()
    facts = work()
    told = {
        "cpu_seconds": _cpu_seconds() - before,
        "wall_seconds": time.perf_counter() - started,
        "peak_mb": _peak_mb(),
        "facts": facts,
    }
    print(json.dumps(told))  # noqa: T201 - read by the parent process


def _peak_mb() -> int:
    # not ru_maxrss: that begins with the memory of the process that started this one
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
