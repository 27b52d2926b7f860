"""The control store: what people and runs decide, never facts that can be recomputed."""

from dagster_project.lib.store.bill_runs import Acceptance, BillingEvent, BillRun, BillRunTable
from dagster_project.lib.store.crediting import CreditPart
from dagster_project.lib.store.disputes import Dispute, DisputeStep, DisputeTable
from dagster_project.lib.store.engine import open_store
from dagster_project.lib.store.files import FileTable
from dagster_project.lib.store.invoices import InvoiceTable, IssuedDocument
from dagster_project.lib.store.issuing import Issuer, NewDocument, Stamp
from dagster_project.lib.store.locks import LockHolder, current_holder, writer_lock
from dagster_project.lib.store.runs import RunLog, RunRecord
from dagster_project.lib.store.snapshots import SnapshotEvent, SnapshotLog

__all__ = [
    "Acceptance",
    "BillRun",
    "BillRunTable",
    "BillingEvent",
    "CreditPart",
    "Dispute",
    "DisputeStep",
    "DisputeTable",
    "FileTable",
    "InvoiceTable",
    "IssuedDocument",
    "Issuer",
    "LockHolder",
    "NewDocument",
    "RunLog",
    "RunRecord",
    "SnapshotEvent",
    "SnapshotLog",
    "Stamp",
    "current_holder",
    "open_store",
    "writer_lock",
]
