"""What a snapshot says in one page: each control's outcome, totals, what stays unexplained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dagster_project.commands.talk import print_lines, print_table
from dagster_project.lib.money import cents, show

_CONTROLS = """
select
    r.control_id, c.title, coalesce(r.currency_code, '') as currency_code,
    string_agg(distinct r.status, ',' order by r.status) as status,
    string_agg(distinct r.reason, '; ' order by r.reason) filter (r.reason <> '') as reason,
    sum(r.finding_count)::bigint as finding_count,
    coalesce(sum(r.under_amount), 0) as under_amount,
    coalesce(sum(r.over_amount), 0) as over_amount
from fct_control_runs as r
left join dim_controls as c using (control_id)
where r.control_id like $control
group by 1, 2, 3
order by 1, 3
"""
_TOTALS = """
select
    coalesce(currency_code, '') as currency_code, count(*) as finding_count,
    coalesce(sum(under_amount), 0) as under_amount, coalesce(sum(over_amount), 0) as over_amount,
    coalesce(sum(cost_amount), 0) as cost_amount
from fct_findings
where control_id like $control
group by 1 order by 1
"""
# Of each account and month, so that two differences cannot hide each other.
_UNEXPLAINED = "select coalesce(sum(abs(unexplained_amount)), 0) as amount from fct_bridge"
GATES = ("not_run", "low_coverage")


def like_pattern(control: str) -> str:
    """`USG-*` as SQL's LIKE wants it; nothing is everything."""
    return control.upper().replace("*", "%") or "%"


def summarise(home: Path, snapshot_id: str, control: str = "") -> dict[str, Any]:
    """The page as data.

    Args: control: an id or a pattern (`USG-*`); all when empty. It limits what is shown and
        counted, not what is computed: controls share their models.
    """
    from dagster_project.lib.snapshot import open_snapshot

    snapshot = open_snapshot(home, snapshot_id)
    pattern = {"control": like_pattern(control)}
    provenance = snapshot.manifest.provenance
    controls = [_booked(row) for row in snapshot.rows(_CONTROLS, pattern)]
    return {
        "snapshot_id": snapshot_id,
        "run_id": provenance.run_id,
        "period_from": provenance.period_from,
        "period_through": provenance.period_through,
        "controls": controls,
        "totals": [_booked(row) for row in snapshot.rows(_TOTALS, pattern)],
        "gates": [row["control_id"] for row in controls if _has_gate(row["status"])],
        "unexplained_amount": unexplained(snapshot),
    }


def unexplained(snapshot: Any) -> str:
    """The part of the bridge that no finding and no listed item explains, to the cent."""
    return str(cents(snapshot.rows(_UNEXPLAINED)[0]["amount"]))


def print_summary(summary: dict[str, Any]) -> None:
    """The page as text."""
    rows = [
        (
            one["control_id"],
            one["title"],
            one["status"].replace("_", " "),
            one["finding_count"],
            show(one["under_amount"]),
            show(one["over_amount"]),
            one["currency_code"],
        )
        for one in summary["controls"]
    ]
    print_table(("control", "title", "status", "findings", "under", "over", ""), rows)
    totals = [
        f"{one['finding_count']} findings: {show(one['under_amount'], one['currency_code'])} "
        f"under-billed, {show(one['over_amount'], one['currency_code'])} over-billed"
        + (
            f", {show(one['cost_amount'], one['currency_code'])} overpaid"
            if one["cost_amount"]
            else ""
        )
        for one in summary["totals"]
    ]
    lines = [f"{one['control_id']} NOT RUN: {one['reason']}" for one in summary["controls"]
             if one["reason"] and "not_run" in one["status"]]  # fmt: skip
    print_lines([*lines, *totals, f"unexplained: {summary['unexplained_amount']}"])
    print_lines([f"snapshot {summary['snapshot_id']} is published; look at it with `tieout ui`"])


def _has_gate(status: str) -> bool:
    return any(one in GATES for one in status.split(","))


def _booked(row: dict[str, Any]) -> dict[str, Any]:
    names = ("under_amount", "over_amount", "cost_amount")
    return {**row, **{name: cents(row[name]) for name in names if name in row}}
