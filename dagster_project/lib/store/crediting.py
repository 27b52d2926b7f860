"""What a credit note takes back: an invoice, what is left of it, or an amount of one line.

Money is whole micro-units. A share is always that of everything credited so far, less what earlier
notes have of it: so the notes of an invoice add up to it exactly, in whatever steps it is credited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import sqlalchemy as sa

from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.money import minor_units, show
from dagster_project.lib.store.billing_tables import issued_invoices, issued_lines, issued_taxes

Row = Mapping[str, Any]
CREDIT_NOTE, INVOICE = "credit_note", "invoice"
_KEPT = ("unit_price_micros",)


@dataclass(frozen=True)
class CreditPart:
    """A line that is credited, and how much of it before tax; None is all that is left of it.

    The discounts taken off this line alone are a part of it: the amount is what is left after them.
    """

    line_no: int
    micros: int | None = None


@dataclass(frozen=True)
class CreditNote:
    """The invoice, and the rows of its next credit note, but for number, date and people."""

    invoice: Row
    head: Row
    lines: Sequence[Row]
    taxes: Sequence[Row]


class _Standing:
    """An issued invoice with the sums of its credit notes by line and tax; notes are negative."""

    def __init__(self, connection: sa.Connection, found: Row) -> None:
        self.found = found
        same = issued_invoices.c.corrects_invoice_number == found["invoice_number"]
        query = sa.select(issued_invoices).where(same).order_by(issued_invoices.c.part_no)
        self.notes = [dict(row._mapping) for row in connection.execute(query)]
        ids = [note["invoice_id"] for note in self.notes]
        self.lines = _rows(connection, issued_lines, "line_no", [found["invoice_id"]])
        self.taxes = _rows(connection, issued_taxes, "tax_no", [found["invoice_id"]])
        self.lines_gone = _sums(_rows(connection, issued_lines, "line_no", ids), "line_no")
        self.taxes_gone = _sums(_rows(connection, issued_taxes, "tax_no", ids), "tax_no")
        self.step = 10 ** (6 - minor_units(found["currency_code"]))

    def gone(self, lines: Iterable[Row]) -> int:
        """What notes before gave back of these lines, positive."""
        return -sum(_of(self.lines_gone, line["line_no"], "line_micros") for line in lines)

    def is_touched(self, line: Row) -> bool:
        """Whether a note before gave back something of a line."""
        return line["line_no"] in self.lines_gone

    def group(self, tax: Row) -> list[Row]:
        """The lines that a tax is taken of."""
        code = tax["tax_group_code"] or "*"
        return [line for line in self.lines if code in ("*", line["tax_group_code"] or "*")]

    def share(self, micros: int, credited: int, whole: int) -> int:
        """The part of an amount, rounded half away from zero to the minor unit; all of it exact."""
        if credited == whole:
            return micros
        scaled, unit = micros * credited, whole * self.step
        rounded: int = (2 * abs(scaled) + abs(unit)) // (2 * abs(unit)) * self.step
        return rounded if (scaled < 0) == (unit < 0) else -rounded


def next_credit_note(connection: sa.Connection, number: str, part: CreditPart | None) -> CreditNote:
    """The rows of the credit note for an invoice, or for a part of it.

    Raises: DataError when there is no such invoice, or less is left of it; UsageError for a line
        that it does not have, or an amount that is none of its currency.
    """
    standing = _Standing(connection, _find_to_credit(connection, number))
    if standing.notes and not standing.notes[-1]["is_part"]:
        what = f"it was credited before, by {standing.notes[-1]['invoice_number']}"
        _refuse("TIE-3067", what, number, "nothing is left to be credited")
    lines, taxes, amounts = _rest(standing) if part is None else _part(standing, part)
    found = standing.found
    head = {
        **found,
        **amounts,
        "document_type": CREDIT_NOTE,
        "corrects_invoice_number": number,
        "part_no": len(standing.notes),
        "is_part": part is not None and _is_something_left(standing, lines, taxes, amounts),
        "line_count": len(lines),
        "draft_no": None,
        "due_on": None,
    }
    return CreditNote(found, head, lines, taxes)


def _rest(standing: _Standing) -> tuple[list[Row], list[Row], dict[str, int]]:
    """Everything that no note took back yet, turned round; prices stay."""
    lines = [_of_line(standing, line, -_left(standing, line)) for line in standing.lines]
    taxes: list[Row] = [
        _turned(tax, standing.taxes_gone.get(tax["tax_no"], {}))
        for tax in standing.taxes
        if not standing.notes or any(_tax_left(standing, tax))
    ]
    head = {name: value for name, value in standing.found.items() if name.endswith("_micros")}
    gone = {name: sum(note[name] for note in standing.notes) for name in head}
    kept = [line for line in lines if line["line_micros"] or not standing.is_touched(line)]
    return kept, taxes, _turned(head, gone)


def _part(standing: _Standing, part: CreditPart) -> tuple[list[Row], list[Row], dict[str, int]]:
    """An amount of one line and its own discounts, with its share of each tax."""
    own = _own_lines(standing, part.line_no)
    wanted = _wanted(standing, own, part)
    whole = sum(line["line_micros"] for line in own)
    credited = standing.gone(own) + wanted
    shares = [standing.share(line["line_micros"], credited, whole) for line in own[1:]]
    shares = [credited - sum(shares), *shares]
    lines = [
        _of_line(standing, line, standing.gone([line]) - share)
        for line, share in zip(own, shares, strict=True)
    ]
    lines = [line for line in lines if line["line_micros"]]
    taxes = [
        tax
        for tax in (_of_tax(standing, tax, lines) for tax in standing.taxes)
        if tax["taxable_micros"] or tax["tax_micros"]
    ]
    amounts = dict.fromkeys((n for n in standing.found if n.endswith("_micros")), 0)
    off = sum(line["line_micros"] for line in lines if line["line_type"] == "discount")
    tax_micros = sum(tax["tax_micros"] for tax in taxes)
    amounts |= {"gross_micros": -wanted - off, "discount_micros": -off, "net_micros": -wanted}
    amounts |= {"tax_micros": tax_micros, "total_micros": tax_micros - wanted}
    return lines, taxes, amounts


def _own_lines(standing: _Standing, line_no: int) -> list[Row]:
    """The line and the discounts that are taken off it alone."""
    number = standing.found["invoice_number"]
    line = next((one for one in standing.lines if one["line_no"] == line_no), None)
    if line is None or line["line_type"] == "discount":
        what = "is a discount" if line else "is not on the invoice"
        _refuse_use(
            f"line {line_no} {what}",
            number,
            "name the line of a charge: `tieout invoice NUMBER` lists them; its own discounts go "
            "with it",
        )
    key = line["expected_line_key"]
    return [
        line,
        *(
            one
            for one in standing.lines
            if one["line_type"] == "discount"
            and one["expected_line_key"] == f"{key}|{one['discount_id']}"
        ),
    ]


def _wanted(standing: _Standing, own: Sequence[Row], part: CreditPart) -> int:
    """What is to be given back before tax, at most what is left of line, tax group and invoice."""
    found, number = standing.found, standing.found["invoice_number"]
    groups = [group for group in map(standing.group, standing.taxes) if own[0] in group]
    left = sum(line["line_micros"] for line in own) - standing.gone(own)
    limits = [left, found["net_micros"] - standing.gone(standing.lines)]
    limits += [sum(one["line_micros"] for one in group) - standing.gone(group) for group in groups]
    wanted = left if part.micros is None else part.micros
    most = _say(min(limits), found)
    if wanted > min(limits) or left <= 0:
        what = f"line {part.line_no} cannot be credited with {_say(wanted, found)}"
        fix = f"at most {most} before tax is left of it and of what was taken off with it"
        _refuse("TIE-3072", what, number, fix)
    if wanted <= 0 or (wanted % standing.step and wanted != left):
        digits = minor_units(found["currency_code"])
        _refuse_use(
            f"{Decimal(wanted).scaleb(-6):f} is not an amount that can be credited",
            number,
            f"more than nothing, at most {most}, with at most {digits} decimals",
        )
    return wanted


def _of_line(standing: _Standing, line: Row, micros: int) -> Row:
    """A line of the note: the invoice's where all of it is taken back at once."""
    if micros == -line["line_micros"] and not standing.is_touched(line):
        return _turned(line, {})
    is_last = _left(standing, line) + micros == 0
    amounts = (-micros, line["line_micros"], standing.gone([line]))
    texts = [_say(one, standing.found) for one in amounts]
    return {
        **line,
        "line_micros": micros,
        "quantity_micros": None,
        "unit_code": None,
        "unit_price_micros": None,
        # the events go with the note that takes the last of the line back
        "event_count": line["event_count"] if is_last or line["event_count"] is None else 0,
        "arithmetic": f"{texts[0]} of {texts[1]}, of which {texts[2]} was credited before",
    }


