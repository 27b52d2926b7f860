"""Issues invoices and credit notes: numbers without gaps, nothing twice, nothing half.

A number is taken in the transaction that writes its document, so a process that dies gives both
back. A whole run claims its bills before its first number; from then on it can only be finished.
Whoever dies in between is followed by the same run again, which goes on behind what is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dagster_project.lib.errors import DataError, LockedError
from dagster_project.lib.store.bill_runs import write_event
from dagster_project.lib.store.billing_tables import (
    bill_run_claims,
    bill_runs,
    billing_locks,
    issued_invoices,
    issued_lines,
    issued_taxes,
    number_sequences,
)
from dagster_project.lib.store.crediting import CREDIT_NOTE, CreditPart, next_credit_note

Row = Mapping[str, Any]
# legal entity, year and running number, with the seller's own words -> the number as it is printed
NumberOf = Callable[[Row, int, int], str]
# what the lines and taxes of a document repeat of it
_SHARED = ("invoice_id", "document_type", "correction_no", "part_no")


@dataclass(frozen=True)
class NewDocument:
    """A document without number: its row, and those of its lines and taxes."""

    invoice: Row
    lines: Sequence[Row]
    taxes: Sequence[Row]


@dataclass(frozen=True)
class Stamp:
    """Who issues, when, and the date on the documents."""

    actor: str
    at: datetime
    issued_on: date


class Issuer:
    """Writes documents into the store. Nothing it wrote is ever changed."""

    def __init__(self, engine: sa.Engine, number_of: NumberOf) -> None:
        """Use the given store and the house's way to print a number."""
        self._engine = engine
        self._number_of = number_of

    def begin(self, bill_run_id: str, claims: Sequence[Row], stamp: Stamp) -> None:
        """Take the bills of a reviewed run for it, all or none.

        Args: claims: account_id, billing_month, currency_code, correction_no, document_count.
        Raises: DataError when one of them was issued, or something of its account, since the
            draft; LockedError while another run issues to the same account.
        """
        try:
            with self._engine.begin() as connection:
                _take_turn(connection)
                moved = connection.execute(
                    bill_runs.update()
                    .where(bill_runs.c.bill_run_id == bill_run_id, bill_runs.c.status == "reviewed")
                    .values(status="issuing", issued_by=stamp.actor, issued_on=stamp.issued_on)
                ).rowcount
                if not moved:
                    return
                if claims:
                    rows = [{**claim, "bill_run_id": bill_run_id} for claim in claims]
                    connection.execute(bill_run_claims.insert(), rows)
                _refuse_busy(connection, bill_run_id)
                _refuse_stale(connection, bill_run_id)
                write_event(connection, "issuing", stamp.actor, stamp.at, bill_run_id)
        except IntegrityError as error:
            raise self._claimed(bill_run_id, claims) from error

    def issue_some(
        self, bill_run_id: str, read: Callable[[int], Sequence[NewDocument]], stamp: Stamp
    ) -> int:
        """Issue the next documents of a run in one transaction.

        Args: read: the documents behind a draft_no, as many as one transaction is to hold.
        Returns: how many of the run are issued now.
        """
        with self._engine.begin() as connection:
            run = _take_run(connection, bill_run_id)
            done = _last_draft_no(connection, bill_run_id)
            if run.status == "issuing" and done < run.invoice_count:
                documents = read(done)
                given = {"bill_run_id": bill_run_id, "issued_by": run.issued_by, "reason": ""}
                self._write(connection, documents, given, run.issued_on)
                done += len(documents)
            if run.status == "issuing" and done == run.invoice_count:
                _finish(connection, bill_run_id, stamp, done)
        return done

    def credit(
        self, invoice_number: str, stamp: Stamp, reason: str, part: CreditPart | None = None
    ) -> str:
        """Take back what is left of an invoice, or a part of it, under a number of its own.

        Returns: the number of the credit note.
        Raises: DataError when there is no such invoice, or less is left of it; UsageError for a
            line or an amount that it does not have.
        """
        with self._engine.begin() as connection:
            _take_turn(connection)
            note = next_credit_note(connection, invoice_number, part)
            document = NewDocument(note.head, note.lines, note.taxes)
            given = {"bill_run_id": None, "issued_by": stamp.actor, "reason": reason}
            [number] = self._write(connection, [document], given, stamp.issued_on)
            write_event(
                connection,
                "credited",
                stamp.actor,
                stamp.at,
                note.invoice["bill_run_id"],
                invoice_number=invoice_number,
                detail=f"{number}: {reason}",
            )
        return number

    def _write(
        self,
        connection: sa.Connection,
        documents: Sequence[NewDocument],
        given: Row,
        issued_on: date,
    ) -> list[str]:
        """Number documents in their order and insert them."""
        counters = _take_numbers(connection, documents, issued_on.year)
        invoices, lines, taxes, numbers = [], [], [], []
        for document in documents:
            entity = str(document.invoice["legal_entity_code"])
            counters[entity] += 1
            number = self._number_of(document.invoice, issued_on.year, counters[entity])
            invoice = {
                **document.invoice,
                **given,
                "invoice_id": _invoice_id(given, document.invoice),
                "invoice_number": number,
                "number_year": issued_on.year,
                "sequence_number": counters[entity],
                "issued_on": issued_on,
            }
            invoice["prepaid_micros"] = invoice.get("prepaid_micros") or 0
            invoice["due_on"] = invoice.get("due_on") or _due_on(invoice, issued_on)
            invoice["part_no"] = invoice.get("part_no") or 0
            invoice["is_part"] = bool(invoice.get("is_part"))
            shared = {name: invoice[name] for name in _SHARED}
            invoices.append(_only(issued_invoices, invoice))
            lines += [_only(issued_lines, {**line, **shared}) for line in document.lines]
            taxes += [_only(issued_taxes, {**tax, **shared}) for tax in document.taxes]
            numbers.append(number)
        for table, rows in (
            (issued_invoices, invoices),
            (issued_lines, lines),
            (issued_taxes, taxes),
        ):
            if rows:
                connection.execute(table.insert(), rows)
        return numbers

    def _claimed(self, bill_run_id: str, claims: Sequence[Row]) -> DataError:
        """Whose bills they are already."""
        table = bill_run_claims
        wanted = {_claim_key(claim) for claim in claims}
        months = {claim["billing_month"] for claim in claims}
        query = sa.select(table).where(
            table.c.billing_month.in_(months), table.c.bill_run_id != bill_run_id
        )
        with self._engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]
        taken = [row for row in rows if _claim_key(row) in wanted]
        accounts = ", ".join(sorted(str(row["account_id"]) for row in taken)[:5])
        runs = ", ".join(sorted({str(row["bill_run_id"]) for row in taken}))
        return DataError(
            "TIE-3063",
            f"{len(taken)} bills of this run were issued by another",
            where=f"run {bill_run_id}: accounts {accounts}, run {runs}",
            effect="nothing was issued and no number was used",
            fix=f"`tieout bill cancel {bill_run_id}` and draft again: what is issued is left out",
        )


