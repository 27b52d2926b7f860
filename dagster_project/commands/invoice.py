"""`tieout invoice` and `tieout bill documents`: what was issued, as people and systems read it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.commands.bill import open_office
from dagster_project.commands.options import Options
from dagster_project.commands.progress import Progress
from dagster_project.commands.talk import Talk, print_json, print_lines
from dagster_project.lib.errors import DataError
from dagster_project.lib.money import show, show_exact
from dagster_project.resources.settings import is_watched

if TYPE_CHECKING:
    from dagster_project.lib.store import IssuedDocument
    from dagster_project.resources.billing import BillingOffice

MOST_FAILURES = 10


def invoice(
    options: Options, number: str, document_format: str, out: Path | None, *, as_json: bool
) -> int:
    """The command `tieout invoice`: one document, or how each of its lines was reckoned."""
    office = open_office(options)
    found = office.document(number)
    if as_json:
        parts = {"lines": list(found.lines), "taxes": list(found.taxes)}
        print_json(
            {**found.invoice, **parts, "credited_by": office.invoices.credit_notes_of(number)}
        )
        return 0
    if not document_format:
        print_lines(_lines(found, office.invoices.credit_notes_of(number)))
        return 0
    name, content = office.render(number, document_format)
    if out is None and (document_format != "pdf" or not is_watched(sys.stdout)):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    path = out or Path(name)
    _write(path, content)
    Talk(quiet=options.quiet).say(f"written: {path}")
    return 0


def write_documents(
    options: Options, run_id: str, formats: str, out: Path | None, *, as_json: bool
) -> int:
    """The command `tieout bill documents`; 3 when some of them cannot be written."""
    from dagster_project.lib.billing.documents import FORMATS

    office, talk = open_office(options), Talk(quiet=options.quiet)
    folder = out or office.folder(run_id) / "documents"
    chosen = [one.strip() for one in formats.split(",") if one.strip()] or list(FORMATS)
    numbers = [row["invoice_number"] for row in office.invoices.of_run(run_id)]
    progress = Progress(talk, "invoices")
    failures: list[dict[str, Any]] = []
    with talk.stage("documents", "writing documents", "documents written"):
        for done, number in enumerate(numbers, start=1):
            failures += _write_all(office, number, chosen, folder)
            progress.tell(done, len(numbers))
    seconds = talk.seconds["documents"]
    if as_json:
        counts = {"invoice_count": len(numbers), "seconds": seconds}
        print_json({"folder": folder, "formats": chosen, **counts, "failures": failures})
    else:
        print_lines([f"{len(numbers)} invoices as {', '.join(chosen)} in {folder}"])
        for one in failures[:MOST_FAILURES]:
            talk.say(f"not written: {one['invoice_number']} as {one['format']}: {one['what']}")
    return 3 if failures else 0


def _write_all(
    office: BillingOffice, number: str, formats: list[str], folder: Path
) -> Iterator[dict[str, Any]]:
    """Write one invoice in every format; what one of them lacks does not stop the others."""
    for one in formats:
        try:
            name, content = office.render(number, one)
        except DataError as error:
            parts = {"code": error.code, "what": error.what, "fix": error.fix}
            yield {"invoice_number": number, "format": one, **parts}
            continue
        _write(folder / name, content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)


def _lines(found: IssuedDocument, credited_by: list[str]) -> Iterator[str]:
    """The document with the arithmetic of each line, for somebody who asks why."""
    head = found.invoice
    code = head["currency_code"]
    of = f" of {head['corrects_invoice_number']}" if head["corrects_invoice_number"] else ""
    yield (
        f"{head['document_type'].replace('_', ' ')} {head['invoice_number']}{of} for account "
        f"{head['account_id']}, {head['billing_month']:%Y-%m}, issued {head['issued_on']}"
    )
    if credited_by:
        yield f"credited by {', '.join(credited_by)}"
    for line in found.lines:
        late = line["origin_month"] < head["billing_month"]
        of = f" (of {line['origin_month']:%Y-%m})" if late else ""
        yield (
            f"{line['line_no']:>4}  {line['description'] or line['charge_code']}{of}: "
            f"{show_exact(line['line_amount'], code)}"
        )
        for step in filter(None, line["arithmetic"].split("; ")):
            yield f"        {step}"
    for tax in found.taxes:
        yield (
            f"      {tax['tax_name']} on {show(tax['taxable_amount'], code)}: "
            f"{show(tax['tax_amount'], code)}"
        )
    yield f"net {show(head['net_amount'], code)}, tax {show(head['tax_amount'], code)}"
    yield f"total {show(head['total_amount'], code)}"