def _of_tax(standing: _Standing, tax: Row, lines: Sequence[Row]) -> Row:
    """The share of a tax that these lines of the note have."""
    group = standing.group(tax)
    numbers = {line["line_no"] for line in group}
    now = -sum(line["line_micros"] for line in lines if line["line_no"] in numbers)
    if not now:
        return {**tax, "taxable_micros": 0, "tax_micros": 0}
    whole, credited = sum(line["line_micros"] for line in group), standing.gone(group) + now
    shares = {
        name: standing.share(tax[name], credited, whole)
        for name in ("taxable_micros", "tax_micros")
    }
    if tax["taxable_micros"] == whole:
        shares["taxable_micros"] = credited
    gone = {name: _of(standing.taxes_gone, tax["tax_no"], name) for name in shares}
    return {**tax, **{name: -share - gone[name] for name, share in shares.items()}}


def _is_something_left(
    standing: _Standing, lines: Sequence[Row], taxes: Sequence[Row], amounts: Row
) -> bool:
    """Whether the invoice still stands for something after this note."""
    now = {line["line_no"]: line["line_micros"] for line in lines}
    by_tax = {tax["tax_no"]: tax["tax_micros"] for tax in taxes}
    total = standing.found["total_micros"] + sum(note["total_micros"] for note in standing.notes)
    return (
        total + amounts["total_micros"] != 0
        or any(_left(standing, line) + now.get(line["line_no"], 0) for line in standing.lines)
        or any(_tax_left(standing, t)[1] + by_tax.get(t["tax_no"], 0) for t in standing.taxes)
    )


