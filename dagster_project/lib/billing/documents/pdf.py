"""The PDF: texts from layout.py, type set by typst with invoice.typ.

One compiler is kept for all documents of a process, so that fonts and template are read once. The
date inside the file is the day of issue and system fonts are left out: the same document gives the
same bytes on every machine.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from dagster_project.lib.billing.documents.layout import lay_out
from dagster_project.lib.billing.documents.model import InvoiceDocument
from dagster_project.lib.billing.documents.words import Words

_TEMPLATE = Path(__file__).with_name("invoice.typ")


def render_pdf(document: InvoiceDocument, words: Words) -> bytes:
    """The document as PDF."""
    texts = json.dumps(lay_out(document, words), ensure_ascii=False)
    issued_at = datetime.combine(document.issued_on, time(), UTC)
    done = _compiler().compile(
        _template(), format="pdf", sys_inputs={"document": texts}, timestamp=issued_at
    )
    if not isinstance(done, bytes):
        raise TypeError(f"typst gave {type(done).__name__} for {document.number}, not one file")
    return done


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True
    )


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
