"""What a reader finds on the pages of a PDF, and that it is the same file each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dagster_project.lib.billing.documents import InvoiceDocument, render
from dagster_project.lib.billing.documents import pdf as pdf_module
from dagster_project.lib.errors import DataError
from tests.unit.dagster_project.lib.billing.documents import samples
from tests.unit.dagster_project.lib.billing.documents.samples import line


def reader(document: InvoiceDocument) -> Any:
    pypdf = pytest.importorskip("pypdf", reason="needs pypdf (comes with the extra einvoice)")
    return pypdf.PdfReader(io.BytesIO(render(document, "pdf")))


def pages(document: InvoiceDocument) -> list[str]:
    """The text of each page, with single spaces."""
    texts = [page.extract_text() for page in reader(document).pages]
    return [re.sub(r"[\s\xa0\u202f]+", " ", text) for text in texts]


@pytest.fixture(scope="module")
def plain() -> list[str]:
    return pages(samples.plain())


def test_page_one_says_who_what_and_how_to_pay(plain: list[str]) -> None:
    assert len(plain) == 2
    for text in (
        "Nordlicht Telekom GmbH",
        "Erika Mustermann",
        "NORD-2026-000042",
        "62,87 €",
        "by 17 August 2026",
        "DE02 1203 0000 0000 2020 51",
        "1 Jul 2026 – 31 Jul 2026",
        "10 % loyalty discount on Flex L -2,99",
        "VAT Standard 19 % 52,83 10,04",
        "Balance with this document 62,87",
        "Page 1 of 2",
    ):
        assert text in plain[0]


def test_usage_detail_ties_to_page_one(plain: list[str]) -> None:
    # 24 calls rated at 14.376 are 14.38 on line 2; 14.38 + 1.14 + 0.45 = 15.97
    assert "Usage 15,97" in plain[0]
    assert "Calls to other networks +49 170 5550142 3:50:12 h 14,38" in plain[0]
    assert "Calls 24 3:50:12 h 1:10:28 h 14,38" in plain[1]
    assert "Total 15,97" in plain[1]
    assert "Events as rated 3:50:12 1:10:28 14,3760" in plain[1]
    assert "Rounding to the amount of the line 0,0040" in plain[1]
    assert "Charged on line 2 14,38" in plain[1]
    rated = sum(one.charge_amount for one in samples.plain().usage if one.line_key == "key-2")
    assert rated == Decimal("14.376")


def test_what_belongs_to_no_event_is_a_row_of_its_own() -> None:
    bill = samples.plain()
    lines = [
        replace(one, line_amount=one.line_amount + 5) if one.line_no == 2 else one
        for one in bill.lines
    ]
    text = pages(samples.document(lines, usage=bill.usage))[1]
    assert "Charges of the month that belong to no single event 5,0040" in text


def test_usage_without_a_text_is_named_by_service_and_zone() -> None:
    bare = line(1, "2.00", "usage", description="C1", service_code="voice", zone_code="EU")
    assert "1 Calls, EU 2,00" in pages(samples.document([bare]))[0]
    assert "1 Gespräche, EU 2,00" in pages(samples.document([bare], language_code="de"))[0]


def test_events_that_no_line_charges_are_shown() -> None:
    bill = samples.plain()
    free = replace(bill.usage[0], line_key="none", charge_amount=Decimal(0))
    text = " ".join(pages(replace(bill, usage=(*bill.usage, free))))
    assert "Calls that no line charges" in text
    assert "Total 15,97" in text


def test_called_numbers_are_hidden_unless_they_are_asked_for(plain: list[str]) -> None:
    bill = samples.plain()
    numbers = {one.other_party_number for one in bill.usage if one.other_party_number}
    assert not [number for number in numbers if number in plain[1]]
    assert "491515550xxx" in plain[1]
    full = pages(replace(bill, masks_other_party=False))[1]
    assert not [number for number in numbers if number not in full]


def test_a_customer_who_paid_too_much_is_told_so_on_page_one() -> None:
    text = pages(samples.corrected())[0]
    assert "For May 2026 we had charged 7,35 € before tax too much." in text
    assert "Usage of May 2026, which reached us after your invoice" in text
    assert "Late and corrected charges of earlier months -3,15" in text
    assert "1 May 2026 – 31 May 2026 · correction of May 2026 -24:30 min -7,35" in text


def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing() -> None:
    text = pages(samples.credit_note())[0]
    assert "Credit note" in text
    assert "Credited 35,58 €" in text
    assert "corrects invoice NORD-2026-000042 of 3 August 2026" in text
    assert "Reason: Service was not delivered" in text
    assert "How to pay" not in text
    assert "To be paid" not in text


def test_a_bill_below_zero_gives_back() -> None:
    text = pages(samples.below_zero())[0]
    assert "You get back 20,83 €" in text
    assert "How to pay" not in text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("de", ("Rechnung", "Zu zahlen bis 17. August 2026", "Einzelverbindungen", "Nachrichten")),
        ("es", ("Factura", "Total a pagar hasta el 17 de agosto de 2026", "Detalle de consumo")),
    ],
)
def test_the_bill_speaks_the_language_of_its_reader(language: str, texts: tuple[str, ...]) -> None:
    text = " ".join(pages(replace(samples.plain(), language_code=language)))
    assert not [one for one in texts if one not in text]
    assert reader(replace(samples.plain(), language_code=language)).root_object["/Lang"] == language


def test_many_lines_leave_page_one_to_their_sums() -> None:
    found = pages(samples.heavy())
    assert "Verträge 39 Positionen 639,00" in found[0]
    assert "Option 7" not in found[0]
    assert "Option 7" in found[1]
    assert sum(text.count("MOBILE") for text in found) == 300


@pytest.mark.parametrize("name", ["yen", "dinar"])
def test_amounts_have_the_decimals_of_their_currency(name: str) -> None:
    text = pages(getattr(samples, name)())[0]
    assert {"yen": "¥1,361,302", "dinar": "12,962 KWD"}[name] in text


@pytest.mark.parametrize("name", ["Ελένη Παπαδοπούλου", "Дмитрий Иванов", "Łukasz Żółć", "Nguyễn"])
def test_names_are_written_in_their_own_letters(name: str) -> None:
    buyer = replace(samples.BUYER, name=name)
    assert name in pages(samples.document([line(1, "1.00")], buyer=buyer))[0]


@pytest.fixture
def no_machine_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    embedded = pdf_module._compiler(False)
    monkeypatch.setattr(pdf_module, "_compiler", lambda _: embedded)
    yield


@pytest.mark.usefixtures("no_machine_fonts")
def test_a_letter_that_no_font_has_is_named() -> None:
    buyer = replace(samples.BUYER, name="山田太郎")
    with pytest.raises(DataError) as refused:
        render(samples.document([line(1, "1.00")], buyer=buyer), "pdf")
    assert refused.value.code == "TIE-3083"
    assert "山" in refused.value.what


def test_text_from_outside_is_never_read_as_template() -> None:
    hostile = '#panic("x") $1 + `raw` \\ "quoted" *bold* <label> @ref // comment'
    text = pages(samples.document([line(1, "1.00", description=hostile)], messages=(hostile,)))[0]
    assert text.count(hostile) == 2


@pytest.mark.parametrize("name", ["plain", "credit_note", "several_rates"])
def test_the_same_document_is_the_same_file(name: str) -> None:
    make = samples.CASES[name]
    first = render(make(), "pdf")
    render(samples.yen(), "pdf")
    assert render(make(), "pdf") == first
    later = replace(make(), issued_on=make().issued_on + timedelta(days=1))
    assert render(later, "pdf") != first


def test_a_long_document_goes_without_tags_and_stays_small() -> None:
    usage = tuple(samples.calls(1001, "key-1"))
    long = samples.document([line(1, "5.00", "usage")], usage=usage)
    written = render(long, "pdf")
    assert len(written) < 250_000
    assert b"pdfaid:conformance>B<" in reader(long).root_object["/Metadata"].get_data()


def test_the_file_is_dated_on_the_day_of_issue_and_can_be_kept() -> None:
    found = reader(samples.plain())
    assert found.metadata["/CreationDate"].startswith("D:20260803")
    assert found.metadata["/Title"] == "Invoice NORD-2026-000042"
    xmp = found.root_object["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A<" in xmp
    assert b"<pdfuaid:part>1<" in xmp


def test_a_direct_debit_hides_most_of_the_account() -> None:
    text = pages(samples.debited())[0]
    assert "We collect the amount on 17 August 2026 under mandate M-2024-0815." in text
    assert "We collect on 17 August 2026" in text
    assert "To be paid" not in text
    assert "Your reference 04011000-12345-03" in text
    assert "DE02 … 6808" in text
    assert "DE98ZZZ09999999999" in text
    assert "0080" not in text
    undated = pages(replace(samples.debited(), due_on=None))[0]
    assert "We collect the amount under mandate M-2024-0815." in undated
