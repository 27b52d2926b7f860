"""What is written as UBL 2.1 passes the schemas and rules of EN 16931, whatever is on the bill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.billing.documents import InvoiceDocument, LineAllowance, render
from tests.unit.dagster_project.lib.billing.documents import judge, samples
from tests.unit.dagster_project.lib.billing.documents.samples import line

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
ROOT = "/cac:LegalMonetaryTotal/cbc:"
EXAMPLES = ("BIS3_Invoice_positive.XML", "guide-example1.xml", "sample-discount-price.xml")


def read(xml: bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - written by us a moment ago


def told(xml: bytes, path: str) -> list[str]:
    """The texts at a path below the root."""
    return [one.text or "" for one in read(xml).findall(f".{path}", NAMES)]


@pytest.mark.parametrize("name", samples.CASES)
def test_every_kind_of_bill_is_a_valid_einvoice(name: str) -> None:
    xml = render(samples.CASES[name](), "ubl")
    assert judge.schema_errors(xml) == []
    assert judge.broken_rules(xml) == {}


@pytest.mark.parametrize("name", samples.CASES)
def test_the_same_bill_gives_the_same_bytes(name: str) -> None:
    for form in ("ubl", "json"):
        assert render(samples.CASES[name](), form) == render(samples.CASES[name](), form)


def test_totals_of_a_bill_with_discounts_are_those_computed_by_hand() -> None:
    # 100.05 - 5.00 at 19 % = 95.05 -> 18.06; 33.33 at 7 % -> 2.33; 10.05 - 1.11 at 7 % -> 0.63
    xml = render(samples.several_rates(), "ubl")
    totals = {
        "LineExtensionAmount": "143.43",
        "AllowanceTotalAmount": "6.11",
        "TaxExclusiveAmount": "137.32",
        "TaxInclusiveAmount": "158.34",
        "PayableAmount": "158.34",
    }
    assert {name: told(xml, ROOT + name)[0] for name in totals} == totals
    subtotal = "/cac:TaxTotal/cac:TaxSubtotal"
    assert told(xml, "/cac:TaxTotal/cbc:TaxAmount") == ["21.02"]
    assert told(xml, f"{subtotal}/cbc:TaxableAmount") == ["42.27", "95.05"]
    assert told(xml, f"{subtotal}/cbc:TaxAmount") == ["2.96", "18.06"]
    assert told(xml, f"{subtotal}/cac:TaxCategory/cbc:Percent") == ["7", "19"]


def test_rounding_and_prepaid_amounts_lead_to_what_is_payable() -> None:
    # 10.02 + 1.90 = 11.92, rounded to 11.95; 40.00 + 7.60 - 20.00 = 27.60
    rounded, prepaid = render(samples.rounded(), "ubl"), render(samples.prepaid(), "ubl")
    assert told(rounded, f"{ROOT}PayableRoundingAmount") == ["0.03"]
    assert told(rounded, f"{ROOT}PayableAmount") == ["11.95"]
    assert told(prepaid, f"{ROOT}PrepaidAmount") == ["20.00"]
    assert told(prepaid, f"{ROOT}PayableAmount") == ["27.60"]


def test_a_direct_debit_names_mandate_account_and_creditor() -> None:
    xml, means = render(samples.debited(), "ubl"), "/cac:PaymentMeans/"
    assert told(xml, f"{means}cbc:PaymentMeansCode") == ["59"]
    assert told(xml, f"{means}cac:PaymentMandate/cbc:ID") == ["M-2024-0815"]
    account = f"{means}cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"
    assert told(xml, account) == ["DE02700100800030876808"]
    assert told(xml, f"{means}cac:PayeeFinancialAccount") == []
    party = "/cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID"
    assert told(xml, f"{party}[@schemeID='SEPA']") == ["DE98ZZZ09999999999"]
    assert told(xml, "/cbc:BuyerReference") == ["04011000-12345-03"]


def test_a_credit_note_names_what_it_corrects() -> None:
    xml = render(samples.credit_note(), "ubl")
    assert read(xml).tag.endswith("}CreditNote")
    assert told(xml, "/cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == [
        "NORD-2026-000042"
    ]
    assert told(xml, f"{ROOT}PayableAmount") == ["35.58"]


def test_quantity_times_price_is_the_amount_of_every_line() -> None:
    for make in samples.CASES.values():
        for at in read(render(make(), "ubl")).iter():
            if at.tag.endswith(("}InvoiceLine", "}CreditNoteLine")):
                assert _product(at) == Decimal(at.findtext("cbc:LineExtensionAmount", "", NAMES))


def _product(at: ET.Element) -> Decimal:
    quantity = at.find("cbc:InvoicedQuantity", NAMES)
    quantity = at.find("cbc:CreditedQuantity", NAMES) if quantity is None else quantity
    assert quantity is not None
    price = Decimal(at.findtext("cac:Price/cbc:PriceAmount", "", NAMES))
    base = Decimal(at.findtext("cac:Price/cbc:BaseQuantity", "1", NAMES))
    assert price >= 0, "BR-27"
    off = sum(
        (Decimal(one.text or "") for one in at.findall("cac:AllowanceCharge/cbc:Amount", NAMES)),
        Decimal(0),
    )
    gross = Decimal(quantity.text or "") * price / base
    return gross.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) - off


def test_late_usage_names_its_month_and_claims_no_day_of_the_period() -> None:
    xml = render(samples.corrected(), "ubl")
    assert told(xml, "/cac:InvoiceLine/cbc:Note") == ["usage of May 2026", "correction of May 2026"]
    assert len(told(xml, "/cac:InvoiceLine/cac:InvoicePeriod/cbc:StartDate")) == 2


def test_a_period_ends_on_its_last_day() -> None:
    assert told(render(samples.zero_rated(), "ubl"), "/cac:InvoicePeriod/cbc:EndDate") == [
        "2026-07-31"
    ]


def test_letters_that_xml_cannot_hold_become_spaces() -> None:
    bad = replace(samples.BUYER, name="Müller\x00\x1b & <Söhne>\ud800")
    xml = render(samples.document([line(1, "1.00")], buyer=bad), "ubl")
    assert "Müller   &amp; &lt;Söhne&gt;".encode() in xml
    assert judge.broken_rules(xml) == {}


# -- the judge itself: it lets real invoices pass and minds each change of a figure


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (f"{ROOT}LineExtensionAmount", "BR-CO-10"),
        (f"{ROOT}TaxExclusiveAmount", "BR-CO-13"),
        (f"{ROOT}TaxInclusiveAmount", "BR-CO-15"),
        (f"{ROOT}PayableAmount", "BR-CO-16"),
        ("/cac:TaxTotal/cbc:TaxAmount", "BR-CO-14"),
        ("/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", "BR-CO-17"),
        ("/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount", "BR-S-08"),
    ],
)
def test_the_judge_minds_a_figure_that_was_changed(path: str, rule: str) -> None:
    root = read(render(samples.several_rates(), "ubl"))
    found = root.find(f".{path}", NAMES)
    assert found is not None
    found.text = str(Decimal(found.text or "") + 3)
    assert rule in judge.broken_rules(ET.tostring(root))


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/cbc:ID", "BR-02"),
        ("/cac:AccountingSupplierParty//cbc:RegistrationName", "BR-06"),
        ("/cac:AccountingCustomerParty//cbc:RegistrationName", "BR-07"),
        ("/cac:AccountingSupplierParty//cac:PostalAddress", "BR-08"),
        ("/cac:AccountingCustomerParty//cac:Country", "BR-11"),
        ("/cac:InvoiceLine/cac:Item/cbc:Name", "BR-25"),
        ("/cac:TaxTotal/cac:TaxSubtotal//cbc:TaxExemptionReason", "BR-E-10"),
    ],
)
def test_the_judge_misses_what_was_taken_away(path: str, rule: str) -> None:
    root = read(render(samples.exempt(), "ubl"))
    parents = {child: parent for parent in root.iter() for child in parent}
    found = root.findall(f".{path}", NAMES)
    assert found
    for one in found:
        parents[one].remove(one)
    assert rule in judge.broken_rules(ET.tostring(root))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_judge_lets_real_invoices_pass(name: str, shared_data: Path) -> None:
    path = shared_data / "einvoice" / "en16931_examples" / name
    assert judge.schema_errors(path.read_bytes()) == []
    assert judge.broken_rules(path.read_bytes()) == {}


# -- any bill

amounts = st.decimals(Decimal(-5000), Decimal(50000), places=2)
groups = st.sampled_from(["standard", "media", "books", "exempt"])
KINDS = {
    "standard": samples.STANDARD,
    "media": samples.REDUCED,
    "books": samples.REDUCED,
    "exempt": samples.EXEMPT,
}


@st.composite
def bills(draw: st.DrawFn) -> InvoiceDocument:
    lines = []
    for no in range(1, draw(st.integers(1, 12)) + 1):
        kind = draw(st.sampled_from(["recurring", "usage", "one_off", "minimum", "discount"]))
        off = draw(st.lists(st.decimals(0, 20, places=2), max_size=2))
        lines.append(
            line(
                no,
                str(draw(amounts)),
                kind,
                tax_group_code=draw(groups),
                description=draw(st.text(max_size=30)),
                quantity=draw(st.none() | st.decimals(0, 10**12, places=3)),
                unit_code=draw(st.sampled_from([None, "second", "byte", "event", "month"])),
                unit_price_amount=draw(st.none() | st.decimals(-100, 100, places=6)),
                allowances=tuple(LineAllowance("Off", one) for one in off if kind != "discount"),
                origin_month=draw(st.sampled_from([samples.JULY, samples.MAY, date(2026, 6, 1)])),
            )
        )
    if all(one.line_type == "discount" for one in lines):
        lines.append(line(99, "0.00"))
    return samples.document(lines, KINDS, language_code=draw(st.sampled_from(["en", "de", "es"])))


@given(bills())
def test_any_bill_whose_lines_add_up_is_a_valid_einvoice(bill: InvoiceDocument) -> None:
    xml = render(bill, "ubl")
    assert judge.schema_errors(xml) == []
    assert judge.broken_rules(xml) == {}
    assert Decimal(told(xml, f"{ROOT}PayableAmount")[0]) == bill.total_amount
    taxes = [Decimal(one) for one in told(xml, "/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")]
    assert sum(taxes) == bill.tax_amount
