"""Documents of what a bill run issued: PDF, EN 16931 in UBL 2.1, JSON in the shape of TMF678.

Fill an `InvoiceDocument` and call `render(document, "pdf")`; the names beside it are its parts.
"""

from dagster_project.lib.billing.documents.formats import FORMATS, file_name, media_type, render
from dagster_project.lib.billing.documents.model import (
    CREDIT_NOTE,
    INVOICE,
    CorrectedInvoice,
    InvoiceDocument,
    InvoiceLine,
    LineAllowance,
    Party,
    Payment,
    TaxSubtotal,
    UsageRecord,
)

__all__ = [
    "CREDIT_NOTE",
    "FORMATS",
    "INVOICE",
    "CorrectedInvoice",
    "InvoiceDocument",
    "InvoiceLine",
    "LineAllowance",
    "Party",
    "Payment",
    "TaxSubtotal",
    "UsageRecord",
    "file_name",
    "media_type",
    "render",
]