def _left(standing: _Standing, line: Row) -> int:
    return int(line["line_micros"]) - standing.gone([line])


def _tax_left(standing: _Standing, tax: Row) -> tuple[int, int]:
    taxable, micros = (
        tax[name] + _of(standing.taxes_gone, tax["tax_no"], name)
        for name in ("taxable_micros", "tax_micros")
    )
    return taxable, micros


def _turned(row: Mapping[Any, Any], gone: Mapping[str, int]) -> dict[str, Any]:
    """A row with every amount, less what is gone of it, turned round; prices stay."""
    return {
        name: -(value + gone.get(name, 0))
        if value is not None and name.endswith("_micros") and name not in _KEPT
        else value
        for name, value in row.items()
    }


def _rows(
    connection: sa.Connection, table: sa.Table, order: str, invoice_ids: Sequence[str]
) -> list[dict[str, Any]]:
    query = sa.select(table).where(table.c.invoice_id.in_(invoice_ids)).order_by(table.c[order])
    return [dict(row._mapping) for row in connection.execute(query)]


def _sums(rows: Iterable[Row], by: str) -> dict[int, dict[str, int]]:
    """Sums of the amounts by line or tax."""
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        sums = found.setdefault(row[by], {})
        for name, value in row.items():
            if name.endswith("_micros") and value is not None:
                sums[name] = sums.get(name, 0) + value
    return found


def _of(sums: Mapping[int, Mapping[str, int]], number: int, name: str) -> int:
    return sums.get(number, {}).get(name, 0)


def _find_to_credit(connection: sa.Connection, number: str) -> Row:
    condition = issued_invoices.c.invoice_number == number
    row = connection.execute(sa.select(issued_invoices).where(condition)).one_or_none()
    if row is None:
        fix = "give the number of an issued invoice: `tieout bill status RUN` lists them"
        _refuse("TIE-3065", "there is no such invoice", number, fix)
    if row.document_type != INVOICE:
        fix = f"bill the month again: `tieout bill --account {row.account_id}`"
        _refuse("TIE-3066", "a credit note is not credited", number, fix)
    return dict(row._mapping)


def _say(micros: int, found: Row) -> str:
    return show(Decimal(micros).scaleb(-6), found["currency_code"])


def _refuse(code: str, what: str, number: str, fix: str) -> NoReturn:
    where = f"invoice {number}"
    raise DataError(code, what, where=where, effect="no credit note was issued", fix=fix)


def _refuse_use(what: str, number: str, fix: str) -> NoReturn:
    where = f"invoice {number}"
    raise UsageError("TIE-2067", what, where=where, effect="no credit note was issued", fix=fix)
