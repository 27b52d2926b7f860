"""Names that several definitions share."""

from __future__ import annotations

import dagster as dg

from dagster_project.lib.periods import Months

# A month may be run as soon as it has begun, and back to when call records were still kept.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2015-01-01", end_offset=1)
WRITER_POOL = "writer"
FIRST_KEY, LAST_KEY = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

TABLES = dg.AssetKey(["published", "tables"])
SNAPSHOT = dg.AssetKey(["published", "snapshot"])
BILL_DRAFT = dg.AssetKey(["bill_run", "bill_draft"])
# What ingestion makes about itself, beside the feeds, and what bill runs issued.
SELF_MADE = (
    "feeds",
    "landed_files",
    "file_arrivals",
    "quarantined_rows",
    "control_schedule",
    "issued_invoices",
    "issued_invoice_lines",
)


def raw_key(table: str) -> dg.AssetKey:
    """The asset of a raw table, `<source>__<feed>`."""
    return dg.AssetKey(["raw", table])


def months_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Months:
    """The months of a run, from its first and last partition key."""
    keys = context.partition_key_range
    return Months.parse(keys.end, keys.start)
