"""Selectors that are part of the address: a link shows the same figures to whoever opens it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.data import Reader
from dashboards.parts import words

ALL = "all"
_MONTHS = "select distinct billing_month from fct_control_runs order by 1 desc"
_STREAMS = "select distinct revenue_stream from fct_bridge order by 1"
_CURRENCIES = """
select currency_code, sum(row_count) as row_count from (
    select currency_code, count(*) as row_count from fct_bridge group by 1
    union all
    select currency_code, count(*) from fct_findings group by 1
) where currency_code is not null
group by 1 order by row_count desc, 1
"""


def month(reader: Reader, *, newest: bool = True) -> date | None:
    """The period selector; None is all months."""
    months = [f"{row['billing_month']:%Y-%m}" for row in reader.rows(_MONTHS)]
    options = [*months, ALL] if newest else [ALL, *months]
    chosen = choose("Period", "period", options, "All months")
    return date.fromisoformat(f"{chosen}-01") if chosen else None


def stream(reader: Reader) -> str | None:
    """The revenue stream selector; None is all streams."""
    options = [ALL, *(row["revenue_stream"] for row in reader.rows(_STREAMS))]
    return choose("Revenue stream", "stream", options, "All streams", words.STREAMS)


def currencies(reader: Reader) -> list[str]:
    """The currencies of the snapshot, the commonest first; never none."""
    codes = [row["currency_code"] for row in reader.rows(_CURRENCIES)]
    return codes or [reader.snapshot.manifest.provenance.currency_code]


def currency(codes: list[str]) -> str:
    """The currency; a selector only where there are several, for they are never summed."""
    if len(codes) == 1:
        return codes[0]
    return str(st.selectbox("Currency", codes, key="currency", bind="query-params"))


def choose(
    label: str, key: str, options: list[str], all_label: str, names: dict[str, str] | None = None
) -> str | None:
    """One of several, bound to the address; None is all."""
    labels = {ALL: all_label, **(names or {})}
    chosen = st.selectbox(
        label,
        options,
        key=key,
        format_func=lambda option: labels.get(option, option),
        bind="query-params",
    )
    return None if chosen in (None, ALL) else str(chosen)
