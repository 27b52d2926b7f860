"""Documents of one bill run: two-page invoices with 38 events, none like another.

The bare compiler sets the same pages from the same texts, but starts anew for each as a call of
`typst compile` would; what it lacks is the making of the texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import typst

from dagster_project.lib.billing.documents import InvoiceDocument, render
from dagster_project.lib.billing.documents import pdf as product
from dagster_project.lib.billing.documents.formats import words_of
from dagster_project.lib.billing.documents.layout import lay_out
from tests.unit.dagster_project.lib.billing.documents import samples

Work = Callable[[], dict[str, int | str]]
COUNT = 200


def bills() -> Iterator[InvoiceDocument]:
    """As many invoices as one run of the benchmark draws."""
    plain = samples.plain()
    for i in range(COUNT):
        buyer = replace(plain.buyer, name=f"{plain.buyer.name} {i}", party_id=f"A-{i}")
        yield replace(plain, number=f"NORD-2026-{i:06}", buyer=buyer, account_id=f"A-{i}")


def tieout(folder: Path) -> Work:
    """The product's PDF; the first one loads fonts and template."""
    return _rendered("pdf")


def tieout_ubl(folder: Path) -> Work:
    """The product's e-invoice."""
    return _rendered("ubl")


def tieout_json(folder: Path) -> Work:
    """The product's TMF678."""
    return _rendered("json")


def typst_bare(folder: Path) -> Work:
    """A compiler for each document."""
    texts = [json.dumps(lay_out(bill, words_of(bill))) for bill in bills()]
    template = product._TEMPLATE.read_bytes()

    def work() -> dict[str, int | str]:
        written = [
            typst.compile(
                template,
                format="pdf",
                sys_inputs={"document": text},
                ignore_system_fonts=True,
                pdf_standards=["a-2a", "ua-1"],
            )
            for text in texts
        ]
        return {"documents": len(set(written))}

    return work


def _rendered(form: str) -> Work:
    waiting = list(bills())

    def work() -> dict[str, int | str]:
        return {"documents": len({render(bill, form) for bill in waiting})}

    return work
