"""The evidence pack of a dispute: a workbook with both statements, and a letter to the partner.

Everything in it was frozen when the dispute was opened, but for its steps: the same dispute in the
same state gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dagster_project.lib.money import show_exact
from dagster_project.lib.settlement import disputes as rules
from dagster_project.lib.settlement.letter import render_letter
from dagster_project.lib.settlement.workbook import Cell, Sheet, write_workbook

Row = Mapping[str, Any]
METHOD = (
    "Measured: records of the interconnect trunk groups, each from answer to release, on the local "
    "day on which it began. Unanswered calls, tests and records delivered twice are not counted.",
    "A record belongs to the partner of its trunk group, and to the band of the longest prefix in "
    "the partner's code list; the routing number of a ported number goes before the number called.",
    "Quantities are rounded up to the increments of the price, record by record; then prices, "
    "tiers, set-up fees, rounding, exchange and tax are as the version of the agreement says.",
    "Differences are declared less measured, tax included. Timing (another clock), rounding and "
    "what the agreement tolerates are not disputed; volume, price, mix, exchange and tax are, in "
    "each band where they are more than tolerated.",
    "Records are samples: the longest of the bands in dispute, first of the days on which both "
    "sides differ. Times are UTC, numbers are masked; file and line say where a record stands in "
    "our archive.",
)
_FIGURE = re.compile(r"-?\d+(\.\d+)?")
_FIGURES = ("amount", "quantity", "_count", "_ratio", "_row", "_no", "_hours", "_days", "_months")
PARTS = ("volume", "price", "mix", "timing", "fx", "rounding", "tax")


@dataclass(frozen=True)
class Subject:
    """What the pack is about; amounts in whole micro-units, tax included."""

    dispute_id: str
    partner_id: str
    direction_code: str
    statement_month: date
    currency_code: str
    snapshot_id: str
    stated_on: date
    dispute_until_on: date
    claimed_micros: int
    difference_micros: int
    disputed_micros: int
    undisputed_micros: int
    evidence_hash: str


def make_pack(subject: Subject, evidence: Row, steps: Sequence[Row]) -> dict[str, bytes]:
    """The files of the pack by name.

    Args: evidence: as it was frozen; steps: state, happened_on, actor, reason, agreed_amount.
    """
    workbook = write_workbook(_sheets(subject, evidence, steps))
    name = f"dispute-{subject.dispute_id}"
    letter = render_letter(_letter(subject, evidence, steps, workbook), steps[-1]["happened_on"])
    return {f"{name}.xlsx": workbook, f"{name}.pdf": letter}


def _sheets(subject: Subject, evidence: Row, steps: Sequence[Row]) -> list[Sheet]:
    levels = evidence["levels"]
    sums = [row for row in levels if row["level_code"] != "day"]
    days = [row for row in levels if row["level_code"] == "day"]
    facts = [[name, _cell(name, value)] for name, value in _facts(subject, evidence)]
    terms = [[name, _cell(name, value)] for name, value in evidence["terms"].items()]
    return [
        Sheet("Dispute", ("what", "value"), facts),
        _table("Steps", steps),
        Sheet("Clause", ("term", "value"), terms),
        _table("Our statement", evidence["ours"]),
        _table("Both statements", sums),
        _table("Differences", evidence["differences"]),
        _table("Days", days),
        _table("Records", evidence["samples"]),
        Sheet("Method", ("how we measure and compare",), [[text] for text in METHOD]),
    ]


def _facts(subject: Subject, evidence: Row) -> list[tuple[str, object]]:
    return [
        ("dispute_id", subject.dispute_id),
        ("operator", evidence["operator_name"]),
        ("partner_id", subject.partner_id),
        ("partner_name", evidence["terms"]["partner_name"]),
        ("direction_code", subject.direction_code),
        ("statement_month", f"{subject.statement_month:%Y-%m}"),
        ("currency_code", subject.currency_code),
        *_amounts(subject),
        ("stated_on", subject.stated_on),
        ("dispute_until_on", subject.dispute_until_on),
        ("snapshot_id", subject.snapshot_id),
        ("evidence_sha256", subject.evidence_hash),
    ]


def _amounts(subject: Subject) -> list[tuple[str, Decimal]]:
    names = ("claimed", "difference", "disputed", "undisputed")
    micros = (getattr(subject, f"{name}_micros") for name in names)
    return [
        (f"{name}_amount", Decimal(one).scaleb(-6)) for name, one in zip(names, micros, strict=True)
    ]


def _table(name: str, rows: Sequence[Row]) -> Sheet:
    headings = list(rows[0]) if rows else ["nothing"]
    return Sheet(name, headings, [[_cell(key, row[key]) for key in headings] for row in rows])


def _cell(name: str, value: object) -> Cell:
    """A figure where the column holds figures, else text: an id of digits stays an id."""
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    text = str(value)
    return Decimal(text) if name.endswith(_FIGURES) and _FIGURE.fullmatch(text) else text


def _letter(
    subject: Subject, evidence: Row, steps: Sequence[Row], workbook: bytes
) -> dict[str, object]:
    terms = evidence["terms"]
    currency = subject.currency_code
    sums = [
        (part, sum((Decimal(row[f"{part}_amount"]) for row in evidence["differences"]), Decimal(0)))
        for part in PARTS
    ]
    clause = f"Agreement {terms['agreement_id']}, version {terms['version_no']}, in force from "
    clause += f"{terms['valid_from_on']}: a statement can be disputed for {terms['dispute_days']} "
    clause += f"days, which is from {subject.stated_on} until {subject.dispute_until_on}. "
    share = (Decimal(terms["tolerance_ratio"]) * 100).normalize()
    clause += f"Tolerated are {share:f} % of the amount measured"
    clause += f", or {show_exact(Decimal(terms['tolerance_amount']), currency)} if that is more."
    return {
        "sender": evidence["operator_name"],
        "receiver": terms["partner_name"] or subject.partner_id,
        "title": f"Dispute {subject.dispute_id}",
        "about": f"{subject.direction_code.capitalize()} traffic of {subject.statement_month:%Y-%m}"
        f", agreement {terms['agreement_id']}",
        "date": str(steps[-1]["happened_on"]),
        "text": _request(subject),
        "amounts": [
            [name.removesuffix("_amount").capitalize(), show_exact(amount, currency)]
            for name, amount in _amounts(subject)
        ],
        "parts": [
            [part.upper() if part == "fx" else part.capitalize(), show_exact(amount, currency)]
            for part, amount in sums
            if amount
        ],
        "clause": clause,
        "enclosed": f"dispute-{subject.dispute_id}.xlsx, SHA-256 "
        f"{hashlib.sha256(workbook).hexdigest()}",
    }


def _request(subject: Subject) -> str:
    """What we ask for: it depends on who invoices, and on whether too much or too little."""
    over = rules.overclaimed(subject.direction_code, subject.disputed_micros)
    claimed, disputed, paid = (
        show_exact(Decimal(abs(one)).scaleb(-6), subject.currency_code)
        for one in (subject.claimed_micros, over, subject.undisputed_micros)
    )
    is_ours = subject.direction_code != rules.PAYABLE
    if is_ours and over > 0:
        return (
            f"We invoice {claimed}, and your statement is {disputed} lower. {paid} is undisputed "
            "and payable on time, whatever happens to the rest. Please send the records behind "
            "your statement; if they are right, we credit the difference."
        )
    if is_ours:
        return (
            f"We invoice {claimed}, and your statement is {disputed} higher. The invoice is "
            "undisputed and payable on time. Please send the records behind your statement; if "
            "they are right, a debit note follows."
        )
    if over > 0:
        return (
            f"You ask for {claimed}. By our measurement and the agreed prices {disputed} of it is "
            f"not owed. We pay the undisputed {paid} on time, whatever happens to the rest. Please "
            "send a credit note, or the records behind your statement."
        )
    return (
        f"You ask for {claimed}. By our measurement and the agreed prices {disputed} more is owed. "
        f"We pay the undisputed {paid} on time. Please correct your statement or send a debit note."
    )
