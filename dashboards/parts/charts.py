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
_ARROWS = {"under": "▼ ", "over": "▲ ", "listed": "● ", "unexplained": "? ", "total": ""}


def bridge_chart(bars: Sequence[Bar], currency: str, palette: Palette) -> alt.LayerChart:
    """The waterfall, lying, so that the names of the steps can be read."""
    low, high = axis(bars)
    rows = [_bar_row(number, bar, pixels(low), currency) for number, bar in enumerate(bars)]
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y(
        "label:N",
        sort=None,
        title=None,
        axis=_names_axis(340, palette),
    )
    scale = alt.Scale(domain=[pixels(low), pixels(high)], nice=False, zero=False)
    ruler = alt.Axis(
        format=",.2f",
        tickCount=6,
        labelFlush=False,
        labelColor=palette.text,
        titleColor=palette.text,
    )
    x = alt.X("from:Q", scale=scale, title=f"Revenue in {currency}, before tax", axis=ruler)
    colours = {"total": palette.blue, "under": palette.vermillion, "over": palette.orange,
               "listed": palette.grey, "unexplained": palette.purple}  # fmt: skip
    shown = [kind for kind in colours if any(bar.kind == kind for bar in bars)]
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(
            domain=[words.KINDS[kind] for kind in shown], range=[colours[kind] for kind in shown]
        ),
        legend=alt.Legend(
            orient="top", labelFontSize=13, labelColor=palette.text, symbolType="square"
        ),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Step"),
        alt.Tooltip("exact:N", title="Amount"),
        alt.Tooltip("level:N", title="Revenue after it"),
    ]
    drawn = base.mark_bar(height=16, cornerRadius=2).encode(
        y=y, x=x, x2="to:Q", color=colour, tooltip=tooltip
    )
    links = (
        base.transform_filter("datum.next != null")
        .mark_rule(strokeDash=[2, 3], color=palette.grey)
        .encode(y=alt.Y("label:N", sort=None), y2="next:N", x=alt.X("level_at:Q", scale=scale))
    )
    texts = base.mark_text(align="left", dx=6, color=palette.text, fontSize=12.5).encode(
        y=alt.Y("label:N", sort=None), x=alt.X("right:Q", scale=scale), text="text:N"
    )
    height = BAR_HEIGHT * len(rows) + ROOM
    return alt.layer(links, drawn, texts).properties(height=height).configure_view(stroke=None)


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


def _bar_row(number: int, bar: Bar, low: float, currency: str) -> dict[str, Any]:
    start = low if bar.kind == "total" else pixels(bar.start)
    end = pixels(bar.end)
    unit = f" {currency}" if bar.kind == "total" else ""
    return {
        "number": number,
        "label": bar.label,
        "what": words.KINDS[bar.kind],
        "from": start,
        "to": end,
        "right": max(start, end),
        "level_at": end,
        "next": None,
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
    days = {cell.event_on for cell in cells}
    is_month = len(days) <= 31  # noqa: PLR2004
    controls = sorted({cell.control for cell in cells})
    picked = alt.selection_point(name=CELL, fields=["control_id", "event_on"], on="click")
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
        sort=controls,
        axis=_names_axis(330, palette),
    )
    tooltip = [
        alt.Tooltip("control:N", title="Control"),
        alt.Tooltip("event_on:N", title="Day"),
        alt.Tooltip("told:N", title="Findings"),
        alt.Tooltip("amount:N", title="Under + over"),
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y, tooltip=tooltip)
    plain = base.transform_filter("datum.state != 'found'").mark_rect(
        stroke=palette.background, strokeWidth=2, color=palette.faint, cornerRadius=2
    )
    scale = alt.Scale(type="sqrt", domain=[0, most], range=list(palette.sequential))
    found = (
        base.transform_filter("datum.state == 'found'")
        .mark_rect(stroke=palette.background, strokeWidth=2, cornerRadius=2, cursor="pointer")
        .encode(
            color=alt.Color("value:Q", scale=scale, legend=None),
            opacity=alt.condition(picked, alt.value(1), alt.value(0.45)),
        )
        .add_params(picked)
    )
    much = alt.datum.value > most * 0.3  # noqa: PLR2004
    texts = base.mark_text(fontSize=11.5).encode(
        text="text:N",
        color=alt.when(much).then(alt.value(palette.on_much)).otherwise(alt.value(palette.text)),
    )
    height = CELL_HEIGHT * len(controls) + 30
    return alt.layer(plain, found, texts).properties(height=height).configure_view(stroke=None)


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
        "control_id": cell.control.split(" ", 1)[0],
        "event_on": cell.event_on.isoformat(),
        "day": f"{cell.event_on:%d}",
        "state": cell.state,
        "value": value,
        "text": {"found": str(cell.finding_count), "clean": "", "not run": "×"}[cell.state],
        "told": told[cell.state],
        "amount": precise(cell.amount, currency) if is_found else "",
    }
