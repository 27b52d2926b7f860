"""One finding as data: everything the snapshot says about it, and its like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards import data
from dashboards.data import Reader, Row
from dashboards.parts import evidence, masking
from dashboards.parts.evidence import Field, Source

MOST_SIBLINGS = 20
MOST_SHARES = 100
_FINDING = "select * from fct_findings where starts_with(finding_id, $id) order by 1 limit 2"
_DETAIL = "select * from fct_finding_details where finding_id = $id"
_CONTROL = "select * from dim_controls where control_id = $control"
_SHARES = f"""
select account_id, revenue_stream, billing_month, under_amount, over_amount, currency_code
from fct_finding_allocations where finding_id = $id
order by under_amount + over_amount desc, all
limit {MOST_SHARES}
""".replace(", all", ", account_id, revenue_stream, billing_month")  # noqa: S608
_SIBLINGS = f"""
select finding_id, control_id, category, period, account_id, partner_id, under_amount,
    over_amount, cost_amount, currency_code, severity
from fct_findings
where control_id = $control and category = $category and finding_id <> $id
order by under_amount + over_amount + cost_amount desc, finding_id
limit {MOST_SIBLINGS}
"""  # noqa: S608
_FAMILY = """
select currency_code, count(*) as finding_count, sum(under_amount) as under_amount,
    sum(over_amount) as over_amount, count(distinct account_id) as account_count
from fct_findings where control_id = $control and category = $category
group by currency_code order by finding_count desc, currency_code
"""


@dataclass(frozen=True)
class Explanation:
    """The page."""

    finding: Row
    control: Row
    rule: str
    steps: list[str]
    price: dict[str, Any]
    sources: dict[str, Source | None]
    fields: list[Field]
    shares: list[Row]
    siblings: list[Row]
    family: list[Row]
    control_sql: str
    row_sql: str

    @property
    def about(self) -> str:
        """The economic event, masked."""
        return masking.mask_numbers(self.finding["value_key"])


def build(reader: Reader, finding_id: str) -> Explanation | None:
    """The finding whose id begins so; None when none or several do."""
    found = reader.rows(_FINDING, {"id": finding_id}) if finding_id else []
    if len(found) != 1:
        return None
    row = found[0]
    key = {"id": row["finding_id"]}
    detail = next(iter(reader.rows(_DETAIL, key)), {})
    control = next(iter(reader.rows(_CONTROL, {"control": row["control_id"]})), {})
    like = {"control": row["control_id"], "category": row["category"]}
    records = {side: evidence.parse(detail.get(f"{side}_record")) for side in ("left", "right")}
    return Explanation(
        finding=row,
        control=control,
        rule=detail.get("rule") or control.get("question") or "",
        steps=evidence.steps(detail.get("arithmetic")),
        price=_price(detail.get("price_record")),
        sources={side: evidence.source(detail, side) for side in ("left", "right")},
        fields=evidence.compare(records["left"], records["right"]),
        shares=reader.rows(_SHARES, key),
        siblings=reader.rows(_SIBLINGS, {**like, **key}),
        family=reader.rows(_FAMILY, like),
        control_sql=control_sql(
            data.lineage(reader.snapshot_id, reader.snapshot.folder), row["control_id"]
        ),
        row_sql=row_sql(reader.snapshot_id, row["finding_id"]),
    )


def control_sql(lineage: Any, control_id: str) -> str:
    """The SQL of the control as it ran; empty when it was not kept."""
    relation = lineage.get("controls", {}).get(control_id)
    return str(lineage.get("models", {}).get(relation, {}).get("sql", "")).strip()


def row_sql(snapshot_id: str, finding_id: str) -> str:
    """What returns the published row in any DuckDB, from the folder of TIEOUT_HOME."""
    literal = finding_id.replace("'", "''")
    return (
        f"select *\nfrom 'published/{snapshot_id}/fct_findings.parquet'\n"  # noqa: S608
        f"join 'published/{snapshot_id}/fct_finding_details.parquet' using (finding_id)\n"
        f"where finding_id = '{literal}'"
    )


def _price(text: str | None) -> dict[str, Any]:
    """The price row without its empty fields, personal ones masked."""
    record = {
        name: value for name, value in evidence.parse(text).items() if value not in ("", None)
    }
    return masking.mask_record(record)
