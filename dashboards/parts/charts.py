"""The pictures. They get models of exact amounts and turn them into pixels; they compute none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from dashboards.parts import words
from dashboards.parts.bridge import Bar, axis
from dashboards.parts.formats import counted, money, pixels, precise
from dashboards.parts.overview import Cell
from dashboards.parts.theme import Palette

BAR_HEIGHT = 26
CELL_HEIGHT = 25
ROOM = 75
CELL = "cell"
DAYS_OF_MONTH = 31
# from this part of the greatest value on, a cell is so dark that its text turns
MUCH = 0.3
_ARROWS = {"under": "▼ ", "over": "▲ ", "listed": "● ", "unexplained": "? ", "total": ""}


def bridge_chart(bars: Sequence[Bar], currency: str, palette: Palette) -> alt.LayerChart:
    """The waterfall, lying, so that the names of the steps can be read."""
    low, high = axis(bars)
    rows = [_bar_row(bar, pixels(low), currency) for bar in bars]
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y("label:N", sort=None, title=None, axis=_names_axis(340, palette))
    scale = alt.Scale(domain=[pixels(low), pixels(high)], nice=False, zero=False)
    ruler = alt.Axis(
        format=",.2f",
        tickCount=6,
        labelFlush=False,
        labelColor=palette.text,
        titleColor=palette.text,
    )
    x = alt.X("from:Q", scale=scale, title=f"Revenue in {currency}, before tax", axis=ruler)
    tooltip = [
        alt.Tooltip("label:N", title="Step"),
        alt.Tooltip("exact:N", title="Amount"),
        alt.Tooltip("level:N", title="Revenue after it"),
    ]
    drawn = base.mark_bar(height=16, cornerRadius=2).encode(
        y=y, x=x, x2="to:Q", color=_kind_colours(bars, palette), tooltip=tooltip
    )
    texts = base.mark_text(align="left", dx=6, color=palette.text, fontSize=12.5).encode(
        y=y, x=alt.X("right:Q", scale=scale), text="text:N"
    )
    height = BAR_HEIGHT * len(rows) + ROOM
    return alt.layer(drawn, texts).properties(height=height).configure_view(stroke=None)


def _kind_colours(bars: Sequence[Bar], palette: Palette) -> alt.Color:
    """A colour for each kind of bar that is there; the arrows in the texts say the same."""
    colours = {
        "total": palette.blue,
        "under": palette.vermillion,
        "over": palette.orange,
        "listed": palette.grey,
        "unexplained": palette.purple,
    }
    shown = [kind for kind in colours if any(bar.kind == kind for bar in bars)]
    return alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(
            domain=[words.KINDS[kind] for kind in shown], range=[colours[kind] for kind in shown]
        ),
        legend=alt.Legend(
            orient="top",
            labelFontSize=13,
            labelColor=palette.text,
            labelLimit=300,
            symbolType="square",
        ),
    )


def _names_axis(limit: int, palette: Palette) -> alt.Axis:
    """The axis of names: readable, each beside its own row."""
    return alt.Axis(
        labelLimit=limit,
        labelFontSize=13,
        labelColor=palette.text,
        labelFlush=False,
        ticks=False,
        domain=False,
    )


def _bar_row(bar: Bar, low: float, currency: str) -> dict[str, Any]:
    start = low if bar.kind == "total" else pixels(bar.start)
    end = pixels(bar.end)
    unit = f" {currency}" if bar.kind == "total" else ""
    return {
        "label": bar.label,
        "what": words.KINDS[bar.kind],
        "from": start,
        "to": end,
        "right": max(start, end),
        "text": f"{_ARROWS[bar.kind]}{money(abs(bar.amount))}{unit}",
        "exact": precise(bar.amount, currency),
        "level": precise(bar.end, currency),
    }


def heat_chart(
    cells: Sequence[Cell], currency: str, palette: Palette, *, by_amount: bool
) -> alt.LayerChart:
    """Controls down, days across; colour is the amount (or the count), the number the findings."""
    rows = [_cell_row(cell, currency, by_amount=by_amount) for cell in cells]
    most = max((row["value"] for row in rows), default=0) or 1
    picked = alt.selection_point(name=CELL, fields=["control_id", "event_on"], on="click")
    base = _cell_grid(cells, rows, palette)
    plain = base.transform_filter("datum.state != 'found'").mark_rect(
        stroke=palette.background, strokeWidth=2, color=palette.faint, cornerRadius=2
    )
    scale = alt.Scale(type="sqrt", domain=[0, most], range=list(palette.sequential))
    found = (
        base.transform_filter("datum.state == 'found'")
        .mark_rect(stroke=palette.background, strokeWidth=2, cornerRadius=2, cursor="pointer")
        .encode(color=alt.Color("value:Q", scale=scale, legend=None))
        .add_params(picked)
    )
    much = alt.datum.value > most * MUCH
    texts = base.mark_text(fontSize=11.5).encode(
        text="text:N",
        color=alt.when(much).then(alt.value(palette.on_much)).otherwise(alt.value(palette.text)),
    )
    height = CELL_HEIGHT * len({cell.control for cell in cells}) + 30
    return alt.layer(plain, found, texts).properties(height=height).configure_view(stroke=None)


def _cell_grid(
    cells: Sequence[Cell], rows: Sequence[dict[str, Any]], palette: Palette
) -> alt.Chart:
    """The axes and the words of the heat map."""
    is_month = len({cell.event_on for cell in cells}) <= DAYS_OF_MONTH
    x = alt.X(
        "day:N" if is_month else "event_on:O",
        title=None,
        axis=alt.Axis(
            orient="top",
            labelAngle=0,
            labelOverlap=True,
            labelColor=palette.text,
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y(
        "control:N",
        title=None,
        sort=sorted({cell.control for cell in cells}),
        axis=_names_axis(330, palette),
    )
    tooltip = [
        alt.Tooltip("control:N", title="Control"),
        alt.Tooltip("event_on:N", title="Day"),
        alt.Tooltip("told:N", title="Findings"),
        alt.Tooltip("amount:N", title="Under + over"),
    ]
    return alt.Chart(alt.Data(values=list(rows))).encode(x=x, y=y, tooltip=tooltip)


def _cell_row(cell: Cell, currency: str, *, by_amount: bool) -> dict[str, Any]:
    is_found = cell.state == "found"
    told = {
        "found": counted(cell.finding_count, "finding"),
        "clean": "checked, nothing found",
        "not run": f"NOT RUN: {cell.reason}",
    }
    value = (pixels(cell.amount) if by_amount else cell.finding_count) if is_found else 0
    return {
        "control": cell.control,
        "control_id": cell.control_id,
        "event_on": cell.event_on.isoformat(),
        "day": f"{cell.event_on:%d}",
        "state": cell.state,
        "value": value,
        "text": {"found": str(cell.finding_count), "clean": "", "not run": "×"}[cell.state],
        "told": told[cell.state],
        "amount": precise(cell.amount, currency) if is_found else "",
    }
