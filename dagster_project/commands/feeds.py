"""`tieout feed list` and `show`: what can be mapped, and what is."""

from __future__ import annotations

from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.controls.catalogue import load_catalogue
from dagster_project.lib.errors import UsageError
from dagster_project.resources.code import DBT_PROJECT

if TYPE_CHECKING:
    from dagster_project.resources.workspace import Workspace
    from ingestion.contracts import Column
    from ingestion.mapping import FeedMapping


def list_feeds(options: Options, *, as_json: bool) -> int:
    """The command `tieout feed list`: every contract, its state, and who needs it."""
    from ingestion.contracts import load_contracts

    workspace = open_workspace(options)
    mapped, loaded = _mapped(workspace), _loaded(workspace.home)
    needs = _needs()
    rows: list[dict[str, Any]] = []
    for contract in load_contracts().values():
        file_count, row_count = loaded.get(contract.feed, (0, 0))
        rows.append(
            {
                "feed": contract.feed,
                "source": contract.source,
                "group": contract.group,
                "is_mapped": contract.feed in mapped,
                "preset": mapped[contract.feed].preset if contract.feed in mapped else None,
                "file_count": file_count,
                "row_count": row_count,
                "needed_by": needs.get(contract.feed, []),
                "grain": contract.grain,
            }
        )
    if as_json:
        print_json({"feeds": rows})
        return 0
    shown = [
        (
            one["feed"],
            "mapped" if one["is_mapped"] else "",
            one["file_count"] or "",
            one["row_count"] or "",
            " ".join(one["needed_by"]),
            one["grain"],
        )
        for one in rows
    ]
    print_table(("feed", "", "files", "rows", "needed by", "grain"), shown)
    return 0


def show(options: Options, feed: str, *, as_json: bool) -> int:
    """The command `tieout feed show`: contract, presets and mapping of one feed."""
    from ingestion.contracts import load_contracts
    from ingestion.presets import load_presets

    contract = load_contracts().get(feed)
    if contract is None:
        raise unknown_feed(feed)
    mapping = _mapped(open_workspace(options)).get(feed)
    presets = [one for one in load_presets().values() if one.fits(feed)]
    needed_by = _needs().get(feed, [])
    if as_json:
        print_json(
            {
                **asdict(contract),
                "needed_by": needed_by,
                "presets": [{"preset": one.preset, "title": one.title} for one in presets],
                "mapping": asdict(mapping) if mapping else None,
            }
        )
        return 0
    print_lines([f"{contract.feed}: {contract.description} Grain: {contract.grain}."])
    print_lines([f"key: {', '.join(contract.key)}; needed by: {' '.join(needed_by) or '-'}", ""])
    rows = [(one.name, one.type, *_rules(one), one.meaning) for one in contract.columns]
    print_table(("column", "type", "", "values", "meaning"), rows)
    print_lines(["", "presets:", *(f"  {one.preset}: {one.title}" for one in presets), ""])
    print_lines(_mapping_lines(mapping, feed))
    return 0


def unknown_feed(feed: str) -> UsageError:
    """The error for a feed that has no contract."""
    from ingestion.contracts import load_contracts

    near = get_close_matches(feed, load_contracts(), n=3, cutoff=0)
    return UsageError(
        "TIE-2031",
        f"there is no feed '{feed}'",
        where="tieout feed",
        effect="nothing was read",
        fix=f"use a feed such as {', '.join(near)}; `tieout feed list` names all",
    )


def _mapped(workspace: Workspace) -> dict[str, FeedMapping]:
    found = workspace.settings.find_project(Path.cwd())
    return dict(workspace.project.feeds) if found else {}


def _needs() -> dict[str, list[str]]:
    needs: dict[str, list[str]] = {}
    for control in load_catalogue(DBT_PROJECT / "models" / "controls"):
        for feed in control["feeds"]:
            needs.setdefault(feed, []).append(control["control_id"])
    return needs


def _loaded(home: Path) -> dict[str, tuple[int, int]]:
    """Files and rows of each feed as the last ingestion left them."""
    path = home / "raw" / "tieout__feeds" / "part.parquet"
    if not path.is_file():
        return {}
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(
            "select feed, file_count, row_count from read_parquet($path)", {"path": str(path)}
        ).fetchall()
    return {feed: (files, count) for feed, files, count in rows}


def _rules(column: Column) -> tuple[str, str]:
    values = [" | ".join(column.allowed), column.pattern or ""]
    if column.minimum is not None:
        values.append(f">= {column.minimum}")
    if column.maximum is not None:
        values.append(f"<= {column.maximum}")
    if column.number:
        values.append("telephone number")
    if column.is_masked:
        values.append("personal")
    return "required" if column.required else "", ", ".join(filter(None, values))


def _mapping_lines(mapping: FeedMapping | None, feed: str) -> list[str]:
    if mapping is None:
        return [f"not mapped; `tieout feed suggest FILE --feed {feed}` proposes a mapping"]
    lines = ["mapping:"]
    for name, value in asdict(mapping).items():
        if isinstance(value, dict) and name != "trailer":
            lines += [f"  {name}.{key} = {inner}" for key, inner in value.items()]
        elif value not in (None, (), "") and name != "feed":
            lines.append(f"  {name} = {', '.join(value) if isinstance(value, tuple) else value}")
    return lines
