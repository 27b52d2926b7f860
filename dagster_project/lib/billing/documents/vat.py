"""The VAT of an e-invoice: every line has one category and rate, and the breakdown adds them up.

Tieout knows taxes by group, of which a line may have several; EN 16931 knows one VAT a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dagster_project.lib.billing.documents.checks import unsayable
from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine, TaxSubtotal

# code of the reason (BT-121) and its text where the catalogue gives none
REASONS = {
    "AE": ("VATEX-EU-AE", "Reverse charge"),
    "K": ("VATEX-EU-IC", "Intra-community supply"),
    "G": ("VATEX-EU-G", "Export outside the EU"),
    "O": ("VATEX-EU-O", "Not subject to VAT"),
}
OUTSIDE = TaxSubtotal("", "O", Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Vat:
    """Category (BT-118, BT-151) and rate in hundredths (BT-119, BT-152)."""

    category_code: str
    percent: Decimal


@dataclass
class VatSubtotal:
    """One row of the breakdown (BG-23)."""

    vat: Vat
    taxable_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    reason: str | None = None


def vat_of(document: InvoiceDocument, line: InvoiceLine) -> Vat:
    """Category and rate of a line; a line that no tax is on is outside the scope of VAT.

    Raises: DataError TIE-3082 for a line with two taxes.
    """
    taxes = document.taxes_of(line)
    kinds = {(tax.tax_category_code, tax.rate_ratio) for tax in taxes}
    if len(taxes) > 1:
        names = ", ".join(tax.tax_name for tax in taxes)
        unsayable(document, f"line {line.line_no} has {len(taxes)} taxes ({names}), VAT is one")
    category, ratio = next(iter(kinds), ("O", Decimal(0)))
    return Vat(category, (ratio * 100).normalize() if ratio else Decimal(0))


def break_down(document: InvoiceDocument, vats: dict[int, Vat]) -> list[VatSubtotal]:
    """Taxes with one category and rate as one row, in the order of category and rate.

    Args: vats: category and rate of each line, by its place.
    Raises: DataError TIE-3082 where a tax was taken of something else than its lines.
    """
    rows: dict[Vat, VatSubtotal] = {}
    for tax in document.taxes:
        percent = (tax.rate_ratio * 100).normalize() if tax.rate_ratio else Decimal(0)
        vat = Vat(tax.tax_category_code, percent)
        row = rows.setdefault(vat, VatSubtotal(vat))
        row.taxable_amount += tax.taxable_amount
        row.tax_amount += tax.tax_amount
        row.reason = row.reason or tax.exemption_reason
    sums: dict[Vat, Decimal] = {}
    for place, line in enumerate(document.lines):
        sums[vats[place]] = sums.get(vats[place], Decimal(0)) + line.line_amount
    for vat, amount in sums.items():
        if vat not in rows and vat.category_code == "O":
            rows[vat] = VatSubtotal(vat, amount)
        if rows[vat].taxable_amount != amount:
            told = f"{vat.category_code} {vat.percent:f} %"
            unsayable(
                document,
                f"VAT {told} is taken of {rows[vat].taxable_amount}, its lines are {amount}",
            )
    kept = {vat: row for vat, row in rows.items() if vat in sums or row.taxable_amount}
    if len(kept) > 1 and any(vat.category_code == "O" for vat in kept):
        unsayable(document, "some lines have a VAT, others are outside its scope (O)")
    return [kept[vat] for vat in sorted(kept, key=lambda v: (v.category_code, v.percent))]
