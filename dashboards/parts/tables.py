"""Tables of findings and of the bridge. Amounts stay decimals; the grid only writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboards import data
from dashboards.data import Reader, Row
from dashboards.parts import formats, words
from dashboards.parts.bridge import Bar

FINDING_PAGE = "views/finding.py"
ROW_HEIGHT = 33
MOST_ROWS = 16
AMOUNT = "%,.2f"


def finding_table(reader: Reader, rows: Sequence[Row], key: str) -> None:
    """Findings; a click on any cell opens the finding."""
    shown = [
        {
            "finding": row["finding_id"][:12],
            "control": row["control_id"],
            "what": words.category(row["category"]),
            "month": formats.month(row["period"]),
            "whose": row["account_id"] or row["partner_id"] or "",
            "under": row["under_amount"],
            "over": row["over_amount"],
            "cost": row["cost_amount"],
            "currency": row["currency_code"],
            "severity": words.severity(row["severity"]),
        }
        for row in rows
    ]
    config = {
        "finding": st.column_config.TextColumn("Finding", width=105, help="Click to open"),
        "control": st.column_config.TextColumn("Control", width=68),
        "what": st.column_config.TextColumn("What", width=215),
        "month": st.column_config.TextColumn("Month", width=75),
        "whose": st.column_config.TextColumn("Account, partner", width=105),
        "under": amount_column("Under-billed"),
        "over": amount_column("Over-billed"),
        "cost": amount_column("Overpaid"),
        "currency": st.column_config.TextColumn("Currency", width=68),
        "severity": st.column_config.TextColumn("Severity", width=85),
    }
    picked = show(shown, config, key=fresh_key(key), is_open=True)
    cells = picked["selection"]["cells"] if picked else []
    if cells:
        forget(key)
        chosen = rows[cells[0][0]]["finding_id"]
        st.switch_page(FINDING_PAGE, query_params=data.link(reader, id=chosen))


def bridge_table(bars: Sequence[Bar], currency: str) -> None:
    """The twin of the waterfall: what it adds, and where that leads."""
    shown = [
        {
            "step": words.step(bar.step_code),
            "kind": words.KINDS[bar.kind] if bar.kind != "total" else "",
            "amount": formats.precise(bar.amount),
            "level": formats.precise(bar.end),
        }
        for bar in bars
    ]
    config = {
        "step": st.column_config.TextColumn("Step", width=220),
        "kind": st.column_config.TextColumn("Part", width=220),
        "amount": st.column_config.TextColumn(f"Amount in {currency}", alignment="right"),
        "level": st.column_config.TextColumn(f"Revenue after it in {currency}", alignment="right"),
    }
    show(shown, config, key="bridge_rows")


def fresh_key(name: str) -> str:
    """The key of a widget that opens another page, new after each time it did.

    The browser keeps a selection: with the old key, coming back would open the page again.
    """
    return f"{name}_{st.session_state.get(_uses(name), 0)}"


def forget(name: str) -> None:
    """Drop the selection of such a widget."""
    st.session_state[_uses(name)] = st.session_state.get(_uses(name), 0) + 1


def _uses(name: str) -> str:
    return f"{name} used"


def amount_column(label: str) -> Any:
    """A column of money, two decimals, to the right."""
    return st.column_config.NumberColumn(label, format=AMOUNT, alignment="right", width=92)


def show(rows: Sequence[Row], config: dict[str, Any], *, key: str, is_open: bool = False) -> Any:
    """A grid as high as its rows, to a limit."""
    height = ROW_HEIGHT * (min(len(rows), MOST_ROWS) + 1) + 3
    return st.dataframe(
        pa.Table.from_pylist(list(rows)),
        key=key,
        hide_index=True,
        column_config=config,
        height=height,
        row_height=ROW_HEIGHT,
        on_select="rerun" if is_open else "ignore",
        selection_mode="single-cell" if is_open else "multi-row",
        placeholder="",
    )
