"""`tieout settle`: what partners owe and are owed, and why their figures differ from ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dagster_project.commands.context import open_current
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.errors import DataError
from dagster_project.lib.money import show_exact
from dagster_project.lib.periods import parse_month
from dagster_project.lib.snapshot import Snapshot

Row = dict[str, Any]
Scope = tuple[str, str, str]
PARTS = ("volume", "price", "mix", "timing", "fx", "rounding", "tax")
_WHERE = """
where statement_month = $month and ($partner = '' or partner_id = $partner)
    and ($direction = '' or direction_code = $direction)
"""
_OVERVIEW = f"""
with
ours as (
    select partner_id, direction_code, settlement_currency_code as currency_code,
        sum(settlement_amount) as our_amount, sum(tax_amount) as our_tax_amount
    from fct_settlement_lines {_WHERE} and settlement_amount is not null group by all
),
theirs as (
    select partner_id, direction_code, currency_code, sum(declared_amount) as declared_amount,
        sum(difference_amount) as difference_amount, sum(open_amount) as open_amount,
        sum(disputed_amount) as disputed_amount
    from fct_statement_differences {_WHERE} group by all
),
unsettled as (
    select partner_id, direction_code, currency_code, sum(estimated_amount) as unsettled_amount,
        sum(event_count) as unsettled_count
    from fct_unsettled_items {_WHERE} group by all
)
select partner_id, direction_code, currency_code, our_amount, our_tax_amount, declared_amount,
    difference_amount, open_amount, disputed_amount, unsettled_amount, unsettled_count
from ours full join theirs using (partner_id, direction_code, currency_code)
full join unsettled using (partner_id, direction_code, currency_code)
order by partner_id, direction_code, currency_code
"""  # noqa: S608
_LEVELS = {
    "total": (),
    "service": ("line_type", "service_code"),
    "band": ("line_type", "service_code", "band_code", "price_amount", "unit_quantity"),
    "day": ("line_type", "service_code", "band_code", "price_amount", "unit_quantity", "event_on"),
}
_PARTNERS = " union all ".join(
    f"select partner_id, statement_month from {table}"  # noqa: S608
    for table in ("fct_settlement_lines", "fct_statement_differences", "fct_unsettled_items")
)
_UNSETTLED = f"select * from fct_unsettled_items {_WHERE} order by reason_code, first_on"  # noqa: S608
_DIFFERENCES = f"""
select * from fct_statement_differences {_WHERE}
order by partner_id, direction_code, service_code, band_code
"""  # noqa: S608
_MATCHES = f"""
select * from fct_statement_matches {_WHERE} and level_code = $level
order by direction_code, service_code, band_code, event_on, hour_no
"""  # noqa: S608


def overview(options: Options, partner: str, period: str, *, as_json: bool) -> int:
    """Print a line for each partner, direction and currency of a month, and what is not settled."""
    snapshot, params = _scope(options, (partner, period, ""))
    rows = snapshot.rows(_OVERVIEW, params)
    unsettled = snapshot.rows(_UNSETTLED, params)
    if as_json:
        about = {"snapshot_id": snapshot.snapshot_id, "statement_month": params["month"]}
        print_json({**about, "partners": rows, "unsettled": unsettled})
        return 0
    names = ("our", "declared", "difference", "open", "disputed", "unsettled")
    table = [
        [row["partner_id"] or "(no route)", row["direction_code"]]
        + [_money(row, f"{name}_amount") for name in names]
        + [row["currency_code"]]
        for row in rows
    ]
    print_table(["partner", "direction", *names, ""], table)
    print_lines(
        f"not settled: {row['partner_id'] or '(no route)'}: {row['reason']}" for row in unsettled
    )
    return 0


def statement(options: Options, scope: Scope, level: str, *, as_json: bool) -> int:
    """Print our own statement of a partner's month at a level."""
    snapshot, params = _scope(options, scope)
    keys = ("agreement_id", "version_no", "direction_code", *_LEVELS[level])
    columns = ", ".join(keys)
    rows = snapshot.rows(
        f"select {columns}, sum(event_count) as event_count, sum(quantity) as quantity, "  # noqa: S608
        "sum(rated_quantity) as rated_quantity, sum(line_amount) as line_amount, currency_code, "
        "sum(settlement_amount) as settlement_amount, sum(tax_amount) as tax_amount, "
        f"settlement_currency_code from fct_settlement_lines {_WHERE} "
        f"group by {columns}, currency_code, settlement_currency_code order by all",
        params,
    )
    if as_json:
        return _document(snapshot, params, {"lines": rows})
    headings = [*keys, "events", "measured", "rated", "amount", "tax", ""]
    table = [
        [*(row[key] for key in keys), row["event_count"], row["quantity"], row["rated_quantity"]]
        + [_money(row, "line_amount"), _money(row, "tax_amount"), row["currency_code"]]
        for row in rows
    ]
    print_table(headings, table)
    return 0


