"""The pages of a document as ready texts: which groups, rows and totals invoice.typ draws.

The template sets type and nothing else; every figure here was computed by the models, but for the
sums by group and service that a reader would make with a pencil.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dagster_project.lib.billing.documents.messages import line_note, line_title, messages
from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine, Party
from dagster_project.lib.billing.documents.quantities import show_quantity
from dagster_project.lib.billing.documents.ubl import price_of
from dagster_project.lib.billing.documents.usage_pages import usage_pages
from dagster_project.lib.billing.documents.words import Words

Texts = dict[str, Any]
# what page 1 has room for, in rows of the charges; more leaves it to the sums of the groups
_ROOM = Decimal(27)
_SMALL_ROW = Decimal("0.8")
_HEADING = Decimal("1.5")
_GROUPS = ("recurring", "usage", "one_off", "minimum", "late", "rounding", "discount")


def lay_out(document: InvoiceDocument, words: Words) -> Texts:
    """All texts of the document, in the order in which they are read."""
    kind = "credit_note" if document.is_credit_note else "invoice"
    return {
        "language": words.locale.language,
        "title": words(kind),
        "number": document.number,
        "is_credit_note": document.is_credit_note,
        "seller": _party(document.seller, words),
        "buyer": _party(document.buyer, words),
        "billed_to": words("billed_to"),
        "facts": _facts(document, words),
        "hero": _hero(document, words),
        "messages": {"title": words("messages"), "texts": messages(document, words)},
        "charges": _charges(document, words),
        "totals": _totals(document, words),
        "taxes": _taxes(document, words),
        "account": _account(document, words),
        "payment": _payment(document, words),
        "usage": usage_pages(document, words),
        "page": words("page", page="{page}", pages="{pages}"),
        "footer": _footer(document.seller, words),
        "continued": words("continued"),
    }


def _party(party: Party, words: Words) -> Texts:
    place = " ".join(part for part in (party.postal_code, party.city_name) if part)
    country = words.locale.territories.get(party.country_code or "", party.country_code)
    lines = [party.street_address, place, country]
    return {"name": party.name, "lines": [line for line in lines if line]}


def _facts(document: InvoiceDocument, words: Words) -> list[list[str]]:
    period = days(document.period_start_on, document.period_end_on, words)
    facts = [
        ("number", document.number),
        ("issued_on", words.day(document.issued_on)),
        ("period", period),
        ("due_on", words.day(document.due_on) if document.due_on else ""),
        ("account", document.account_id or document.buyer.party_id),
        ("buyer_reference", document.buyer_reference or ""),
        ("tax_id", document.buyer.tax_id or ""),
    ]
    return [[words(key), text] for key, text in facts if text]


def _hero(document: InvoiceDocument, words: Words) -> Texts:
    """The one figure that a reader looks for."""
    due = document.due_amount
    if document.is_credit_note:
        return {"label": words("credited"), "amount": words.price(document.total_amount), "by": ""}
    if due <= 0:
        label = words("to_get") if due < 0 else words("nothing_to_pay")
        return {"label": label, "amount": words.price(abs(due)), "by": ""}
    # what is collected is not to be paid a second time
    label, key = ("to_pay", "pay_by")
    if document.direct_debit_mandate_id:
        label, key = ("to_collect", "collected_on")
    by = words(key, date=words.day(document.due_on)) if document.due_on else ""
    return {"label": words(label), "amount": words.price(due), "by": by}


def group_of(document: InvoiceDocument, line: InvoiceLine) -> str:
    """Under which heading a line stands."""
    if document.is_late(line) and line.line_type != "discount":
        return "late"
    return line.line_type if line.line_type in _GROUPS else "one_off"


def _charges(document: InvoiceDocument, words: Words) -> Texts:
    groups = []
    for name in _GROUPS:
        lines = [line for line in document.lines if group_of(document, line) == name]
        if lines:
            title = words(f"group_{name}")
            total = sum((line.line_amount for line in lines), Decimal(0))
            count = Decimal(len(lines))
            groups.append(
                {
                    "title": title,
                    "count": words.counted("lines_count", count).format(count=words.number(count)),
                    "total": words.amount(total),
                    "rows": [_row(document, line, words) for line in lines],
                }
            )
    heads = ("line_no", "description", "quantity", "unit_price", "amount")
    return {
        "title": words("charges"),
        "summary": words("summary"),
        "heads": [words(head) for head in heads],
        "groups": groups,
        "is_on_page_one": _fits(document, groups, words),
    }


def _fits(document: InvoiceDocument, groups: list[Texts], words: Words) -> bool:
    """Whether all lines have room beside what else stands on page 1, long texts at a guess."""
    rows = [row for group in groups for row in group["rows"]]
    small = sum(bool(row["below"]) + len(row["off"]) for row in rows)
    wrapped = sum(len(row["text"]) // 60 for row in rows)
    others = sum(1 + len(text) // 95 for text in messages(document, words))
    others += max(len(document.taxes) - 2, 0) * 2 + max(len(document.payments) - 1, 0)
    needed = len(rows) + wrapped + others + small * _SMALL_ROW + len(groups) * _HEADING
    return needed <= _ROOM


def _row(document: InvoiceDocument, line: InvoiceLine, words: Words) -> Texts:
    is_of_period = (line.service_start_on, line.service_end_on) == (
        document.period_start_on,
        document.period_end_on,
    )
    below = [
        line.subscription_label,
        "" if is_of_period else days(line.service_start_on, line.service_end_on, words),
        line_note(document, line, words),
    ]
    off = [
        f"{words('line_discount', reason=one.reason)}: {words.amount(-one.amount)}"
        for one in line.allowances
    ]
    unit_price = ""
    quantity, price, base = price_of(line)
    if line.unit_price_amount is not None and base == 1 and line.unit_code not in _TINY_UNITS:
        unit_price = words.amount(price)
    return {
        "no": str(line.line_no),
        "text": line_title(line, words),
        "below": " · ".join(text for text in below if text),
        "off": off,
        "quantity": ""
        if line.quantity is None
        else show_quantity(quantity, line.unit_code, words, is_alone=True),
        "price": unit_price,
        "amount": words.amount(line.line_amount),
    }


_TINY_UNITS = ("second", "byte")


def _totals(document: InvoiceDocument, words: Words) -> list[Texts]:
    rows = [("net", document.net_amount), ("tax", document.tax_amount)]
    if document.rounding_amount:
        rows.append(("rounding", document.rounding_amount))
    found: list[Texts] = [
        {"label": words(key), "amount": words.amount(value)} for key, value in rows
    ]
    key = "total_credit_note" if document.is_credit_note else "total_invoice"
    total = words.amount(document.total_amount)
    found.append({"label": words(key), "amount": total, "is_strong": True})
    if document.prepaid_amount:
        paid, due = document.prepaid_amount, document.due_amount
        found.append({"label": words("prepaid"), "amount": words.amount(-paid)})
        label = words("to_get") if due < 0 else words("to_pay")
        found.append({"label": label, "amount": words.amount(abs(due)), "is_strong": True})
    return found


def _taxes(document: InvoiceDocument, words: Words) -> Texts:
    heads = ("tax_table", "tax_rate", "taxable", "amount")
    rows = []
    for tax in document.taxes:
        key = f"category_{tax.tax_category_code}"
        category = words(key) if words.has(key) else tax.tax_category_code
        rows.append(
            {
                "name": tax.tax_name,
                "below": " · ".join(text for text in (category, tax.exemption_reason) if text),
                "cells": [
                    f"{words.number(tax.rate_ratio * 100)} %",
                    words.amount(tax.taxable_amount),
                    words.amount(tax.tax_amount),
                ],
            }
        )
    return {"heads": [words(head) for head in heads], "rows": rows}


def _account(document: InvoiceDocument, words: Words) -> Texts | None:
    """What was owed before and what came in; None where the account is not told."""
    before = document.previous_balance_amount
    if before is None:
        return None
    rows = [[words("previous_balance"), words.amount(before)]]
    for paid in document.payments:
        label = words("payment_received", date=words.day(paid.paid_on))
        rows.append([label, words.amount(-paid.amount)])
    sign = -1 if document.is_credit_note else 1
    key = "total_credit_note" if document.is_credit_note else "total_invoice"
    rows.append([words(key), words.amount(sign * document.due_amount)])
    received = sum((paid.amount for paid in document.payments), Decimal(0))
    after = before - received + sign * document.due_amount
    total = [words("balance_after"), words.amount(after)]
    return {"title": words("account_title"), "rows": rows, "total": total}


def _payment(document: InvoiceDocument, words: Words) -> Texts | None:
    """Where the money goes; None where none is to be paid."""
    if document.is_credit_note or document.due_amount <= 0:
        return None
    seller = document.seller
    mandate = document.direct_debit_mandate_id
    text, rows = document.payment_terms or "", []
    if mandate:
        on = document.due_on and words.day(document.due_on)
        debit = (
            words("debited_on", date=on, mandate=mandate)
            if on
            else words("debited", mandate=mandate)
        )
        text = f"{debit} {text}".strip()
        rows = [
            [words("debited_account"), masked(document.buyer.iban or "")],
            [words("creditor_id"), seller.creditor_id or ""],
        ]
    elif seller.iban:
        rows = [
            [words("pay_to"), seller.name],
            [words("iban"), in_fours(seller.iban)],
            [words("bic"), seller.bic or ""],
            [words("reference"), document.number],
        ]
    if not rows and not text:
        return None
    return {
        "title": words("payment_title"),
        "rows": [row for row in rows if row[1]],
        "text": text,
    }


def _footer(seller: Party, words: Words) -> list[str]:
    parts: Iterable[str | None] = (
        seller.name,
        seller.registration_id and f"{words('registration_id')}: {seller.registration_id}",
        seller.tax_id and f"{words('tax_id')}: {seller.tax_id}",
        seller.phone,
        seller.email,
        seller.website,
    )
    return [part for part in parts if part]


def masked(iban: str) -> str:
    """An IBAN that its owner knows and a finder of the letter cannot use."""
    plain = iban.replace(" ", "")
    return f"{plain[:4]} … {plain[-4:]}" if plain else ""


def in_fours(iban: str) -> str:
    """An IBAN as people read it."""
    plain = iban.replace(" ", "")
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def days(start_on: date | None, end_on: date | None, words: Words) -> str:
    """First and last day; ours ends the day before `end_on`."""
    if not start_on:
        return ""
    last = max(start_on, end_on - timedelta(days=1)) if end_on else start_on
    if last == start_on:
        return words.short_day(start_on)
    return f"{words.short_day(start_on)} – {words.short_day(last)}"