def _claim_key(row: Row) -> tuple[Any, ...]:
    return tuple(
        row[name] for name in ("account_id", "billing_month", "currency_code", "correction_no")
    )


def _take_turn(connection: sa.Connection) -> None:
    """Be alone among those that begin to issue or credit, until this transaction ends."""
    connection.execute(
        billing_locks.update()
        .where(billing_locks.c.lock_name == "issue")
        .values(turn=billing_locks.c.turn + 1)
    )


def _take_run(connection: sa.Connection, bill_run_id: str) -> sa.Row[Any]:
    """Hold a run for this transaction: the write comes first, or SQLite would not wait."""
    same = bill_runs.c.bill_run_id == bill_run_id
    connection.execute(bill_runs.update().where(same).values(status=bill_runs.c.status))
    return connection.execute(sa.select(bill_runs).where(same)).one()


def _last_draft_no(connection: sa.Connection, bill_run_id: str) -> int:
    table = issued_invoices
    query = sa.select(sa.func.max(table.c.draft_no)).where(table.c.bill_run_id == bill_run_id)
    return int(connection.execute(query).scalar() or 0)


def _finish(connection: sa.Connection, bill_run_id: str, stamp: Stamp, count: int) -> None:
    connection.execute(
        bill_runs.update()
        .where(bill_runs.c.bill_run_id == bill_run_id)
        .values(status="issued", issued_at=stamp.at)
    )
    detail = f"{count} invoices"
    write_event(connection, "issued", stamp.actor, stamp.at, bill_run_id, detail=detail)


