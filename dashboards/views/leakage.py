"""How much is lost, where, and which findings matter most."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards import data
from dashboards.data import Reader
from dashboards.parts import charts, filters, formats, frame, overview, tables, theme, words
from dashboards.parts.bridge import Waterfall
from dashboards.parts.overview import Overview, Scope

FINDINGS_PAGE = "views/findings.py"
# six beside each other at 1440 pixels, four and two at 1024
CARD_WIDTH = 200


def page() -> None:
    """Leakage overview."""
    reader = frame.reader_or_stop()
    codes = filters.currencies(reader)
    widths = [5, 2, 3, 2] if len(codes) > 1 else [6, 2, 3]
    title, period, stream, *rest = st.columns(widths, vertical_alignment="bottom")
    title.title("Leakage overview", anchor=False)
    with period:
        month = filters.month(reader)
    with stream:
        revenue_stream = filters.stream(reader)
    with rest[0] if rest else stream:
        scope = Scope(month, revenue_stream, filters.currency(codes))
    frame.show_switch(reader)
    frame.show_strip(reader, month, scope.currency)
    model = overview.build(reader, scope)
    show_cards(model, scope.currency)
    show_bridge(model, scope)
    show_heat_map(reader, model, scope)
    show_top(reader, model, scope)


def show_cards(model: Overview, currency: str) -> None:
    """Six figures that add up: expected less under plus over less listed is billed."""
    bridge, found = model.bridge, model.found
    under, over, listed = (abs(bridge.total(kind)) for kind in ("under", "over", "listed"))
    listed = -bridge.total("listed")
    under_count = formats.counted(found["under_count"], "finding")
    over_count = formats.counted(found["over_count"], "finding")
    odd = model.unexplained["row_count"]
    cards = [
        ("Expected", bridge.expected, formats.counted(model.account_count, "account"), "total"),
        ("Billed", bridge.billed, _billed_note(bridge), "total"),
        ("Under-billed", under, _with_share(under_count, under, bridge.expected), "under"),
        ("Over-billed", over, _with_share(over_count, over, bridge.expected), "over"),
        ("Explained", listed, formats.counted(model.item_count, "listed item"), "listed"),
        ("Unexplained", model.unexplained["amount"],
         "ties to zero" if not odd else formats.counted(odd, "account"), "unexplained"),
    ]  # fmt: skip
    with st.container(horizontal=True):
        for label, amount, note, kind in cards:
            st.metric(
                label,
                formats.card(amount, currency),
                note,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                width=CARD_WIDTH,
                help=_card_help(amount, currency, model.prior, kind, label),
            )


def _billed_note(bridge: Waterfall) -> str:
    share = formats.share(bridge.billed, bridge.expected)
    return f"{share} of expected" if share else "nothing was expected"


def _with_share(count: str, part: Decimal, whole: Decimal) -> str:
    share = formats.share(part, whole)
    return f"{count} · {share}" if share else count


def _card_help(
    amount: Decimal, currency: str, prior: Waterfall | None, kind: str, label: str
) -> str:
    """The exact figure, and the change against the month before."""
    exact = formats.precise(amount, currency)
    if prior is None or kind == "unexplained":
        return exact
    known = {"Expected": prior.expected, "Billed": prior.billed}
    sign = -1 if kind == "listed" else 1
    before = known.get(label, sign * prior.total(kind) if sign < 0 else abs(prior.total(kind)))
    change = formats.precise(amount - before, currency)
    return f"{exact}  \nmonth before: {formats.precise(before, currency)} (change {change})"


def show_bridge(model: Overview, scope: Scope) -> None:
    """The waterfall, or the same as a table."""
    bars = model.bridge.bars
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("From expected to billed", anchor=False, width="stretch")
        as_table = st.toggle("As table", key="bridge_table", bind="query-params")
    if model.bridge.difference:
        told = formats.precise(model.bridge.difference, scope.currency)
        st.error(f"The steps do not tie: {told} are left over.", icon=":material/error:")
    if len(bars) == 2 and not model.bridge.expected and not model.bridge.billed:
        st.info("Nothing was expected and nothing was billed in this selection.")
        return
    if as_table:
        tables.bridge_table(bars, scope.currency)
    else:
        st.altair_chart(charts.bridge_chart(bars, scope.currency, theme.current()))
        st.caption(
            "▼ lowers and ▲ raises what is billed, ● is explained by listed items. "
            "The axis does not begin at zero where the steps would be too small to be seen; "
            "hover over a bar for the exact amounts."
        )
    _show_outside(model, scope)


def _show_outside(model: Overview, scope: Scope) -> None:
    found = model.found
    if found["outside_count"]:
        under, over = (
            formats.money(found[f"outside_{side}_amount"], scope.currency)
            for side in ("under", "over")
        )
        st.caption(
            f"Not part of the bridge: {formats.counted(found['outside_count'], 'finding')} on "
            "figures printed on invoices, whose lines are right, and on traffic settled with "
            f"partners ({under} too low, {over} too high)."
        )


def show_heat_map(reader: Reader, model: Overview, scope: Scope) -> None:
    """Controls by day; a click opens the findings of the cell."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Controls by day", anchor=False, width="stretch")
        measure = st.segmented_control(
            "Colour by",
            ["Amount", "Findings"],
            default="Amount",
            key="heat",
            bind="query-params",
            label_visibility="collapsed",
            required=True,
        )
    ran, known = model.checked
    if not any(cell.state == "found" for cell in model.cells):
        st.info(f"No findings: {ran} of {known} controls ran in full.", icon=":material/check:")
    if not model.cells:
        return
    chart = charts.heat_chart(
        model.cells, scope.currency, theme.current(), by_amount=measure == "Amount"
    )
    picked = st.altair_chart(chart, on_select="rerun", key=tables.fresh_key("heat_map"))
    st.caption(
        "Number: findings of the day; colour: the darker or brighter, the more. × NOT RUN, empty: "
        "checked and nothing found. All streams; findings on a whole month stand on its first "
        "day. Click a cell to open its findings."
    )
    _follow(picked, reader, model, scope)


def _follow(picked: Any, reader: Reader, model: Overview, scope: Scope) -> None:
    """Open the list for the cell that was clicked; one without findings leads nowhere."""
    cells = (picked.get("selection") or {}).get(charts.CELL) or [] if picked else []
    if cells:
        control, day = cells[0]["control_id"], cells[0]["event_on"]
        if any(c.leads_to(control, day) for c in model.cells):
            tables.forget("heat_map")
            st.switch_page(
                FINDINGS_PAGE,
                query_params=data.link(reader, control=control, day=day, **_period(scope)),
            )


def _period(scope: Scope) -> dict[str, str]:
    return {"period": formats.month(scope.month)} if scope.month else {}


def show_top(reader: Reader, model: Overview, scope: Scope) -> None:
    """The findings with the greatest amounts; a click opens one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Greatest findings", anchor=False, width="stretch")
        st.page_link(
            FINDINGS_PAGE,
            label="All findings",
            icon=":material/list:",
            query_params=data.link(reader, **_period(scope)),
        )
    if not model.top:
        stream = words.stream(scope.stream) if scope.stream else "any stream"
        st.info(f"No finding with an amount in {stream}.", icon=":material/check:")
        return
    tables.finding_table(reader, model.top, key="top")


page()
