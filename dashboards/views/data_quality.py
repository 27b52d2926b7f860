"""What the figures stand on: files that landed, checks at the doors, controls that did not run."""

from __future__ import annotations

import streamlit as st

from dashboards.data import Row
from dashboards.parts import filters, formats, frame, quality, tables, words
from dashboards.parts.quality import Quality


def page() -> None:
    """Data quality."""
    reader = frame.reader_or_stop()
    title, period, feed = st.columns([6, 2, 3], vertical_alignment="bottom")
    title.title("Data quality", anchor=False)
    with period:
        month = filters.month(reader)
    known = quality.feeds(reader)
    with feed:
        chosen = filters.choose("Feed", "feed", [filters.ALL, *known], "All feeds")
    frame.show_switch(reader)
    frame.show_strip(reader, month)
    model = quality.build(reader, month, chosen)
    show_cards(model)
    show_runs(model)
    show_failed(model)
    show_files(model, chosen)


def show_cards(model: Quality) -> None:
    """Lines in, lines out; checks; controls."""
    files, state = model.files, model.state
    ran = len(model.runs) - len(state.not_run)
    cards = [
        ("Landed files", formats.count(files["file_count"]),
         f"{files['refused_count']} refused, {files['duplicate_count']} duplicate"),
        ("Rows loaded", formats.count(files["loaded_count"]),
         f"of {formats.count(files['line_count'])} lines read"),
        ("Rows in quarantine", formats.count(files["quarantined_count"]), "kept, with reason"),
        ("Checks passed", f"{state.success_count} of {state.check_count}", "at both doors"),
        ("Control months run", f"{ran} of {len(model.runs)}",
         f"{len(state.not_run)} NOT RUN, {len(state.low_coverage)} low coverage"),
    ]  # fmt: skip
    with st.container(horizontal=True):
        for label, value, note in cards:
            st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)


def show_runs(model: Quality) -> None:
    """Every control and month: rows before it, and why one did not run."""
    st.subheader("Controls", anchor=False)
    rows = [
        {
            **{name: row[name] for name in ("control_id", "title")},
            "month": formats.month(row["billing_month"]),
            "status": f"{_icon(row)} {words.STATUSES.get(row['status'], row['status'])}",
            "reason": row["reason"] or "",
            **{name: row[name] for name in row if name.endswith("_count")},
        }
        for row in model.runs
    ]
    counts = ("left", "right", "matched", "explained", "pending", "finding")
    config = {
        "control_id": st.column_config.TextColumn("Control", width=75),
        "title": st.column_config.TextColumn("Title", width=230),
        "month": st.column_config.TextColumn("Month", width=70),
        "status": st.column_config.TextColumn("Status", width=115),
        "reason": st.column_config.TextColumn("Reason", width=260),
        **{
            f"{name}_count": st.column_config.NumberColumn(
                {"finding": "Findings"}.get(name, name.capitalize()), format="%,d", width=80
            )
            for name in counts
        },
    }
    tables.show(rows, config, key="runs")


def _icon(row: Row) -> str:
    return {"pass": "✓", "findings": "!", "not_run": "×", "low_coverage": "△"}.get(
        row["status"], ""
    )


def show_failed(model: Quality) -> None:
    """Checks at the doors that did not hold."""
    st.subheader("Checks at the doors", anchor=False)
    state = model.state
    if not model.failed:
        told = f"All {formats.counted(state.check_count, 'check')} passed."
        st.markdown(f":green[:material/check_circle:] {told}")
        return
    config = {
        "door": "Door",
        "table_name": "Table",
        "expectation": "Check",
        "column_name": "Column",
        "observed": "Observed",
        "unexpected_count": st.column_config.NumberColumn("Rows", format="%,d"),
    }
    tables.show(model.failed, config, key="failed")


def show_files(model: Quality, feed: str | None) -> None:
    """The file ledger: troubled files first."""
    st.subheader("Landed files", anchor=False)
    if not model.file_list:
        st.info(f"No file landed for {feed or 'any feed'}.")
        return
    names = {"feed": "Feed", "source_file": "File", "status": "Status", "reason": "Reason",
             "first_event_on": "First day", "last_event_on": "Last day"}  # fmt: skip
    counts = {f"{name}_count": name.capitalize() for name in (
        "line", "header", "trailer", "blank", "loaded", "quarantined")}  # fmt: skip
    config = {
        **names,
        "reason": st.column_config.TextColumn("Reason", width=260),
        **{name: st.column_config.NumberColumn(label, format="%,d")
           for name, label in counts.items()},
    }  # fmt: skip
    tables.show(model.file_list, config, key="files")
    if len(model.file_list) == quality.MOST_FILES:
        st.caption(f"The first {quality.MOST_FILES} are shown, troubled ones first.")


page()