def _take_numbers(
    connection: sa.Connection, documents: Sequence[NewDocument], year: int
) -> dict[str, int]:
    """Move the sequences on; the last number of each legal entity before."""
    counts: dict[str, int] = {}
    for document in documents:
        entity = str(document.invoice["legal_entity_code"])
        counts[entity] = counts.get(entity, 0) + 1
    before = {}
    table = number_sequences
    for entity, count in sorted(counts.items()):
        given = {"entity": entity, "year": year}
        connection.execute(
            sa.text(
                "insert into number_sequences (legal_entity_code, number_year, last_number) "
                "values (:entity, :year, 0) on conflict do nothing"
            ),
            given,
        )
        same = sa.and_(table.c.legal_entity_code == entity, table.c.number_year == year)
        connection.execute(
            table.update().where(same).values(last_number=table.c.last_number + count)
        )
        last: Any = connection.execute(sa.select(table.c.last_number).where(same)).scalar_one()
        before[entity] = int(last) - count
    return before


def _refuse_busy(connection: sa.Connection, bill_run_id: str) -> None:
    mine, theirs = bill_run_claims.alias("mine"), bill_run_claims.alias("theirs")
    query = (
        sa.select(theirs.c.bill_run_id)
        .join(mine, mine.c.account_id == theirs.c.account_id)
        .join(bill_runs, bill_runs.c.bill_run_id == theirs.c.bill_run_id)
        .where(
            mine.c.bill_run_id == bill_run_id,
            theirs.c.bill_run_id != bill_run_id,
            bill_runs.c.status == "issuing",
        )
        .limit(1)
    )
    other = connection.execute(query).scalar()
    if other is not None:
        raise LockedError(
            "TIE-4010",
            f"bill run {other} is being issued to the same accounts",
            where=f"run {bill_run_id}",
            effect="nothing was issued and no number was used",
            fix=f"finish it first: `tieout bill issue {other}`",
        )


def _refuse_stale(connection: sa.Connection, bill_run_id: str) -> None:
    claims, invoices = bill_run_claims, issued_invoices
    query = (
        sa.select(claims.c.account_id)
        .join(invoices, invoices.c.account_id == claims.c.account_id, isouter=True)
        .where(claims.c.bill_run_id == bill_run_id)
        .group_by(claims.c.account_id, claims.c.currency_code, claims.c.document_count)
        .having(sa.func.count(invoices.c.invoice_id) != claims.c.document_count)
        .order_by(claims.c.account_id)
    )
    accounts = [str(row[0]) for row in connection.execute(query)]
    if accounts:
        raise DataError(
            "TIE-3064",
            f"{len(accounts)} accounts got an invoice or a credit note since this draft",
            where=f"run {bill_run_id}: accounts {', '.join(accounts[:5])}",
            effect="nothing was issued and no number was used; it could bill late usage twice",
            fix=f"`tieout bill cancel {bill_run_id}` and draft again",
        )


def _only(table: sa.Table, row: Row) -> dict[str, Any]:
    return {column.name: row.get(column.name) for column in table.columns}


def _due_on(invoice: Row, issued_on: date) -> date | None:
    """By the term of the account, or that of the company that bills it."""
    terms = [
        (invoice["parties"].get(role) or {}).get("payment_term_days")
        for role in ("buyer", "seller")
    ]
    days = next((term for term in terms if term is not None), None)
    return None if days is None else date.fromordinal(issued_on.toordinal() + int(days))


def _invoice_id(given: Row, invoice: Row) -> str:
    """The same id for the same document, whoever writes it."""
    parts: Iterable[object] = (
        (given["bill_run_id"], invoice["draft_no"])
        if given["bill_run_id"]
        else (CREDIT_NOTE, invoice["corrects_invoice_number"], *_later(invoice["part_no"]))
    )
    text = "|".join(map(str, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _later(part_no: int) -> tuple[int, ...]:
    """The first credit note of an invoice has the id that it had when there was only one."""
    return (part_no,) if part_no else ()
