"""One finding, from its amount down to the line of the file it was delivered in: `?id=`."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboards import data
from dashboards.data import Reader
from dashboards.parts import evidence, explain, formats, frame, tables, words
from dashboards.parts.evidence import DIFFERS, ONLY_LEFT, ONLY_RIGHT, SAME
from dashboards.parts.explain import Explanation

FINDINGS_PAGE = "views/findings.py"
ZERO = Decimal(0)
MARKS = {
    SAME: ":material/check: same",
    DIFFERS: ":orange[:material/difference: **differs**]",
    ONLY_LEFT: ":gray[:material/arrow_left: only expected]",
    ONLY_RIGHT: ":gray[:material/arrow_right: only actual]",
}
SIDES = {"left": "Expected side", "right": "Actual side"}


def page() -> None:
    """Finding."""
    reader = frame.reader_or_stop()
    finding_id = st.query_params.get("id", "")
    model = explain.build(reader, finding_id)
    if model is None:
        show_missing(reader, finding_id)
        return
    found = model.finding
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words.category(found["category"]), anchor=False, width="stretch")
        st.page_link(
            FINDINGS_PAGE,
            label="All of this control",
            icon=":material/list:",
            query_params=data.link(reader, control=found["control_id"]),
        )
    show_head(model)
    frame.show_switch(reader)
    frame.show_strip(reader, found["period"], found["currency_code"])
    show_amounts(model)
    left, right = st.columns(2, gap="medium")
    with left:
        show_arithmetic(model)
    with right:
        show_price(model)
    show_records(model)
    show_shares(model)
    show_siblings(reader, model)
    show_again(model)


def show_missing(reader: Reader, finding_id: str) -> None:
    """No such finding in this snapshot."""
    st.title("Finding", anchor=False)
    frame.show_switch(reader)
    told = f"No single finding begins with `{finding_id}`" if finding_id else "No finding is chosen"
    st.info(f"{told} in snapshot `{reader.snapshot_id}`. Another snapshot may hold it.")
    st.page_link(FINDINGS_PAGE, label="Choose one", icon=":material/list:")


def show_head(model: Explanation) -> None:
    """Control, severity and what the finding is about."""
    found, control = model.finding, model.control
    severity = found["severity"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(f"{found['control_id']} {control.get('title', '')}", icon=":material/rule:")
        st.badge(found["category"], icon=":material/label:", color="gray", help="Category")
        st.badge(
            words.severity(severity),
            icon=words.SEVERITY_ICONS.get(severity or "", ":material/help:"),
            color="orange" if severity in ("S1", "S2") else "gray",
            help="Severity",
        )
        st.badge(formats.month(found["period"]), icon=":material/event:", color="gray")
        st.badge(f"Owner: {found['owner_stage'] or 'nobody'}", color="gray")
        st.badge(f"{found['confidence']}, by {found['match_level']}", color="gray")
    owner = [f"partner `{found['partner_id']}`" if found["partner_id"] else "",
             f"account `{found['account_id']}`" if found["account_id"] else "",
             f"subscription `{found['subscription_id']}`" if found["subscription_id"] else "",
             f"event at {found['event_at']} UTC" if found["event_at"] else "",
             f"about `{model.about}`"]  # fmt: skip
    st.markdown(f"**{model.rule}**  \n{', '.join(filter(None, owner))}")
    st.caption(f"Finding {found['finding_id']}")


def show_amounts(model: Explanation) -> None:
    """Expected, actual, and the difference on its own side."""
    found, code = model.finding, model.finding["currency_code"]
    cards = [("Expected", "expected_amount", ""), ("Actual", "actual_amount", ""),
             ("Under-billed", "under_amount", "▼ too little"),
             ("Over-billed", "over_amount", "▲ too much"),
             ("Overpaid", "cost_amount", "▲ to a partner"),
             ("Other month", "timing_amount", "right amount, later")]  # fmt: skip
    with st.container(horizontal=True):
        for label, column, note in cards:
            amount = found[column] or ZERO
            if column in ("cost_amount", "timing_amount") and not amount:
                continue
            st.metric(
                label,
                formats.precise(amount, code),
                note if amount and note else None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help="Before tax",
            )


def show_arithmetic(model: Explanation) -> None:
    """How the amounts come about, step by step."""
    st.subheader("Arithmetic", anchor=False)
    if not model.steps:
        st.caption("This finding has no arithmetic.")
    st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(model.steps, 1)))


def show_price(model: Explanation) -> None:
    """The approved price that was applied."""
    st.subheader("Price row", anchor=False)
    place = ("source_file", "source_row", "file_hash", "price_source")
    shown = {name: value for name, value in model.price.items() if name not in place}
    if not shown:
        st.caption("No price takes part in this finding.")
        return
    st.table({words.field(name): str(value) for name, value in shown.items()}, border="horizontal")
    file, row = model.price.get("source_file"), model.price.get("source_row")
    if file:
        st.markdown(f":material/description: `{file}`, line {row}")


def show_records(model: Explanation) -> None:
    """Both records, field by field, and where each was delivered."""
    st.subheader("Records", anchor=False)
    for side, name in SIDES.items():
        place = model.sources[side]
        told = f"{place.feed}: `{place.place}`" if place else "no record on this side"
        st.markdown(f":material/description: **{name}**: {told}")
    if not model.fields:
        return
    sides = [side for side in SIDES if any(getattr(field, side) for field in model.fields)]
    rows = [
        {
            "Field": words.field(field.name),
            **{SIDES[side]: _cell(getattr(field, side), field) for side in sides},
            **({"": MARKS[field.state]} if len(sides) == len(SIDES) else {}),
        }
        for field in model.fields
    ]
    st.table(rows, border="horizontal", hide_index=True)
    st.caption("Numbers of persons are masked: the last three digits are shown.")


def _cell(text: str, field: evidence.Field) -> str:
    escaped = text.replace("*", r"\*").replace("_", r"\_").replace("$", r"\$")
    return f":orange-background[**{escaped}**]" if field.state == DIFFERS and text else escaped


def show_shares(model: Explanation) -> None:
    """Whom the amount belongs to, where it is spread over several."""
    if len(model.shares) < 2:
        return
    st.subheader("Shared by account", anchor=False)
    rows = [
        {**row, "billing_month": formats.month(row["billing_month"]),
         "revenue_stream": words.stream(row["revenue_stream"])}
        for row in model.shares
    ]  # fmt: skip
    config = {
        "account_id": "Account",
        "revenue_stream": "Revenue stream",
        "billing_month": "Month",
        "under_amount": tables.amount_column("Under-billed"),
        "over_amount": tables.amount_column("Over-billed"),
        "currency_code": "Currency",
    }
    tables.show(rows, config, key="shares")


def show_siblings(reader: Reader, model: Explanation) -> None:
    """The same control and category elsewhere: probably the same cause."""
    st.subheader("Same control, same category", anchor=False)
    for row in model.family:
        under, over = (
            formats.money(row[f"{side}_amount"], row["currency_code"]) for side in ("under", "over")
        )
        told = formats.counted(row["finding_count"], "finding")
        owners = row["account_count"]
        spread = f", {formats.counted(owners, 'account')}" if owners else ""
        st.markdown(f"**{told}** with this one{spread}: {under} under, {over} over")
    if model.siblings:
        tables.finding_table(reader, model.siblings, key="siblings")


def show_again(model: Explanation) -> None:
    """How to see for yourself."""
    st.subheader("See for yourself", anchor=False)
    short = model.finding["finding_id"][:12]
    st.markdown("The whole statement from the frozen inputs up, and the same run again:")
    st.code(f"tieout explain {short} --sql\ntieout explain {short} --reperform", language="bash")
    with st.expander("SQL that returns the published row"):
        st.code(model.row_sql, language="sql")
    if model.control_sql:
        with st.expander(f"SQL of control {model.finding['control_id']} as it ran"):
            st.code(model.control_sql, language="sql")


page()
