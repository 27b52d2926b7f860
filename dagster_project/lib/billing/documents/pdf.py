"""The PDF: texts from layout.py, type set by typst with invoice.typ.

One compiler is kept for all documents of a process, so that fonts and template are read once. The
date inside the file is the day of issue and the fonts are those of the typst package: the same
document gives the same bytes on every machine. The file is PDF/A-2a and PDF/UA-1: it can be kept
for as long as the tax office asks, and a screen reader can read it. The tags for that are three
quarters of an ordinary file and fifteen parts of sixteen of a long one, so a document with very
many events goes without and is PDF/A-2b.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from dagster_project.lib.billing.documents.layout import lay_out
from dagster_project.lib.billing.documents.model import InvoiceDocument
from dagster_project.lib.billing.documents.words import Words
from dagster_project.lib.errors import DataError

_TEMPLATE = Path(__file__).with_name("invoice.typ")
_MOST_TAGGED_EVENTS = 1000
_NO_GLYPH = re.compile(r"the text `\"(?P<text>.*)\"` could not be displayed")


def render_pdf(document: InvoiceDocument, words: Words) -> bytes:
    """The document as PDF.

    A letter that the fonts of the package do not have (Chinese, Japanese, Korean, pictures) is
    looked for in the fonts of the machine.

    Raises: DataError TIE-3083, naming the letter, where no font has it.
    """
    texts = json.dumps(lay_out(document, words), ensure_ascii=False)
    try:
        return _compile(document, texts, has_machine_fonts=False)
    except typst.TypstError as error:
        if not _NO_GLYPH.search(error.message):
            raise
    try:
        return _compile(document, texts, has_machine_fonts=True)
    except typst.TypstError as error:
        found = _NO_GLYPH.search(error.message)
        if not found:
            raise
        raise DataError(
            "TIE-3083",
            f"{document.number} cannot be drawn: no font has the letter '{found['text']}'",
            where=f"{document.number}, account {document.account_id}",
            effect="no PDF was written; UBL and JSON can be",
            fix="install a font that has it, such as Noto Sans CJK, and ask for the PDF again",
        ) from error


def _compile(document: InvoiceDocument, texts: str, *, has_machine_fonts: bool) -> bytes:
    is_tagged = len(document.usage) <= _MOST_TAGGED_EVENTS
    done = _compiler(has_machine_fonts).compile(
        _template(),
        format="pdf",
        sys_inputs={"document": texts},
        timestamp=datetime.combine(document.issued_on, time(), UTC),
        pdf_standards=["a-2a", "ua-1"] if is_tagged else ["a-2b"],
        pdf_tags=is_tagged,
    )
    if not isinstance(done, bytes):
        raise TypeError(f"typst gave {type(done).__name__} for {document.number}, not one file")
    return done


@lru_cache(maxsize=2)
def _compiler(has_machine_fonts: bool) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=has_machine_fonts)
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=not has_machine_fonts)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
