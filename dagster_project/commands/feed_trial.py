"""`tieout feed check` and `preview`: a mapping tried on real files, with nothing loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import open_workspace
from dagster_project.commands.feeds import unknown_feed
from dagster_project.commands.options import Options
from dagster_project.commands.talk import Talk, print_json, print_lines, print_table

if TYPE_CHECKING:
    from ingestion.contracts import Column, Contract
    from ingestion.load import Head
    from ingestion.mapping import FeedMapping
    from ingestion.trial import Trial

DATA = 3
_COUNTS = ("line_count", "header_count", "trailer_count", "blank_count", "deleted_count",
           "loaded_count", "quarantined_count")  # fmt: skip


def check(options: Options, feed: str, path: Path | None, *, as_json: bool) -> int:
    """The command `tieout feed check`; 3 when a line would not load or a file is refused."""
    from ingestion.contracts import load_contracts
    from ingestion.trial import check as try_files

    if feed not in load_contracts():
        raise unknown_feed(feed)
    workspace = open_workspace(options)
    trial = try_files(workspace.project, feed, path, workspace.settings.threads)
    if as_json:
        print_json(_document(trial))
    else:
        _print_trial(trial, Talk(quiet=options.quiet))
    return 0 if trial.is_clean else DATA


def _document(trial: Trial) -> dict[str, Any]:
    names = ("source_file", "status", "reason", *_COUNTS, "first_event_on", "last_event_on")
    return {
        "feed": trial.feed,
        "is_clean": trial.is_clean,
        "loaded_count": trial.loaded_count,
        "quarantined_count": trial.quarantined_count,
        "files": [{name: getattr(file, name) for name in names} for file in trial.files],
        "reasons": list(trial.reasons),
        "messages": list(trial.messages),
    }


def _print_trial(trial: Trial, talk: Talk) -> None:
    said = ("lines", "header", "trailer", "blank", "deleted", "would load", "quarantined")
    headings = ("file", *said, "days")
    rows = []
    for file in trial.files:
        days = f"{file.first_event_on} to {file.last_event_on}" if file.first_event_on else ""
        rows.append((file.source_file, *(getattr(file, name) for name in _COUNTS), days))
    print_table(headings, rows)
    for reason in trial.reasons:
        what = (
            f"{reason.column_name}: {reason.reason_code}"
            if reason.column_name
            else reason.reason_code
        )
        print_lines(["", f"{reason.line_count} would not load, {what}"])
        for one in reason.examples:
            value = f": {one.value!r}" if one.value is not None else ""
            print_lines([f"  {one.source_file}, line {one.source_row}{value}"])
        print_lines([f"  fix: {reason.fix}"])
    for message in trial.messages:
        talk.say(message.text())
    end = "every line would load" if trial.is_clean else "see above"
    counts = f"{trial.loaded_count} would load, {trial.quarantined_count} would not"
    print_lines(["", f"{counts}: {end}"])


def preview(options: Options, feed: str, path: Path | None, *, limit: int, as_json: bool) -> int:
    """The command `tieout feed preview`."""
    from ingestion.contracts import load_contracts
    from ingestion.trial import first_lines

    contract = load_contracts().get(feed)
    if contract is None:
        raise unknown_feed(feed)
    project = open_workspace(options).project
    file, head = first_lines(project, feed, path, limit)
    rows = _preview_rows(contract, project.feeds[feed], head)
    if as_json:
        print_json({"feed": feed, "source_file": file.source_file, "rows": rows})
        return 0
    for row in rows:
        print_lines([f"{file.source_file}, line {row['source_row']}{_broken(row)}"])
        shown = [(one["column"], one["value"], one["source"]) for one in row["columns"]]
        print_table(("column", "loads as", "the file says"), [one for one in shown if any(one[1:])])
        print_lines([""])
    zone = project.operator.time_zone
    print_lines([f"times are UTC; days and months are those of {zone}"])
    return 0


def _broken(row: dict[str, Any]) -> str:
    if not row["reason_code"]:
        return ""
    column = f" ({row['column_name']})" if row["column_name"] else ""
    return f": would not load, {row['reason_code']}{column}"


def _preview_rows(contract: Contract, mapping: FeedMapping, head: Head) -> list[dict[str, Any]]:
    """The lines as data: each contract column with what the file says for it."""
    broken = {row["_source_row"]: row for row in head.broken.to_pylist()}
    mapped = {row["_source_row"]: row for row in head.mapped.to_pylist()}
    names = [name for name in head.source.column_names if not name.startswith("_")]
    uses = {column.name: _used(column, mapping, names) for column in contract.columns}
    masked = {name for column in contract.columns if column.is_masked for name in uses[column.name]}
    rows = []
    for source in sorted(head.source.to_pylist(), key=lambda row: int(row["_source_row"])):
        row_no = source["_source_row"]
        bad = broken.get(row_no, {})
        values = mapped[row_no]
        rows.append(
            {
                "source_row": row_no,
                "reason_code": bad.get("reason_code"),
                "column_name": bad.get("column_name"),
                "columns": [
                    {
                        "column": column.name,
                        "value": _shown(values[column.name], is_masked=column.is_masked),
                        "source": " | ".join(
                            f"{name} = {_shown(source[name], is_masked=name in masked)}"
                            for name in uses[column.name]
                            if source[name] is not None
                        ),
                    }
                    for column in contract.columns
                ],
            }
        )
    return rows


def _used(column: Column, mapping: FeedMapping, names: list[str]) -> list[str]:
    """The source columns that a contract column is made of, in the order of the file."""
    expression = mapping.columns.get(column.name)
    if expression is None:
        return [name for name in names if name.lower() == column.name]
    bare = re.sub(r"'(?:[^']|'')*'", " ", expression)
    return [
        name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", bare, re.IGNORECASE)
    ]


def _shown(value: Any, *, is_masked: bool) -> str | None:
    from ingestion.quarantine import mask

    if value is None:
        return None
    return mask(str(value)) if is_masked else str(value)
