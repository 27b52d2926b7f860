"""The list of findings: filters, count, amounts, and the exports that carry where they are from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from dashboards.data import Reader, Row
from dashboards.parts import formats, masking

MOST_ROWS = 500
ZERO = Decimal(0)
_WHERE = """
where ($month::date is null or period = $month::date)
    and ($control::varchar is null or control_id = $control)
    and ($category::varchar is null or category = $category)
    and ($severity::varchar is null or severity = $severity)
    and ($account::varchar is null or starts_with(coalesce(account_id, partner_id), $account))
    and ($day::date is null or coalesce(cast(event_at as date), period) = $day::date)
"""
_ORDER = "order by under_amount + over_amount + cost_amount desc, finding_id"
_LIST = f"select * from fct_findings {_WHERE} {_ORDER} limit {MOST_ROWS}"  # noqa: S608
_ALL = f"select * from fct_findings {_WHERE} {_ORDER}"  # noqa: S608
_TOTALS = f"""
select currency_code, count(*) as finding_count, sum(under_amount) as under_amount,
    sum(over_amount) as over_amount, sum(cost_amount) as cost_amount
from fct_findings {_WHERE}
group by currency_code order by finding_count desc, currency_code
"""  # noqa: S608
_IN_ALL = "select count(*) as finding_count from fct_findings"
_CHOICES = """
select distinct control_id, category, severity from fct_findings order by all
"""
# Free text in which a number of a person may stand.
_TEXTS = ("value_key", "evidence")


@dataclass(frozen=True)
class Chosen:
    """The filters; None is all."""

    month: date | None = None
    control: str | None = None
    category: str | None = None
    severity: str | None = None
    account: str | None = None
    day: date | None = None

    def to_text(self) -> str:
        """The filters that are set, for people and for the head of an export."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return ", ".join(f"{name}={value}" for name, value in given.items()) or "none"


@dataclass(frozen=True)
class Listing:
    """The page."""

    rows: list[Row]
    totals: list[Row]
    in_all: int

    @property
    def finding_count(self) -> int:
        """Findings that the filters let through."""
        return sum(row["finding_count"] for row in self.totals)


@dataclass(frozen=True)
class Choices:
    """What there is to filter by."""

    controls: list[str]
    categories: list[str]
    severities: list[str]


def choices(reader: Reader) -> Choices:
    """The values that occur in the snapshot."""
    rows = reader.rows(_CHOICES)
    controls, categories, severities = (
        sorted({row[name] for row in rows if row[name]})
        for name in ("control_id", "category", "severity")
    )
    return Choices(controls, categories, severities)


def build(reader: Reader, chosen: Chosen) -> Listing:
    """The greatest findings first, and the totals of all of them."""
    params = asdict(chosen)
    return Listing(
        rows=reader.rows(_LIST, params),
        totals=reader.rows(_TOTALS, params),
        in_all=reader.one(_IN_ALL)["finding_count"],
    )


def export(reader: Reader, chosen: Chosen) -> tuple[pa.Table, dict[str, str]]:
    """All rows behind the list, personal data masked, and the head that goes with them."""
    params = asdict(chosen)
    table = reader.table(_ALL, params)
    for name in _TEXTS:
        masked = pa.array(
            [masking.mask_numbers(text) for text in table[name].to_pylist()], pa.string()
        )
        table = table.set_column(table.schema.get_field_index(name), name, masked)
    totals = reader.rows(_TOTALS, params)
    head = {
        "table": "fct_findings",
        "snapshot_id": reader.snapshot_id,
        "filters": chosen.to_text(),
        "row_count": str(table.num_rows),
        "control_total": control_total(totals),
        "personal_data": "masked",
    }
    return table, head


def control_total(totals: Sequence[Row]) -> str:
    """`EUR under 12.30 over 4.00 cost 0.50`, one for each currency."""
    return "; ".join(
        f"{row['currency_code'] or 'no currency'}"
        f" under {row['under_amount'] or ZERO:.6f} over {row['over_amount'] or ZERO:.6f}"
        f" cost {row['cost_amount'] or ZERO:.6f}"
        for row in totals
    )


def to_csv(table: pa.Table, head: dict[str, str]) -> bytes:
    """CSV with the head as comment lines before the names of the columns."""
    sink = io.BytesIO()
    sink.write("".join(f"# {name}: {value}\n" for name, value in head.items()).encode())
    pyarrow.csv.write_csv(table, sink)
    return sink.getvalue()


def to_parquet(table: pa.Table, head: dict[str, str]) -> bytes:
    """Parquet with the head as metadata, `tieout.<name>`."""
    sink = io.BytesIO()
    metadata = {f"tieout.{name}": value for name, value in head.items()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
    return sink.getvalue()


def sentence(listing: Listing) -> str:
    """`14 of 114 findings: 81.10 EUR under-billed, 105.00 EUR over-billed, 3.25 EUR overpaid`."""
    kinds = {"under": "under-billed", "over": "over-billed", "cost": "overpaid"}
    amounts = [
        ", ".join(
            f"{formats.money(row[f'{kind}_amount'], row['currency_code'])} {word}"
            for kind, word in kinds.items()
            if kind != "cost" or row["cost_amount"]
        )
        for row in listing.totals
    ]
    told = f"{formats.count(listing.finding_count)} of {formats.counted(listing.in_all, 'finding')}"
    return f"**{told}**: {'; '.join(amounts)}" if amounts else f"**{told}**"
