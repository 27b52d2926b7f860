"""One door to all formats: `render(document, "pdf")` gives bytes, name and media type."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dagster_project.lib.billing.documents.checks import check_totals
from dagster_project.lib.billing.documents.model import InvoiceDocument
from dagster_project.lib.billing.documents.pdf import render_pdf
from dagster_project.lib.billing.documents.tmf678 import render_tmf678
from dagster_project.lib.billing.documents.ubl import render_ubl
from dagster_project.lib.billing.documents.words import Words, choose_locale
from dagster_project.lib.errors import UsageError


@dataclass(frozen=True)
class _Format:
    ending: str
    media_type: str
    write: Callable[[InvoiceDocument, Words], bytes]


_FORMATS = {
    "pdf": _Format(".pdf", "application/pdf", render_pdf),
    "ubl": _Format(".ubl.xml", "application/xml", render_ubl),
    "json": _Format(".json", "application/json", render_tmf678),
}
FORMATS = tuple(_FORMATS)


def render(document: InvoiceDocument, document_format: str) -> bytes:
    """The document in one format; the same document gives the same bytes.

    Args: document_format: one of FORMATS.
    Raises: UsageError TIE-2080 for another format; DataError TIE-3080 where the document does not
    add up, TIE-3081 where an e-invoice lacks a field, TIE-3082 for what EN 16931 cannot say.
    """
    form = _format(document_format)
    check_totals(document)
    return form.write(document, words_of(document))


def words_of(document: InvoiceDocument) -> Words:
    """Texts and figures in the language of the buyer and the manner of the seller's country."""
    locale = choose_locale(document.language_code, document.seller.country_code)
    return Words(locale, document.currency_code)


def file_name(document: InvoiceDocument, document_format: str) -> str:
    """`2026-000042.pdf`: the number, with nothing in it that a file system minds."""
    safe = re.sub(r"[^\w.-]+", "_", document.number).strip("._") or "document"
    return safe + _format(document_format).ending


def media_type(document_format: str) -> str:
    """What a mail or a web server calls the format."""
    return _format(document_format).media_type


def _format(name: str) -> _Format:
    if name not in _FORMATS:
        raise UsageError(
            "TIE-2080",
            f"'{name}' is no format of a document",
            where="--format",
            effect="nothing was written",
            fix=f"choose one of {', '.join(FORMATS)}",
        )
    return _FORMATS[name]
