"""All findings: filter, count, open one, take them along."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.data import Reader
from dashboards.parts import filters, frame, listing, tables
from dashboards.parts.listing import Chosen

CHOICES = ("period", "control", "category", "severity")
TEXTS = ("account", "day")


def page() -> None:
    """Findings."""
    reader = frame.reader_or_stop()
    st.title("Findings", anchor=False)
    frame.show_switch(reader)
    chosen = choose(reader)
    frame.show_strip(reader, chosen.month)
    model = listing.build(reader, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(listing.sentence(model), width="stretch")
        show_exports(reader, chosen)
    if not model.in_all:
        st.info("This snapshot has no findings: every control that ran passed.")
    elif not model.rows:
        st.info(f"0 of {model.in_all} findings fit these filters.", icon=":material/filter_alt:")
        st.button("Clear the filters", on_click=clear)
    else:
        tables.finding_table(reader, model.rows, key="findings")
        if model.finding_count > len(model.rows):
            st.caption(f"The {len(model.rows)} greatest are shown; an export holds all of them.")


def choose(reader: Reader) -> Chosen:
    """The filters, all of them in the address."""
    known = listing.choices(reader)
    columns = st.columns([2, 2, 3, 2, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        month = filters.month(reader, newest=False)
    with columns[1]:
        control = filters.choose("Control", "control", [filters.ALL, *known.controls], "All")
    with columns[2]:
        category = filters.choose("Category", "category", [filters.ALL, *known.categories], "All")
    with columns[3]:
        severity = filters.choose("Severity", "severity", [filters.ALL, *known.severities], "All")
    with columns[4]:
        account = st.text_input(
            "Account or partner starts with", key="account", bind="query-params"
        )
    with columns[5]:
        day = st.text_input("Day", key="day", bind="query-params", placeholder="YYYY-MM-DD")
    return Chosen(month, control, category, severity, (account or "").strip() or None, _day(day))


def _day(text: str | None) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        st.warning(f"'{text}' is not a day: write it as 2026-07-31.", icon=":material/event:")
        return None


def clear() -> None:
    """Back to all findings."""
    st.session_state.update(dict.fromkeys(CHOICES, filters.ALL) | dict.fromkeys(TEXTS, ""))


def show_exports(reader: Reader, chosen: Chosen) -> None:
    """CSV and Parquet, made when they are asked for."""
    name = f"findings_{reader.snapshot_id}"
    st.download_button(
        "CSV",
        lambda: listing.to_csv(*listing.export(reader, chosen)),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    st.download_button(
        "Parquet",
        lambda: listing.to_parquet(*listing.export(reader, chosen)),
        f"{name}.parquet",
        "application/vnd.apache.parquet",
        icon=":material/download:",
        on_click="ignore",
    )


page()
