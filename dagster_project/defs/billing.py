"""The bill run in Dagster: it drafts; people review, issue and correct by `tieout bill`."""

from datetime import UTC, datetime

import dagster as dg

from dagster_project.defs.words import BILL_DRAFT, MONTHS, WRITER_POOL, months_of, raw_key
from dagster_project.lib.billing.draft import Scope
from dagster_project.resources.billing import BillingOffice
from dagster_project.resources.workspace import Workspace

ACTOR = "dagster"


@dg.asset(
    key=BILL_DRAFT, deps=[raw_key("tieout__issued_invoices")], group_name="bill_run",
    partitions_def=MONTHS, pool=WRITER_POOL, kinds={"parquet"},
)  # fmt: skip
def bill_draft(
    context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
) -> dg.MaterializeResult[None]:
    """Invoices of the month as the models expect them, frozen for review. Grain: one draft.

    Made from a build of its own, so a bill run and a reconciliation do not disturb each other.
    Late when nobody has run it by the day that the operator bills.
    """
    office, month = BillingOffice(workspace), months_of(context).last
    with workspace.writing(ACTOR):
        workspace.raise_refused(workspace.ingest(), "tieout bill")
        office.build(month)
        drafted = office.draft(Scope(month), ACTOR, _started_at(context))
    return dg.MaterializeResult(metadata=office.metadata(drafted))


bill_draft_job = dg.define_asset_job(
    "bill_draft_job",
    selection=dg.AssetSelection.assets(BILL_DRAFT),
    description="Drafts the invoices of a month; nothing is issued by it.",
)


def _started_at(context: dg.AssetExecutionContext) -> datetime:
    """When the run was asked for, in UTC without zone as the store keeps it."""
    record = context.instance.get_run_record_by_id(context.run_id)
    assert record is not None  # noqa: S101 - it is running
    asked: datetime = record.create_timestamp
    return asked.astimezone(UTC).replace(tzinfo=None, microsecond=0)
