"""`tieout doctor`: is everything in order, and if not, the fix."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dagster_project.commands.context import open_workspace
from dagster_project.commands.errors import find_known
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines
from dagster_project.resources.workspace import Workspace

# Proven together; the ranges are in pyproject.toml.
PACKAGES = {
    "duckdb": "2.0.", "dbt-core": "1.11.", "dbt-duckdb": "1.11.", "dagster": "1.13.",
    "dagster-dbt": "0.29.", "great-expectations": "1.", "sqlalchemy": "2.1.", "streamlit": "1.",
}  # fmt: skip
LEAST_DISK = 2 << 30
LEAST_MEMORY = 2 << 30


@dataclass(frozen=True)
class Line:
    """One thing that was looked at; a failed one has its fix."""

    name: str
    is_ok: bool
    detail: str
    fix: str = ""


def doctor(options: Options, *, as_json: bool) -> int:
    """The command `tieout doctor`; 1 when something needs a fix."""
    workspace = open_workspace(options)
    looks = (_versions, _disk, _memory, _project, _store, _lock, _snapshot)
    lines = [line for look in looks for line in _careful(look, workspace)]
    is_ok = all(line.is_ok for line in lines)
    if as_json:
        print_json(
            {"is_ok": is_ok, "home": workspace.home, "checks": [asdict(one) for one in lines]}
        )
    else:
        for line in lines:
            print_lines([f"{'ok  ' if line.is_ok else 'FAIL'}  {line.name}: {line.detail}"])
            print_lines([f"      fix: {line.fix}"] if not line.is_ok else [])
    return 0 if is_ok else 1


def _careful(look: Callable[[Workspace], Iterator[Line]], workspace: Workspace) -> Iterator[Line]:
    """One look; an error with a fix is a failed line, so that the other looks go on."""
    try:
        yield from look(workspace)
    except Exception as error:
        known = find_known(error)
        if known is None:
            raise
        yield Line(look.__name__.strip("_"), False, f"{known.what} ({known.where})", known.fix)


def _versions(_: Workspace) -> Iterator[Line]:
    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Line("python", sys.version_info >= (3, 11), python, "install Python 3.11 or newer")
    for name, proven in PACKAGES.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        fits = found.startswith(proven)
        yield Line(name, fits, found, f"`make setup` installs the proven {proven}x")


def _disk(workspace: Workspace) -> Iterator[Line]:
    folder = next(one for one in (workspace.home, *workspace.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / (1 << 30):.1f} GB free for {workspace.home}"
    yield Line("disk", free >= LEAST_DISK, detail, "free some space, or set TIEOUT_HOME elsewhere")
    is_writable = os.access(folder, os.W_OK)
    yield Line("home", is_writable, str(workspace.home), "let this user write there")


def _memory(workspace: Workspace) -> Iterator[Line]:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = workspace.settings.memory_limit or "the engine's own limit"
    detail = f"{total / (1 << 30):.1f} GB, {os.cpu_count()} cores, {limit}"
    yield Line("memory", total >= LEAST_MEMORY, detail, "give the machine 2 GB or more")


def _project(workspace: Workspace) -> Iterator[Line]:
    project = workspace.project
    yield Line("project", True, f"{project.folder} ({project.operator.name})")
    landing = project.folder / "landing"
    yield Line("landing", landing.is_dir(), str(landing), f"make the folder {landing}")
    count = len(project.feeds)
    detail = f"{count} feeds are mapped"
    yield Line("feeds", count > 0, detail, "map your first feed in tieout.toml")
    for feed, mapping in sorted(project.feeds.items()):
        missing = [one for one in mapping.path if not any(landing.glob(one))]
        if missing:
            detail = f"no file fits {', '.join(missing)}"
            yield Line(f"feed {feed}", False, detail, "put its files there, or correct path")


def _store(workspace: Workspace) -> Iterator[Line]:
    from dagster_project.lib.store.engine import HEAD, read_revision

    revision = read_revision(workspace.store)
    yield Line("store", revision == HEAD, f"revision {revision}", "open it once with `tieout run`")


def _lock(workspace: Workspace) -> Iterator[Line]:
    from dagster_project.lib.store import current_holder

    holder = current_holder(workspace.home)
    detail = f"held by {holder.who} (process {holder.pid})" if holder else "free"
    yield Line("writer lock", True, detail)


def _snapshot(workspace: Workspace) -> Iterator[Line]:
    from dagster_project.lib.snapshot import current_id, verify

    named = current_id(workspace.home)
    if named is None:
        fix = "`tieout run --period YYYY-MM`"
        yield Line("snapshot", True, f"nothing is published yet; {fix}")
        return
    broken = [one for one in verify(workspace.home, named) if not one.is_intact]
    detail = "; ".join(f"{one.table_name}: {one.reason}" for one in broken) or "intact"
    fix = "`tieout snapshot rollback`, or `tieout run --full` to rebuild it"
    yield Line("snapshot", not broken, f"{named} {detail}", fix)
    for left in sorted(Path(workspace.home / "published").glob("_tmp-*")):
        yield Line("snapshot", True, f"{left.name} is left of a run that was cut off")