def match(options: Options, scope: Scope, level: str, *, as_json: bool) -> int:
    """Print declared against measured of a partner's month: parts, or both sides at a level."""
    snapshot, params = _scope(options, scope)
    if level == "parts":
        rows = snapshot.rows(_DIFFERENCES, params)
    else:
        rows = snapshot.rows(_MATCHES, {**params, "level": level})
    if as_json:
        return _document(snapshot, params, {"level": level, "rows": rows})
    if not rows:
        print_lines([f"{scope[0]} declares nothing at that level in {params['month']:%Y-%m}"])
    elif level == "parts":
        _print_parts(rows)
    else:
        _print_sides(rows)
    return 0


def _print_parts(rows: Sequence[Row]) -> None:
    names = ("declared", "measured", "difference", *PARTS, "open", "disputed")
    keys = ("direction_code", "service_code", "band_code")
    table = [
        [*(row[key] for key in keys), *(_money(row, f"{name}_amount") for name in names)]
        + [row["currency_code"]]
        for row in rows
    ]
    print_table([*keys, *names, ""], table)
    hours = sorted({(row["direction_code"], row["shift_hours"]) for row in rows} - {("", 0)})
    print_lines(
        f"{direction}: the partner's clock is {shift:+d} h from ours"
        for direction, shift in hours
        if shift
    )


def _print_sides(rows: Sequence[Row]) -> None:
    keys = ("direction_code", "service_code", "band_code", "event_on", "hour_no")
    sides = ("declared_quantity", "measured_quantity")
    table = [
        [*(row[key] for key in keys), *(row[side] for side in sides)]
        + [_money(row, "declared_amount"), _money(row, "measured_amount")]
        + [row["currency_code"], row["match_type"]]
        for row in rows
    ]
    print_table([*keys, *sides, "declared", "measured", "", "result"], table)


def _scope(options: Options, scope: Scope) -> tuple[Snapshot, Row]:
    """The current snapshot, and the parameters of its queries.

    Raises: DataError when the snapshot knows nothing of the partner.
    """
    partner, period, direction = scope
    snapshot = open_current(options)
    month = parse_month(period) if period else _last_month(snapshot)
    params: Row = {"month": month, "partner": partner, "direction": direction}
    known = f"select 1 as one from ({_PARTNERS}) where partner_id = $partner limit 1"  # noqa: S608
    if partner and not snapshot.rows(known, {"partner": partner}):
        raise DataError(
            "TIE-3090",
            f"there is no partner {partner}",
            where=f"snapshot {snapshot.snapshot_id}",
            effect="nothing to settle",
            fix="`tieout settle` lists all partners with traffic or statements; add a new one to "
            "the feeds partners, partner_agreements and partner_rates, then `tieout run`",
        )
    return snapshot, params


def _last_month(snapshot: Snapshot) -> date:
    (row,) = snapshot.rows(f"select max(statement_month) as month from ({_PARTNERS})")  # noqa: S608
    if row["month"] is None:
        raise DataError(
            "TIE-3091",
            "nothing was exchanged with partners",
            where=f"snapshot {snapshot.snapshot_id}",
            effect="nothing to settle",
            fix="map interconnect_usage, partners, partner_agreements and partner_rates in "
            "tieout.toml, then `tieout run`",
        )
    month: date = row["month"]
    return month


def _document(snapshot: Snapshot, params: Row, content: Row) -> int:
    about = {"snapshot_id": snapshot.snapshot_id, "partner_id": params["partner"]}
    print_json({**about, "statement_month": params["month"], **content})
    return 0


def _money(row: Row, name: str) -> str:
    return "" if row[name] is None else show_exact(row[name])
