"""What stands around every page: the states without figures, the head, and the status strip."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dagster_project.lib.errors import TieoutError
from dashboards import data
from dashboards.data import Reader, Row
from dashboards.parts import formats, quality

QUALITY_PAGE = "views/data_quality.py"


def reader_or_stop() -> Reader:
    """The snapshot of this rerun; without one the page says what to do and ends."""
    found = data.resolve()
    if isinstance(found, TieoutError):
        _show_error(found)
        st.stop()
    return found


def _show_error(error: TieoutError) -> None:
    """What happened, where, and what to do; never a stack of calls."""
    st.title("Nothing to show yet" if error.code == "TIE-3012" else "This cannot be shown")
    st.error(f"**{error.what[:1].upper()}{error.what[1:]}.**", icon=":material/error:")
    st.markdown(f"Where: `{error.where}`  \nTo do: {error.fix}")
    if error.code == "TIE-3012":
        st.markdown("A simulated operator with planted leaks takes about a minute:")
        st.code("tieout demo", language="bash")
        st.markdown("Your own data, from your project folder:")
        st.code("tieout run --period 2026-07", language="bash")
    elif st.query_params.get(data.PINNED) or st.session_state.get(data.PINNED):
        st.button("Switch to the current snapshot", on_click=data.pin, args=(None,), type="primary")
    st.caption(f"Error {error.code}")


def show_switch(reader: Reader) -> None:
    """A newer snapshot is offered; the figures do not change by themselves."""
    current = data.newer(reader)
    if not current:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/update: These figures are of snapshot `{reader.snapshot_id}`; "
            f"the current one is `{current}`."
        )
        st.button("Switch", on_click=data.pin, args=(current,), type="primary", key="switch")


def show_strip(reader: Reader, month: date | None, currency: str | None = None) -> quality.State:
    """Which snapshot, how far its data goes, whether it can be trusted."""
    state = quality.state_of(reader, month)
    about = reader.snapshot.manifest.provenance
    through = f"{about.period_from[:7]} to {about.period_through[:7]}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _show_snapshot(reader)
        st.badge(f"{through}, {about.time_zone}", icon=":material/event:", color="gray")
        if currency:
            st.badge(currency, icon=":material/payments:", color="gray", help="Currency shown")
        _show_quality(state)
        _show_runs("NOT RUN", state.not_run, ":material/block:")
        _show_runs("low coverage", state.low_coverage, ":material/warning:")
        st.page_link(QUALITY_PAGE, label="Data quality", icon=":material/fact_check:")
    return state


def _show_snapshot(reader: Reader) -> None:
    """The id, what it was made from, and a way to put it into the address."""
    about, tables = reader.snapshot.manifest.provenance, reader.snapshot.manifest.tables
    with st.popover(f"Snapshot {reader.snapshot_id}", icon=":material/database:"):
        parts = sum(len(hashes) for hashes in about.inputs.values())
        st.markdown(
            f"Run `{about.run_id}`, code `{about.code_revision}`  \n"
            f"{formats.counted(len(tables), 'table')} from "
            f"{formats.counted(parts, 'landed file')}"
        )
        st.button(
            "Put it into the address",
            icon=":material/link:",
            on_click=data.pin,
            args=(reader.snapshot_id,),
            help="The link then shows these figures to whoever opens it, even after a newer run",
        )


def _show_quality(state: quality.State) -> None:
    held = f"{formats.count(state.success_count)} of {formats.counted(state.check_count, 'check')}"
    told = [f"{held} passed"]
    if state.refused_count:
        told.append(f"{formats.counted(state.refused_count, 'file')} refused")
    if state.quarantined_count:
        told.append(f"{formats.counted(state.quarantined_count, 'row')} quarantined")
    if state.is_sound:
        st.badge(
            f"{held} passed", icon=":material/check_circle:", color="green", help=", ".join(told)
        )
    else:
        st.badge(", ".join(told), icon=":material/warning:", color="orange")


def _show_runs(label: str, runs: list[Row], icon: str) -> None:
    if not runs:
        return
    controls = sorted({row["control_id"] for row in runs})
    told = formats.counted(len(runs), "control and month", "controls and months")
    with st.popover(f"{len(controls)} {label}", icon=icon):
        st.caption(f"{told} {label}")
        for row in runs:
            reason = row["reason"] or "a feed that it stands on is incomplete"
            st.markdown(f"**{row['control_id']}** {formats.month(row['billing_month'])}: {reason}")
