"""The leakage overview as data: figures, bridge, heat map and the greatest findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboards.data import Reader, Row
from dashboards.parts.bridge import Waterfall, waterfall

TOP = 10
_SCOPE = """
($month::date is null or billing_month = $month::date)
and ($stream::varchar is null or revenue_stream = $stream)
and currency_code = $currency
"""
_STEPS = f"""
select
    step_no, step_code, sum(step_amount) as step_amount, sum(under_amount) as under_amount,
    sum(over_amount) as over_amount, sum(listed_amount) as listed_amount,
    sum(unexplained_amount) as unexplained_amount, count(distinct account_id) as account_count
from fct_bridge where {_SCOPE}
group by step_no, step_code order by step_no
"""  # noqa: S608
# Of each account and month, so that two differences cannot hide each other.
_UNEXPLAINED = f"""
select coalesce(sum(abs(unexplained_amount)), 0) as amount,
    count(*) filter (unexplained_amount <> 0) as row_count
from fct_bridge where {_SCOPE}
"""  # noqa: S608
_FOUND = f"""
select
    count(distinct finding_id) filter (under_amount > 0 and {{inside}}) as under_count,
    count(distinct finding_id) filter (over_amount > 0 and {{inside}}) as over_count,
    count(distinct finding_id) filter (not {{inside}}) as outside_count,
    coalesce(sum(under_amount) filter (not {{inside}}), 0) as outside_under_amount,
    coalesce(sum(over_amount) filter (not {{inside}}), 0) as outside_over_amount
from fct_finding_allocations where {_SCOPE}
""".replace("{inside}", "revenue_stream in (select distinct revenue_stream from fct_bridge)")  # noqa: S608
_ITEMS = f"select count(*) as row_count from fct_bridge_items where {_SCOPE}"  # noqa: S608
_RUNS = """
select r.control_id, c.title, r.billing_month, r.status, r.reason, r.left_count, r.finding_count
from fct_control_runs as r left join dim_controls as c using (control_id)
where ($month::date is null or r.billing_month = $month::date)
order by r.control_id, r.billing_month
"""
_DAYS = """
select control_id, event_on, finding_count, under_amount, over_amount
from fct_control_days
where ($month::date is null or date_trunc('month', event_on) = $month::date)
    and currency_code = $currency
order by control_id, event_on
"""
_TOP = f"""
select f.finding_id, f.control_id, f.category, f.period, f.account_id, f.partner_id,
    f.under_amount, f.over_amount, f.cost_amount, f.currency_code, f.severity
from fct_findings as f
where ($month::date is null or f.period = $month::date)
    and ($stream::varchar is null or f.finding_id in (
        select finding_id from fct_finding_allocations where revenue_stream = $stream
    ))
    and f.currency_code = $currency and f.under_amount + f.over_amount + f.cost_amount > 0
order by f.under_amount + f.over_amount + f.cost_amount desc, f.finding_id
limit {TOP}
"""  # noqa: S608


@dataclass(frozen=True)
class Scope:
    """What the reader chose; None is all."""

    month: date | None
    stream: str | None
    currency: str

    def to_params(self) -> dict[str, Any]:
        """As the queries take them."""
        return {"month": self.month, "stream": self.stream, "currency": self.currency}

    def only(self, *names: str) -> dict[str, Any]:
        """Those that a query knows."""
        return {name: value for name, value in self.to_params().items() if name in names}


@dataclass(frozen=True)
class Cell:
    """One control on one day: found, clean, or not run."""

    control: str
    event_on: date
    state: str
    finding_count: int = 0
    amount: Decimal = Decimal(0)
    reason: str = ""

    @property
    def control_id(self) -> str:
        """The control without its title."""
        return self.control.split(" ", 1)[0]

    def leads_to(self, control_id: str, day: str) -> bool:
        """Whether this is that cell, and there are findings in it."""
        there = (self.control_id, self.event_on.isoformat()) == (control_id, day)
        return there and self.state == "found"


@dataclass(frozen=True)
class Overview:
    """The page."""

    bridge: Waterfall
    prior: Waterfall | None
    account_count: int
    found: Row
    item_count: int
    unexplained: Row
    runs: list[Row]
    cells: list[Cell]
    top: list[Row]

    @property
    def checked(self) -> tuple[int, int]:
        """Controls that ran in every month shown, and all controls."""
        idle = {row["control_id"] for row in self.runs if row["status"] == "not_run"}
        known = {row["control_id"] for row in self.runs}
        return len(known - idle), len(known)


def build(reader: Reader, scope: Scope) -> Overview:
    """Everything on the page for one month (or all), stream (or all) and currency."""
    steps = reader.rows(_STEPS, scope.to_params())
    runs = reader.rows(_RUNS, scope.only("month"))
    days = reader.rows(_DAYS, scope.only("month", "currency"))
    return Overview(
        bridge=waterfall(steps),
        prior=_prior(reader, scope),
        account_count=max((row["account_count"] for row in steps), default=0),
        found=reader.one(_FOUND, scope.to_params()),
        item_count=reader.one(_ITEMS, scope.to_params())["row_count"],
        unexplained=reader.one(_UNEXPLAINED, scope.to_params()),
        runs=runs,
        cells=heat_map(runs, days),
        top=reader.rows(_TOP, scope.to_params()),
    )


def heat_map(runs: Sequence[Row], days: Sequence[Row]) -> list[Cell]:
    """Every control on every day of the months it was due in."""
    found = {(row["control_id"], row["event_on"]): row for row in days}
    cells = []
    for run in runs:
        name = f"{run['control_id']}  {run['title'] or ''}".strip()
        idle = run["status"] == "not_run"
        for day in days_of(run["billing_month"]):
            row = found.get((run["control_id"], day))
            if row:
                amount = row["under_amount"] + row["over_amount"]
                cells.append(Cell(name, day, "found", row["finding_count"], amount))
            else:
                state, reason = ("not run", run["reason"] or "") if idle else ("clean", "")
                cells.append(Cell(name, day, state, reason=reason))
    return cells


def days_of(month: date) -> list[date]:
    """Every day of a month."""
    days = (month + timedelta(days=offset) for offset in range(31))
    return [day for day in days if day.month == month.month]


def _prior(reader: Reader, scope: Scope) -> Waterfall | None:
    """The bridge of the month before, where the snapshot holds one."""
    if scope.month is None:
        return None
    before = (scope.month - timedelta(days=1)).replace(day=1)
    steps = reader.rows(_STEPS, {**scope.to_params(), "month": before})
    return waterfall(steps) if steps else None
