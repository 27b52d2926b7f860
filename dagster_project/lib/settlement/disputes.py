"""The rules of a dispute: which step may follow which, until when, and what it is about.

Who invoices claims: the partner for outgoing traffic, we for incoming and transit. Amounts are
whole micro-units of the currency that is paid, tax included.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.money import in_micros

# state -> where a dispute may go from it. Nobody moves one to `lapsed`: it follows from the day
# asked about, for a window that ends unused ends by itself.
MOVES: dict[str, tuple[str, ...]] = {
    "detected": ("notified", "closed"),
    "notified": ("data_exchanged", "under_review", "agreed", "escalated", "closed"),
    "data_exchanged": ("under_review", "agreed", "escalated", "closed"),
    "under_review": ("data_exchanged", "agreed", "escalated", "closed"),
    "escalated": ("under_review", "agreed", "arbitration", "closed"),
    "arbitration": ("agreed", "closed"),
    "agreed": ("closed",),
    "closed": (),
    "lapsed": (),
}
OPEN = tuple(state for state in MOVES if state not in ("agreed", "closed", "lapsed"))
BUCKETS = ((30, "0-30"), (60, "31-60"), (90, "61-90"))
OLDEST = "over 90"
PAYABLE = "outgoing"


def state_on(state: str, dispute_until_on: date, on: date) -> str:
    """The state on a day: what the partner was not told of within the window has lapsed."""
    return "lapsed" if state == "detected" and on > dispute_until_on else state


def overclaimed(direction_code: str, disputed_micros: int) -> int:
    """By how much the invoicing party claims too much; below zero: too little.

    Args: disputed_micros: declared less measured.
    """
    return disputed_micros if direction_code == PAYABLE else -disputed_micros


def undisputed(claimed_micros: int, overclaimed_micros: int) -> int:
    """What is to be paid on time, whatever happens to the rest."""
    return claimed_micros - max(overclaimed_micros, 0)


def note_type(overclaimed_micros: int) -> Literal["credit", "debit"]:
    """What the invoicing party sends when both agree: it takes back, or asks for more."""
    return "credit" if overclaimed_micros > 0 else "debit"


def settled(claimed_micros: int, overclaimed_micros: int, agreed_micros: int) -> int:
    """The claim once the note over what was agreed is booked."""
    is_credit = note_type(overclaimed_micros) == "credit"
    return claimed_micros - agreed_micros if is_credit else claimed_micros + agreed_micros


def age_bucket(age_days: int) -> str:
    """The bucket of an age: 0-30, 31-60, 61-90 or over 90 days."""
    return next((name for last, name in BUCKETS if age_days <= last), OLDEST)


def check_window(name: str, dispute_until_on: date, on: date) -> None:
    """Stop where the statement cannot be disputed any more.

    Raises: DataError TIE-3093.
    """
    if on <= dispute_until_on:
        return
    raise DataError(
        "TIE-3093",
        f"the window to dispute {name} ended on {dispute_until_on}",
        where=f"--on {on}",
        effect="no dispute was opened; what was claimed stands",
        fix="ask the partner for a corrected statement: its day of issue opens a new window",
    )


def check_move(dispute_id: str, state: str, wanted: str) -> None:
    """May a dispute in that state, as it is on the day asked about, go to another?

    Raises: UsageError TIE-2094 for a word that is no state; DataError TIE-3094, naming the states
        that are allowed.
    """
    if wanted not in MOVES or wanted == "lapsed":
        by_itself = "a dispute lapses by itself" if wanted == "lapsed" else f"no state '{wanted}'"
        raise UsageError(
            "TIE-2094",
            f"{by_itself}: it cannot be moved there",
            where="STATE",
            effect="nothing was done",
            fix=f"the states are {', '.join(one for one in MOVES if one != 'lapsed')}",
        )
    if wanted in MOVES[state]:
        return
    allowed = ", ".join(MOVES[state])
    raise DataError(
        "TIE-3094",
        f"a dispute that is {state} cannot be {wanted}",
        where=f"dispute {dispute_id}",
        effect="nothing was done",
        fix=f"allowed from {state}: {allowed}" if allowed else f"{state} is the end of it",
    )


def check_day(dispute_id: str, last_on: date, on: date) -> None:
    """A step is not before the one before it.

    Raises: UsageError TIE-2095.
    """
    if on >= last_on:
        return
    raise UsageError(
        "TIE-2095",
        f"the last step was on {last_on}, later than {on}",
        where=f"dispute {dispute_id}, --on {on}",
        effect="nothing was done",
        fix=f"say a day from {last_on} on",
    )


def agreed_amount(dispute_id: str, wanted: str, text: str, disputed_micros: int) -> int | None:
    """The amount of the note, in micro-units: named when both agree, and only then.

    Args: wanted: the state; text: as typed; disputed_micros: what it can be at most, either sign.
    Raises: UsageError TIE-2096.
    """
    if wanted != "agreed" and not text:
        return None
    try:
        amount = in_micros(Decimal(text)) if text else None
    except (ArithmeticError, ValueError):
        amount = None
    most = abs(disputed_micros)
    if wanted == "agreed" and amount is not None and 0 <= amount <= most:
        return amount
    fault = f"'{text}' is not an amount of it" if text else "what was agreed needs an amount"
    raise UsageError(
        "TIE-2096",
        fault if wanted == "agreed" else "only what is agreed has an amount",
        where=f"dispute {dispute_id}, --amount",
        effect="nothing was done",
        fix=f"say the amount of the note with `agreed`: from 0 to {Decimal(most).scaleb(-6)}",
    )
