"""An EN 16931 e-invoice in UBL 2.1: Invoice for a bill, CreditNote for what is given back.

The comments name the business terms (BT) and groups (BG) of the standard. Discounts of the document
are allowances (BG-20), discounts inside a line are BG-27. A usage line whose price is not one
figure (tiers, increments) says its amount as the price of its whole quantity (BT-149), so that
quantity x price is the amount of the line, exactly.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET  # written, never read

from dagster_project.lib.billing.documents.checks import check_einvoice
from dagster_project.lib.billing.documents.messages import line_note, line_title, messages
from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine, Party
from dagster_project.lib.billing.documents.vat import REASONS, Vat, VatSubtotal, break_down, vat_of
from dagster_project.lib.billing.documents.words import Words
from dagster_project.lib.money import minor_units

CUSTOMIZATION = "urn:cen.eu:en16931:2017"
_NAMES = "urn:oasis:names:specification:ubl:schema:xsd:"
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
# UN/ECE recommendation 20
UNITS = {
    "second": "SEC",
    "byte": "AD",
    "event": "C62",
    "minute": "MIN",
    "day": "DAY",
    "week": "WEE",
    "month": "MON",
    "year": "ANN",
}
# where the letters before a tax number are not those of the country
_VAT_LETTERS = {"GR": "EL"}


def render_ubl(document: InvoiceDocument, words: Words) -> bytes:
    """The document as UTF-8 XML.

    Raises: DataError for what is missing (TIE-3081) or the standard cannot say (TIE-3082).
    """
    check_einvoice(document)
    return _Writer(document, words).write()


class _Writer:
    """Writes one document; the methods follow the order that UBL demands."""

    def __init__(self, document: InvoiceDocument, words: Words) -> None:
        self.document = document
        self.words = words
        self.kind = "CreditNote" if document.is_credit_note else "Invoice"
        self.vats = {i: vat_of(document, line) for i, line in enumerate(document.lines)}
        self.breakdown = break_down(document, self.vats)
        self.is_outside = any(row.vat.category_code == "O" for row in self.breakdown)

    def write(self) -> bytes:
        """All of it."""
        # prefixes as text: a register of them would be shared by all who write XML
        root = ET.Element(self.kind, {"xmlns": f"{_NAMES}{self.kind}-2"})
        root.set("xmlns:cac", f"{_NAMES}CommonAggregateComponents-2")
        root.set("xmlns:cbc", f"{_NAMES}CommonBasicComponents-2")
        self._head(root)
        self._party(_add(root, "AccountingSupplierParty"), self.document.seller)  # BG-4
        self._party(_add(root, "AccountingCustomerParty"), self.document.buyer)  # BG-7
        self._delivery(root)
        self._payment(root)
        for place, line in enumerate(self.document.lines):
            if line.line_type == "discount":
                self._discount(root, line, self.vats[place])
        self._taxes(root)
        self._totals(root)
        for place, line in enumerate(self.document.lines):
            if line.line_type != "discount":
                self._line(root, line, self.vats[place])
        ET.indent(root)
        return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"

    def _head(self, root: ET.Element) -> None:
        document = self.document
        _put(root, "CustomizationID", CUSTOMIZATION)  # BT-24
        _put(root, "ID", document.number)  # BT-1
        _put(root, "IssueDate", document.issued_on.isoformat())  # BT-2
        if document.is_credit_note:
            _put(root, "CreditNoteTypeCode", "381")  # BT-3
        else:
            if document.due_on:
                _put(root, "DueDate", document.due_on.isoformat())  # BT-9
            _put(root, "InvoiceTypeCode", "380")
        for text in messages(document, self.words):
            _put(root, "Note", text)  # BT-22
        _put(root, "DocumentCurrencyCode", document.currency_code)  # BT-5
        _put(root, "BuyerReference", document.buyer_reference)  # BT-10
        _period(root, document.period_start_on, document.period_end_on)  # BG-14
        if document.corrected_invoice:
            reference = _add(_add(root, "BillingReference"), "InvoiceDocumentReference")  # BG-3
            _put(reference, "ID", document.corrected_invoice.number)
            _put(reference, "IssueDate", document.corrected_invoice.issued_on.isoformat())

    def _party(self, parent: ET.Element, party: Party) -> None:
        at = _add(parent, "Party")
        is_seller = party is self.document.seller
        _put(at, "EndpointID", party.email, schemeID="EM")  # BT-34, BT-49
        _put(_add(at, "PartyIdentification"), "ID", party.party_id or party.name)  # BT-29, BT-46
        if is_seller and self.document.direct_debit_mandate_id and party.creditor_id:
            creditor = _add(at, "PartyIdentification")
            _put(creditor, "ID", party.creditor_id, schemeID="SEPA")  # BT-90
        address = _add(at, "PostalAddress")
        _put(address, "StreetName", party.street_address)
        _put(address, "CityName", party.city_name)
        _put(address, "PostalZone", party.postal_code)
        _put(_add(address, "Country"), "IdentificationCode", party.country_code)  # BT-40, BT-55
        registration = party.registration_id
        tax_id = (party.tax_id or "").replace(" ", "")
        # BR-O-02: where nothing is in the scope of VAT, no VAT number is named
        if tax_id and _is_vat_number(tax_id, party.country_code) and not self.is_outside:
            _tax_scheme(_add(at, "PartyTaxScheme"), tax_id, "VAT")  # BT-31, BT-48
        elif tax_id and is_seller and not self.is_outside:
            _tax_scheme(_add(at, "PartyTaxScheme"), tax_id, "TAX")  # BT-32
        else:
            registration = registration or tax_id
        entity = _add(at, "PartyLegalEntity")
        _put(entity, "RegistrationName", party.name)  # BT-27, BT-44
        _put(entity, "CompanyID", registration)  # BT-30, BT-47
        if party.phone or party.email:
            contact = _add(at, "Contact")
            _put(contact, "Telephone", party.phone)
            _put(contact, "ElectronicMail", party.email)

    def _delivery(self, root: ET.Element) -> None:
        # BR-IC-12: an intra-community supply says where it went
        if any(row.vat.category_code == "K" for row in self.breakdown):
            address = _add(_add(_add(root, "Delivery"), "DeliveryLocation"), "Address")
            country = _add(address, "Country")
            _put(country, "IdentificationCode", self.document.buyer.country_code)  # BT-80

    def _payment(self, root: ET.Element) -> None:
        document = self.document
        seller = document.seller
        mandate = document.direct_debit_mandate_id
        if mandate or seller.iban:
            means = _add(root, "PaymentMeans")  # BG-16
            transfer = "58" if document.currency_code == "EUR" else "30"
            _put(means, "PaymentMeansCode", "59" if mandate else transfer)  # BT-81
            if document.is_credit_note and document.due_on:
                _put(means, "PaymentDueDate", document.due_on.isoformat())
            _put(means, "PaymentID", document.number)  # BT-83
            if mandate:
                at = _add(means, "PaymentMandate")  # BG-19
                _put(at, "ID", mandate)  # BT-89
                if iban := (document.buyer.iban or "").replace(" ", ""):
                    _put(_add(at, "PayerFinancialAccount"), "ID", iban)  # BT-91
            else:
                account = _add(means, "PayeeFinancialAccount")
                _put(account, "ID", (seller.iban or "").replace(" ", ""))  # BT-84
                _put(account, "Name", seller.name)
                if seller.bic:
                    _put(_add(account, "FinancialInstitutionBranch"), "ID", seller.bic)  # BT-86
        terms = document.payment_terms
        if document.is_credit_note and not terms and not document.due_on:
            terms = self.words("credited_to_account")
        if terms:
            _put(_add(root, "PaymentTerms"), "Note", terms)  # BT-20

    def _discount(self, root: ET.Element, line: InvoiceLine, vat: Vat) -> None:
        """BG-20; BG-21 where a discount is taken back."""
        at = self._allowance(root, self._name(line), line.line_amount)
        _vat(_add(at, "TaxCategory"), vat)

    def _allowance(self, parent: ET.Element, reason: str, amount: Decimal) -> ET.Element:
        at = _add(parent, "AllowanceCharge")
        _put(at, "ChargeIndicator", "true" if amount > 0 else "false")
        _put(at, "AllowanceChargeReason", reason)
        self._money(at, "Amount", abs(amount))
        return at

    def _taxes(self, root: ET.Element) -> None:
        total = _add(root, "TaxTotal")
        self._money(total, "TaxAmount", self.document.tax_amount)  # BT-110
        for row in self.breakdown:
            at = _add(total, "TaxSubtotal")  # BG-23
            self._money(at, "TaxableAmount", row.taxable_amount)  # BT-116
            self._money(at, "TaxAmount", row.tax_amount)  # BT-117
            _vat(_add(at, "TaxCategory"), row.vat, row)

    def _totals(self, root: ET.Element) -> None:
        document = self.document
        lines = sum((line.line_amount for line in document.charges), _ZERO)
        off = [line.line_amount for line in document.discounts]
        allowances = [-amount for amount in off if amount <= 0]
        charges = [amount for amount in off if amount > 0]
        with_tax = document.net_amount + document.tax_amount
        at = _add(root, "LegalMonetaryTotal")  # BG-22
        self._money(at, "LineExtensionAmount", lines)  # BT-106
        self._money(at, "TaxExclusiveAmount", document.net_amount)  # BT-109
        self._money(at, "TaxInclusiveAmount", with_tax)  # BT-112
        if allowances:
            self._money(at, "AllowanceTotalAmount", sum(allowances, _ZERO))  # BT-107
        if charges:
            self._money(at, "ChargeTotalAmount", sum(charges, _ZERO))  # BT-108
        if document.prepaid_amount:
            self._money(at, "PrepaidAmount", document.prepaid_amount)  # BT-113
        if document.rounding_amount:
            self._money(at, "PayableRoundingAmount", document.rounding_amount)  # BT-114
        self._money(at, "PayableAmount", document.due_amount)  # BT-115

    def _line(self, root: ET.Element, line: InvoiceLine, vat: Vat) -> None:
        at = _add(root, f"{self.kind}Line")  # BG-25
        unit = UNITS.get(line.unit_code or "", "C62")
        quantity, price, base = price_of(line)
        _put(at, "ID", str(line.line_no))  # BT-126
        _put(at, "Note", line_note(self.document, line, self.words))  # BT-127
        name = "CreditedQuantity" if self.document.is_credit_note else "InvoicedQuantity"
        _put(at, name, _plain(quantity), unitCode=unit)  # BT-129, BT-130
        self._money(at, "LineExtensionAmount", line.line_amount)  # BT-131
        if not self.document.is_late(line):
            _period(at, line.service_start_on, line.service_end_on)  # BG-26
        for allowance in line.allowances:
            self._allowance(at, allowance.reason, -allowance.amount)  # BG-27
        item = _add(at, "Item")
        _put(item, "Name", self._name(line))  # BT-153
        if line.charge_code or line.product_offering_id:
            identity = _add(item, "SellersItemIdentification")
            _put(identity, "ID", line.charge_code or line.product_offering_id)  # BT-155
        _vat(_add(item, "ClassifiedTaxCategory"), vat)  # BG-30
        for key, value in _properties(line):
            pair = _add(item, "AdditionalItemProperty")  # BG-32
            _put(pair, "Name", key)
            _put(pair, "Value", value)
        cost = _add(at, "Price")
        self._money(cost, "PriceAmount", price)  # BT-146
        if base != 1:
            _put(cost, "BaseQuantity", _plain(base), unitCode=unit)  # BT-149

    def _name(self, line: InvoiceLine) -> str:
        """The title of a line (BT-153, BT-97), or its kind where that has no letter of XML."""
        title = _printable(line_title(line, self.words)).strip()
        return title or line.charge_code or line.line_type

    def _money(self, parent: ET.Element, name: str, value: Decimal) -> None:
        text = _plain(value)
        whole, _, part = text.partition(".")
        least = min(minor_units(self.document.currency_code), 2)
        if len(part) < least:
            text = f"{whole}.{part.ljust(least, '0')}"
        _put(parent, name, text, currencyID=self.document.currency_code)


def price_of(line: InvoiceLine) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, price and quantity of the price, whose product is the line before its allowances.

    A price is never negative (BR-27): the sign of a line is on its quantity.
    """
    gross = line.line_amount + sum((one.amount for one in line.allowances), _ZERO)
    sign = Decimal(-1 if gross < 0 else 1)
    quantity = abs(line.quantity or _ZERO)
    price = None if line.unit_price_amount is None else abs(line.unit_price_amount)
    if price is not None and (quantity or not gross):
        product = (quantity * price).quantize(_CENT, rounding=ROUND_HALF_UP)
        if product == abs(gross):
            return sign * quantity, price, Decimal(1)
    if not quantity:
        return sign, abs(gross), Decimal(1)
    return sign * quantity, abs(gross), quantity


