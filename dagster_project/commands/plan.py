"""`tieout run --dry-run`: what a run would do, and which controls lack their feeds."""

from __future__ import annotations

from typing import Any

from dagster_project.commands.context import open_workspace, refuse_foreign_demo
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines
from dagster_project.lib.controls.catalogue import load_catalogue
from dagster_project.lib.periods import Months
from dagster_project.resources.code import DBT_PROJECT


def plan(options: Options, months: Months, *, as_json: bool) -> int:
    """Read the configuration and the landing folder; change nothing."""
    workspace = open_workspace(options)
    refuse_foreign_demo(workspace)
    from dagster_project.lib.snapshot import current_id
    from dagster_project.lib.store import current_holder

    project = workspace.project
    landing = project.folder / "landing"
    files = {
        feed: sum(1 for pattern in mapping.path for _ in landing.glob(pattern))
        for feed, mapping in sorted(project.feeds.items())
    }
    lacking = {
        one["control_id"]: sorted(_lacking(one["needs"], set(project.feeds)))
        for one in load_catalogue(DBT_PROJECT / "models" / "controls")
    }
    holder = current_holder(workspace.home)
    document: dict[str, Any] = {
        "months": [f"{month:%Y-%m}" for month in months.each()],
        "files": files,
        "controls": sorted(name for name, feeds in lacking.items() if not feeds),
        "not_run": {name: feeds for name, feeds in lacking.items() if feeds},
        "current_snapshot": current_id(workspace.home),
        "writer": f"{holder.who} (process {holder.pid})" if holder else None,
    }
    if as_json:
        print_json(document)
        return 0
    print_lines(
        [
            f"months: {months}",
            *(f"feed {feed}: {count} files" for feed, count in files.items()),
            f"controls: {', '.join(document['controls'])}",
            *(f"{one} will be NOT RUN: no {', '.join(feeds)}" for one, feeds in lacking.items()
              if feeds),
            f"published now: {document['current_snapshot'] or 'nothing'}",
            f"writing now: {document['writer'] or 'nobody'}",
        ]
    )  # fmt: skip
    return 0


def _lacking(needs: list[str], mapped: set[str]) -> set[str]:
    """Feeds that are needed and not mapped; of `a|b` one will do."""
    wanted = ({feed.split(".")[0] for feed in need.split("|")} for need in needs)
    return {" or ".join(sorted(feeds)) for feeds in wanted if not feeds & mapped}
