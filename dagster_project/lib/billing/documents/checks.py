"""What must hold before a document is drawn: totals tie, an e-invoice has what EN 16931 asks.

Nothing is filled in or rounded here: a document that does not add up was computed wrongly before.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from dagster_project.lib.billing.documents.model import InvoiceDocument, Party
from dagster_project.lib.errors import DataError

_EFFECT = "the document was not written; the invoice itself and its number stand"
# categories in which the buyer owes the tax or must be known to the tax office
_BUYER_IS_KNOWN = {"AE": "registration", "K": "VAT number"}


def check_totals(document: InvoiceDocument) -> None:
    """Lines add up to net, taxes to tax, and net, tax and rounding to the total.

    Raises: DataError TIE-3080, naming the document, the total and both figures.
    """
    ties = {
        "net_amount": (document.net_amount, sum(line.line_amount for line in document.lines)),
        "tax_amount": (document.tax_amount, sum(tax.tax_amount for tax in document.taxes)),
        "total_amount": (
            document.total_amount,
            document.net_amount + document.tax_amount + document.rounding_amount,
        ),
    }
    for name, (told, found) in ties.items():
        if told != found:
            raise DataError(
                "TIE-3080",
                f"{document.number} does not add up: {name} is {told}, its parts are {found}",
                where=f"{document.number}, {name}, account {document.account_id}",
                effect=_EFFECT,
                fix="build the bill again; if it stays, the models and this document disagree",
            )


def check_einvoice(document: InvoiceDocument) -> None:
    """What EN 16931 demands of seller, buyer, amounts and taxes is there.

    Raises: DataError TIE-3081 for a field that is missing, TIE-3082 for what the standard cannot
    say: an amount with three decimals, a line with two taxes, tax on another base than the lines.
    """
    _check_party(document, document.seller, "seller")
    _check_party(document, document.buyer, "buyer")
    categories = {tax.tax_category_code for tax in document.taxes}
    if categories - {"O"} and not (document.seller.tax_id or "").strip():
        _missing(document, "seller.tax_id", f"tax of category {', '.join(sorted(categories))}")
    for category in sorted(categories & set(_BUYER_IS_KNOWN)):
        if not document.buyer.tax_id and (category == "K" or not document.buyer.registration_id):
            _missing(document, "buyer.tax_id", f"tax of category {category}")
    for tax in document.taxes:
        if tax.tax_category_code == "E" and not (tax.exemption_reason or "").strip():
            _missing(document, "taxes.exemption_reason", f"{tax.tax_name}, which is exempt")
    owed = document.due_amount > 0 and not document.is_credit_note
    if owed and not (document.due_on or document.payment_terms):
        _missing(document, "due_on", "an amount that is to be paid")
    if document.is_credit_note and not document.corrected_invoice:
        _missing(document, "corrected_invoice", "a credit note")
    _check_decimals(document)


def _check_party(document: InvoiceDocument, party: Party, role: str) -> None:
    for name in ("name", "country_code"):
        if not (getattr(party, name) or "").strip():
            _missing(document, f"{role}.{name}", f"{role} {party.party_id}")
    if not (party.street_address or party.city_name or "").strip():
        _missing(document, f"{role}.street_address", f"{role} {party.party_id}")


def _missing(document: InvoiceDocument, name: str, what: str) -> None:
    feed = "legal_entities" if name.startswith("seller") else "accounts"
    if not name.startswith(("seller", "buyer")):
        feed = "tax_rates" if name.startswith("taxes") else "bill run"
    raise DataError(
        "TIE-3081",
        f"{document.number} cannot be an e-invoice: {name} is missing",
        where=f"{document.number}, {name}, needed for {what}",
        effect=_EFFECT,
        fix=f"deliver {name.rpartition('.')[2]} in {feed}, then ask for the document again",
    )


def _check_decimals(document: InvoiceDocument) -> None:
    """BR-DEC: an e-invoice has two decimals, whatever the currency (unit prices may have more)."""
    for name, value in _amounts(document):
        if value != value.quantize(Decimal("0.01")):
            unsayable(document, f"{name} {value.normalize():f} has more than two decimals")


def _amounts(document: InvoiceDocument) -> Iterable[tuple[str, Decimal]]:
    for name in ("net_amount", "tax_amount", "total_amount", "rounding_amount", "prepaid_amount"):
        yield name, getattr(document, name)
    for line in document.lines:
        yield f"line {line.line_no}", line.line_amount
    for tax in document.taxes:
        yield f"base of {tax.tax_name}", tax.taxable_amount
        yield tax.tax_name, tax.tax_amount


def unsayable(document: InvoiceDocument, what: str) -> None:
    """Refuse what EN 16931 has no place for.

    Raises: DataError TIE-3082, always.
    """
    raise DataError(
        "TIE-3082",
        f"{document.number} cannot be said in EN 16931: {what}",
        where=f"{document.number}, account {document.account_id}",
        effect="no UBL was written; PDF and JSON can be",
        fix="send the PDF, or bill in a way that the standard knows (docs/invoices.md)",
    )
