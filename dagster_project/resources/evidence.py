"""What a dispute stands on, frozen when it is opened: both statements, the clause, sample records.

Numbers of customers are masked before they are kept. Amounts and quantities are text, so that they
stay exact, and the same evidence is the same text.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dagster_project.lib.snapshot import Snapshot
from ingestion.quarantine import mask

if TYPE_CHECKING:
    from dagster_project.resources.workspace import Workspace

Row = dict[str, Any]
SAMPLES = 20
_DIFFERENCES = """
select * from fct_statement_differences
where partner_id = $partner and direction_code = $direction and statement_month = $month
    and currency_code = $currency
order by service_code, band_code
"""
_OURS = """
select line_type, service_code, band_code, price_amount, unit_quantity, currency_code,
    sum(event_count) as event_count, sum(quantity) as quantity,
    sum(rated_quantity) as rated_quantity, sum(line_amount) as line_amount,
    sum(settlement_amount) as settlement_amount, sum(tax_amount) as tax_amount,
    settlement_currency_code
from fct_settlement_lines
where partner_id = $partner and direction_code = $direction and statement_month = $month
    and settlement_currency_code = $currency
group by all order by all
"""
_LEVELS = """
select level_code, service_code, band_code, event_on, declared_quantity, measured_quantity,
    declared_amount, measured_amount, match_type, currency_code
from fct_statement_matches
where partner_id = $partner and direction_code = $direction and statement_month = $month
    and currency_code = $currency and level_code <> 'hour'
order by list_position(['total', 'service', 'band', 'day'], level_code), service_code, band_code,
    event_on
"""
_TERMS = """
select * from dim_partner_agreements where agreement_id = $agreement and version_no = $version
"""
# a statement that names no band, or no service, is about all of them
_SAMPLES = """
with
picked as (
    select *, list_contains($days, cast(event_on as varchar)) as is_differing
    from int_settlement__routed_events
    where partner_id = $partner and direction_code = $direction
        and event_on >= $month and event_on < $month + interval 1 month
        and not is_test and not is_repeated
        and list_has_any(
            $cells, [concat(service_code, '|', band_code), concat(service_code, '|'), '|']
        )
    order by is_differing desc, quantity_milli desc, _source_file, _source_row
    limit $count
)
select r.interconnect_record_id, e.service_code, e.band_code, e.event_on, r.started_at, r.quantity,
    r.unit_code, r.trunk_group_id, r.calling_number, r.called_number, r.routing_number,
    e._source_file as source_file, e._source_row as source_row
from picked as e
inner join read_parquet($raw, hive_partitioning = true, union_by_name = true) as r
    on e._file_hash = r._file_hash and e._source_file = r._source_file
        and e._source_row = r._source_row
order by e.is_differing desc, e.quantity_milli desc, e._source_file, e._source_row
"""
_PERSONAL = ("calling_number", "called_number", "routing_number")


def freeze_evidence(workspace: Workspace, snapshot: Snapshot, statement: Row) -> Row:
    """The evidence of one statement, ready to be kept as JSON.

    Args: statement: partner_id, direction_code, statement_month, currency_code, agreement_id and
        version_no.
    """
    side = {
        "partner": statement["partner_id"],
        "direction": statement["direction_code"],
        "month": statement["statement_month"],
    }
    scope = {**side, "currency": statement["currency_code"]}
    found: Row = {
        "differences": snapshot.rows(_DIFFERENCES, scope),
        "ours": snapshot.rows(_OURS, scope),
        "levels": snapshot.rows(_LEVELS, scope),
    }
    clause = {"agreement": statement["agreement_id"], "version": statement["version_no"]}
    (found["terms"],) = snapshot.rows(_TERMS, clause)
    found["samples"] = _samples(workspace, side, found)
    found["operator_name"] = workspace.project.operator.name
    plain: Row = _plain(found)
    return plain


def _samples(workspace: Workspace, side: Row, found: Row) -> list[Row]:
    """The longest records of what is in dispute, first of the days on which the sides differ."""
    cells = {
        f"{row['service_code']}|{row['band_code']}"
        for row in found["differences"]
        if row["disputed_amount"]
    }
    days = {
        row["event_on"].isoformat()
        for row in found["levels"]
        if row["level_code"] == "day" and row["match_type"] != "MATCHED"
    }
    raw = workspace.home / "raw" / "mediation__interconnect_usage" / "**" / "*.parquet"
    params = {"cells": sorted(cells), "days": sorted(days), "raw": str(raw), "count": SAMPLES}
    with workspace.warehouse.reading() as connection:
        table = connection.sql(_SAMPLES, params={**side, **params}).to_arrow_table()
    return [
        {name: mask(value) if name in _PERSONAL and value else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