def _properties(line: InvoiceLine) -> list[tuple[str, str]]:
    found = {
        "subscription": line.subscription_label or line.subscription_id,
        "service": line.service_code,
        "zone": line.zone_code,
        "events": None if line.event_count is None else str(line.event_count),
        "origin_month": line.origin_month and f"{line.origin_month:%Y-%m}",
    }
    return [(key, value) for key, value in found.items() if value]


def _add(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"cac:{name}")


def _put(parent: ET.Element, name: str, text: str | None, **attributes: str) -> None:
    """A child with a text; nothing without one."""
    cleaned = _printable(text or "").strip()
    if cleaned:
        ET.SubElement(parent, f"cbc:{name}", attributes).text = cleaned


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else " " for one in text)


def _plain(value: Decimal) -> str:
    """All digits that matter, without an exponent and without `-0`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _period(parent: ET.Element, start_on: date | None, end_on: date | None) -> None:
    """Both days are part of the period; ours ends the day before `end_on`."""
    if start_on and end_on:
        at = _add(parent, "InvoicePeriod")
        _put(at, "StartDate", start_on.isoformat())
        _put(at, "EndDate", max(start_on, end_on - timedelta(days=1)).isoformat())


def _is_vat_number(tax_id: str, country_code: str | None) -> bool:
    """Whether it begins with the letters of its country, as BR-CO-09 wants a VAT number."""
    country = (country_code or "").upper()
    return tax_id[:2].upper() == _VAT_LETTERS.get(country, country)


def _tax_scheme(parent: ET.Element, company_id: str | None, scheme: str) -> None:
    _put(parent, "CompanyID", company_id)
    _put(_add(parent, "TaxScheme"), "ID", scheme)


def _vat(parent: ET.Element, vat: Vat, row: VatSubtotal | None = None) -> None:
    _put(parent, "ID", vat.category_code)
    if vat.category_code != "O":
        _put(parent, "Percent", _plain(vat.percent))
    if row is not None and vat.category_code not in ("S", "Z"):
        code, text = REASONS.get(vat.category_code, (None, None))
        _put(parent, "TaxExemptionReasonCode", code)  # BT-121
        _put(parent, "TaxExemptionReason", row.reason or text)  # BT-120
    _put(_add(parent, "TaxScheme"), "ID", "VAT")
