"""`tieout ui`: the dashboard over the published snapshot, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from dagster_project.commands.context import open_workspace
from dagster_project.commands.interrupts import run_until_stopped
from dagster_project.commands.options import Options
from dagster_project.lib.errors import DataError
from dagster_project.resources.code import ROOT

APP = ROOT / "dashboards" / "app.py"


def ui(options: Options, *, port: int, host: str) -> int:
    """The command `tieout ui`."""
    workspace = open_workspace(options)
    from dagster_project.lib.snapshot import open_snapshot

    open_snapshot(workspace.home)
    return serve(workspace.home, port=port, host=host)


def serve(home: Path, *, port: int, host: str = "127.0.0.1") -> int:
    """Serve until it is stopped."""
    if not APP.is_file():
        raise DataError(
            "TIE-3052",
            "the dashboard is not there",
            where=str(APP),
            effect="nothing is served; `tieout findings` and the Parquet files can be read",
            fix="run `make setup` in a whole checkout",
        )
    sys.stderr.write(f"dashboard: http://{host}:{port} (Ctrl-C ends it)\n")
    options = {
        "server.headless": "true",
        "server.port": str(port),
        "server.address": host,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *arguments]
    return run_until_stopped([*command, "--", "--home", str(home)])
