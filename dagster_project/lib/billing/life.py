"""Who may do what with a bill run: drafted, reviewed and issued by different people.

The store moves a run only out of the states it may leave; here it is said, in front of that, what
is in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from dagster_project.lib.billing.gate import KINDS
from dagster_project.lib.errors import DataError, UsageError

Kind = TypeVar("Kind")


class Run(Protocol):
    """What is asked of a run here."""

    @property
    def bill_run_id(self) -> str:
        """Its id."""

    @property
    def status(self) -> str:
        """Its state: draft, reviewed, issuing, issued or cancelled."""

    @property
    def drafted_by(self) -> str:
        """Who made the draft."""

    @property
    def reviewed_by(self) -> str | None:
        """Who looked at it."""


def require_run(bill_run_id: str, run: Kind | None) -> Kind:
    """The run, or stop when there is none.

    Raises: UsageError.
    """
    if run is None:
        raise UsageError(
            "TIE-2060",
            f"there is no bill run '{bill_run_id}'",
            where="the control store",
            effect="nothing was done",
            fix="`tieout bill status` lists the bill runs",
        )
    return run


def require_document(invoice_number: str, found: Kind | None) -> Kind:
    """The document, or stop when nothing of that number was issued.

    Raises: UsageError.
    """
    if found is None:
        raise UsageError(
            "TIE-2066",
            f"there is no invoice '{invoice_number}'",
            where="the control store",
            effect="nothing was written",
            fix="`tieout bill documents RUN` writes all of a run; numbers are as on the invoice",
        )
    return found


def check_review(run: Run, actor: str) -> None:
    """May this person release the draft for issue?

    Raises: DataError when the run is no draft; UsageError when the preparer reviews himself.
    """
    _require_state(run, ("draft",), "reviewed")
    _require_other(run, actor, "reviews")


def check_accept(run: Run, actor: str) -> None:
    """May this person let points of the gate pass?

    Raises: DataError when the run is past that; UsageError when it is the preparer.
    """
    _require_state(run, ("draft", "reviewed"), "accepted")
    _require_other(run, actor, "accepts the gate's points of")


def check_issue(run: Run, actor: str) -> None:
    """May this person issue the run, or finish what somebody began?

    Raises: DataError when it was not reviewed; UsageError when the preparer issues.
    """
    _require_state(run, ("reviewed", "issuing"), "issued")
    _require_other(run, actor, "issues")


def check_cancel(run: Run) -> None:
    """May the run still be cancelled?

    Raises: DataError when something of it is issued.
    """
    _require_state(run, ("draft", "reviewed"), "cancelled")


def check_reason(reason: str) -> None:
    """Stop when no reason was given.

    Raises: UsageError.
    """
    if not reason.strip():
        raise UsageError(
            "TIE-2064",
            "a reason is needed",
            where="--reason",
            effect="nothing was done",
            fix="say why: --reason 'wrong plan since 1 July, order 4711'",
        )


def check_kinds(kinds: Iterable[str]) -> None:
    """Stop at a kind of point that the gate does not know.

    Raises: UsageError.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise UsageError(
            "TIE-2065",
            f"the gate has no points of kind '{unknown[0]}'",
            where="KIND",
            effect="nothing was done",
            fix=f"its kinds are {', '.join(KINDS)}",
        )


def check_gate(run: Run, points: Mapping[str, int], accepted: Iterable[str]) -> None:
    """Is every kind of open point accepted by somebody?

    Args: points: how many points there are of each kind; accepted: kinds that somebody let pass.
    Raises: DataError, naming what is open.
    """
    still = {kind: count for kind, count in points.items() if count and kind not in set(accepted)}
    if not still:
        return
    named = "\n".join(f"{kind}: {count} ({KINDS[kind]})" for kind, count in sorted(still.items()))
    words = " ".join(sorted(still))
    raise DataError(
        "TIE-3070",
        f"the gate of this bill run has {sum(still.values())} open points",
        where=f"run {run.bill_run_id}\n{named}",
        effect="nothing was issued and no number was used",
        fix=f"look at them: `tieout bill status {run.bill_run_id}`; cancel and correct, or let "
        f"them pass: `tieout bill accept {run.bill_run_id} {words} --reason WHY`",
    )


def _require_state(run: Run, states: tuple[str, ...], done: str) -> None:
    if run.status in states:
        return
    fixes = {
        "draft": f"let somebody else review it first: `tieout bill review {run.bill_run_id}`",
        "reviewed": f"it is reviewed already: `tieout bill issue {run.bill_run_id}`",
        "issuing": f"finish it: `tieout bill issue {run.bill_run_id}`",
        "issued": "an issued invoice is corrected by `tieout bill credit NUMBER`",
        "cancelled": "draft again: `tieout bill --period YYYY-MM`",
    }
    raise DataError(
        "TIE-3071",
        f"a bill run that is {run.status} cannot be {done}",
        where=f"run {run.bill_run_id}",
        effect="nothing was done",
        fix=fixes[run.status],
    )


def _require_other(run: Run, actor: str, verb: str) -> None:
    if actor.strip().casefold() != run.drafted_by.strip().casefold():
        return
    raise UsageError(
        "TIE-2061",
        f"{actor} drafted this bill run and so is not the one who {verb} it",
        where=f"run {run.bill_run_id}, --by {actor}",
        effect="nothing was done",
        fix="let somebody else do it, under their own name",
    )
