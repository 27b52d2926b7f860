"""What every command starts from: the workspace of this call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.commands.options import Options
from dagster_project.lib.errors import UsageError
from dagster_project.resources.settings import DEMO_MARKER, Settings
from dagster_project.resources.workspace import Workspace

if TYPE_CHECKING:
    from dagster_project.lib.snapshot import Snapshot


def open_workspace(options: Options) -> Workspace:
    """The workspace of this folder and environment; what the options say comes first."""
    given = {"home": options.home, "project": options.project}
    settings = Settings(**{name: value for name, value in given.items() if value})  # type: ignore[arg-type]
    return Workspace(settings, Path.cwd())


def open_current(options: Options, snapshot_id: str | None = None) -> Snapshot:
    """The current snapshot of this home, or the one asked for."""
    from dagster_project.lib.snapshot import open_snapshot

    return open_snapshot(open_workspace(options).home, snapshot_id)


def refuse_foreign_demo(workspace: Workspace) -> None:
    """A home that holds the demo takes no other project: their files would mix.

    Raises: UsageError.
    """
    is_demo = (workspace.home / DEMO_MARKER).is_file()
    if is_demo and workspace.project_dir != workspace.home / "demo":
        raise UsageError(
            "TIE-2026",
            "this home holds the demo",
            where=str(workspace.home),
            effect="nothing was read",
            fix="remove that folder, or set TIEOUT_HOME to another one for your project",
        )


def now() -> datetime:
    """The time for logs, in UTC without zone as the store keeps it; never part of a figure."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
