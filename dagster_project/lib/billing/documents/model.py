"""What an invoice or a credit note says, before it is drawn.

The bill run fills it, nothing is computed here. Amounts are those of the models, in the currency of
the document and booked to its minor unit; on a credit note they are positive and mean what is given
back. Days follow the house: an `_end_on` is the day after the last one. The BT numbers are the
terms of EN 16931 that a field becomes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Party:
    """Seller or buyer: who they are and where they live.

    Attributes: party_id (our id of an account or legal entity); tax_id (BT-31, BT-48 with the
    letters of a country before it, otherwise BT-32, BT-47); registration_id (BT-30, BT-47);
    iban (of a seller BT-84, paid to; of a buyer BT-91, debited); bic (BT-86), creditor_id (BT-90),
    both of sellers alone.
    """

    party_id: str
    name: str
    street_address: str | None = None
    city_name: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    tax_id: str | None = None
    registration_id: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    iban: str | None = None
    bic: str | None = None
    creditor_id: str | None = None


@dataclass(frozen=True)
class LineAllowance:
    """A discount inside a line (BG-27): what came off, positive, and why."""

    reason: str
    amount: Decimal


@dataclass(frozen=True)
class InvoiceLine:
    """One line, as `fct_expected_invoice_lines` has it.

    Attributes: line_key (expected_line_key); line_type (recurring, usage, one_off, minimum,
    discount, rounding; a discount is negative and becomes an allowance of the document, BG-20);
    line_amount (net of tax, after the allowances of the line); subscription_label (what the
    customer knows it by, the number mostly); origin_month (month the usage is of; before the
    billing month it came late); event_count.
    """

    line_no: int
    line_type: str
    description: str
    line_amount: Decimal
    line_key: str = ""
    quantity: Decimal | None = None
    unit_code: str | None = None
    unit_price_amount: Decimal | None = None
    tax_group_code: str | None = None
    charge_code: str | None = None
    service_code: str | None = None
    zone_code: str | None = None
    subscription_id: str | None = None
    subscription_label: str | None = None
    product_offering_id: str | None = None
    discount_id: str | None = None
    service_start_on: date | None = None
    service_end_on: date | None = None
    origin_month: date | None = None
    event_count: int | None = None
    allowances: tuple[LineAllowance, ...] = ()


@dataclass(frozen=True)
class TaxSubtotal:
    """One tax of the document (BG-23), as `fct_expected_taxes` has it.

    Attributes: tax_group_code (the lines it is charged on; `*` is all of them);
    tax_category_code (S, Z, E, AE, K, G, O); rate_ratio (0 to 1); exemption_reason (BT-120).
    """

    tax_name: str
    tax_category_code: str
    rate_ratio: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal
    tax_group_code: str = "*"
    exemption_reason: str | None = None
    jurisdiction_code: str | None = None


@dataclass(frozen=True)
class UsageRecord:
    """One event behind a usage line, as `int_billing__rated_events` has it; started_at is local.

    Attributes: line_key (the line that charges it); quantity, included_quantity (in unit_code:
    second, byte, event; the second is what an allowance paid for); charge_amount (as rated, up to
    six decimals).
    """

    line_key: str
    started_at: datetime
    service_code: str
    quantity: Decimal
    unit_code: str
    charge_amount: Decimal
    included_quantity: Decimal = ZERO
    other_party_number: str | None = None
    zone_code: str | None = None
    time_band_code: str | None = None
    subscription_label: str | None = None


@dataclass(frozen=True)
class Payment:
    """Money that came in since the invoice before."""

    paid_on: date
    amount: Decimal
    payment_id: str = ""


@dataclass(frozen=True)
class CorrectedInvoice:
    """What a credit note takes back (BT-25, BT-26), and why."""

    number: str
    issued_on: date
    reason: str | None = None


@dataclass(frozen=True)
class InvoiceDocument:
    """An issued invoice or credit note, with all that its PDF, UBL and JSON need.

    Attributes: total_amount (net, tax and rounding); prepaid_amount (BT-113, what is already paid
    of this document); rounding_amount (BT-114); previous_balance_amount (owed before this
    document; None leaves the account out of the PDF); masks_other_party (whether the usage detail
    hides the last digits of the numbers that were called); messages (own words for page 1; the
    texts on late usage and on corrections write themselves); direct_debit_mandate_id (BT-89).
    """

    number: str
    issued_on: date
    seller: Party
    buyer: Party
    currency_code: str
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxSubtotal, ...]
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    document_type: str = INVOICE
    account_id: str = ""
    billing_month: date | None = None
    period_start_on: date | None = None
    period_end_on: date | None = None
    due_on: date | None = None
    language_code: str = "en"
    rounding_amount: Decimal = ZERO
    prepaid_amount: Decimal = ZERO
    payment_terms: str | None = None
    direct_debit_mandate_id: str | None = None
    buyer_reference: str | None = None
    bill_cycle_code: str | None = None
    previous_balance_amount: Decimal | None = None
    payments: tuple[Payment, ...] = ()
    corrected_invoice: CorrectedInvoice | None = None
    messages: tuple[str, ...] = ()
    usage: tuple[UsageRecord, ...] = field(default=(), repr=False)
    masks_other_party: bool = True

    @property
    def is_credit_note(self) -> bool:
        """Whether money is given back."""
        return self.document_type == CREDIT_NOTE

    @property
    def due_amount(self) -> Decimal:
        """What is to be paid for this document (BT-115)."""
        return self.total_amount - self.prepaid_amount

    @property
    def charges(self) -> tuple[InvoiceLine, ...]:
        """The lines but for discounts (BG-25)."""
        return tuple(line for line in self.lines if line.line_type != "discount")

    @property
    def discounts(self) -> tuple[InvoiceLine, ...]:
        """The discounts of the document (BG-20), negative."""
        return tuple(line for line in self.lines if line.line_type == "discount")

    def is_late(self, line: InvoiceLine) -> bool:
        """Whether a line is of a month before the one that is billed."""
        month = self.billing_month
        return bool(month and line.origin_month and line.origin_month < month)

    def taxes_of(self, line: InvoiceLine) -> tuple[TaxSubtotal, ...]:
        """The taxes that a line's amount is part of."""
        return tuple(t for t in self.taxes if t.tax_group_code in ("*", line.tax_group_code or "*"))
