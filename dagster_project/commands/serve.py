"""`tieout serve`: Dagster over this home and project, with its graph, sensor and schedules."""

from __future__ import annotations

import sys
from pathlib import Path

from dagster_project.commands.context import open_workspace, refuse_foreign_demo
from dagster_project.commands.interrupts import run_until_stopped
from dagster_project.commands.options import Options
from dagster_project.resources.settings import child_environment

MODULE = "dagster_project.definitions"
# The pool is freed when its run ends however it ends; else a cancelled run would hold it for ever.
INSTANCE = """\
telemetry:
  enabled: false
concurrency:
  pools:
    granularity: run
    default_limit: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 30
"""


def serve(options: Options, *, port: int, host: str) -> int:
    """Serve until it is stopped; history is kept under home."""
    workspace = open_workspace(options)
    refuse_foreign_demo(workspace)
    folder = write_instance(workspace.home)
    environment = child_environment(
        DAGSTER_HOME=str(folder),
        TIEOUT_HOME=str(workspace.home),
        TIEOUT_PROJECT=str(workspace.project_dir),
    )
    sys.stderr.write(f"Dagster: http://{host}:{port} (Ctrl-C ends it)\n")
    words = ["-m", "dagster", "dev", "-m", MODULE, "-h", host, "-p", str(port)]
    return run_until_stopped([sys.executable, *words], environment)


def write_instance(home: Path) -> Path:
    """The folder of Dagster's instance, with our settings unless it has some already."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        (folder / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    return folder
