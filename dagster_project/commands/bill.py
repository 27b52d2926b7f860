"""`tieout bill ...`: the bill run's life from the command line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dagster_project.commands.context import now, open_workspace, refuse_foreign_demo
from dagster_project.commands.options import Options
from dagster_project.commands.progress import Progress
from dagster_project.commands.road import tell_report
from dagster_project.commands.talk import Talk, print_json, print_lines, print_table
from dagster_project.lib.errors import UsageError
from dagster_project.lib.money import in_micros, show
from dagster_project.lib.periods import parse_month
from dagster_project.resources.settings import user_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.lib.store import BillRun, CreditPart
    from dagster_project.resources.billing import BillingOffice, Drafted


def open_office(options: Options) -> BillingOffice:
    """The bill run of this home and project."""
    from dagster_project.resources.billing import BillingOffice

    return BillingOffice(open_workspace(options))


def draft(
    options: Options,
    scope: tuple[str, str, str],
    by: str,
    *,
    accept_refused: bool,
    as_json: bool,
) -> int:
    """The command `tieout bill --period`: land what is new, build the models, freeze a draft."""
    from dagster_project.lib.billing.draft import Scope

    period, cycle, account = scope
    if not period:
        raise UsageError(
            "TIE-2062",
            "a bill run needs a month",
            where="tieout bill",
            effect="nothing was drafted",
            fix="name it: `tieout bill --period 2026-07`",
        )
    wanted = Scope(parse_month(period), cycle, account)
    office, talk = open_office(options), Talk(quiet=options.quiet)
    workspace = office.workspace
    refuse_foreign_demo(workspace)
    with workspace.writing("tieout bill"):
        with talk.stage("ingest", "landing and loading", "landed and loaded"):
            report = workspace.ingest()
        tell_report(report, talk)
        workspace.accept_refused = accept_refused
        workspace.raise_refused(report, "tieout bill")
        workspace.tell = talk.detail
        with talk.stage("models", "building the models", "models built"):
            office.build(wanted.billing_month)
        with talk.stage("draft", "freezing the draft", "draft frozen"):
            drafted = office.draft(wanted, _actor(by), now())
    _tell_draft(office, drafted, talk, as_json=as_json)
    return 0


def status(options: Options, run_id: str, *, as_json: bool) -> int:
    """The command `tieout bill status`: every run, or the report of one."""
    office = open_office(options)
    if run_id:
        _print_report(office, run_id, as_json=as_json)
        return 0
    runs = office.runs.all()
    if as_json:
        print_json({"bill_runs": [asdict(run) for run in runs]})
        return 0
    headings = ("run", "month", "cycle", "account", "status", "invoices", "held", "drafted by")
    rows = [
        (
            run.bill_run_id,
            f"{run.billing_month:%Y-%m}",
            run.bill_cycle_code,
            run.account_id,
            run.status,
            run.invoice_count,
            run.held_count,
            run.drafted_by,
        )
        for run in runs
    ]
    print_table(headings, rows)
    return 0


def review(options: Options, run_id: str, by: str, *, as_json: bool) -> int:
    """The command `tieout bill review`."""
    office = open_office(options)
    run = office.review(run_id, _actor(by), now())
    return _say_run(run, f"reviewed by {run.reviewed_by}", as_json=as_json)


def accept(
    options: Options, run_id: str, kinds: Sequence[str], who: tuple[str, str], *, as_json: bool
) -> int:
    """The command `tieout bill accept`."""
    actor = _actor(who[0])
    run = open_office(options).accept(run_id, kinds, (actor, now(), who[1]))
    text = f"gate points of kind {', '.join(kinds)} accepted by {actor}"
    return _say_run(run, text, as_json=as_json)


def cancel(options: Options, run_id: str, who: tuple[str, str], *, as_json: bool) -> int:
    """The command `tieout bill cancel`."""
    run = open_office(options).cancel(run_id, (_actor(who[0]), now(), who[1]))
    return _say_run(run, f"cancelled by {run.cancelled_by}", as_json=as_json)


def issue(options: Options, run_id: str, who: tuple[str, str], *, as_json: bool) -> int:
    """The command `tieout bill issue`."""
    office, talk = open_office(options), Talk(quiet=options.quiet)
    if office.get(run_id).status == "issued":
        talk.say("this run is issued already")
        _print_report(office, run_id, as_json=as_json)
        return 0
    stamp = (_actor(who[0]), now(), _day(office, who[1]))
    progress = Progress(talk, "invoices")
    with (
        office.workspace.writing("tieout bill issue"),
        talk.stage("issue", "issuing", "issued"),
    ):
        office.issue(run_id, stamp, progress.tell)
    _print_report(office, run_id, as_json=as_json)
    return 0


def credit(
    options: Options,
    number: str,
    part: tuple[int, str],
    who: tuple[str, str, str],
    *,
    as_json: bool,
) -> int:
    """The command `tieout bill credit`."""
    by, on, reason = who
    wanted = _part(*part)
    office = open_office(options)
    with office.workspace.writing("tieout bill credit"):
        stamp = (_actor(by), now(), _day(office, on))
        credit_note = office.credit(number, stamp, reason, wanted)
    head = office.document(credit_note).invoice
    amounts = {name: -head[f"{name}_amount"] for name in ("net", "tax", "total")}
    if as_json:
        told = {"invoice_number": number, "credit_note_number": credit_note}
        print_json({**told, **{f"{name}_amount": value for name, value in amounts.items()}})
        return 0
    what = f"line {wanted.line_no} of invoice {number}" if wanted else f"invoice {number}"
    net, tax, total = (show(value, head["currency_code"]) for value in amounts.values())
    print_lines([f"credit note {credit_note} takes {what} back: {net} and {tax} tax, {total}"])
    return 0


def _part(line_no: int, amount: str) -> CreditPart | None:
    """What of an invoice is to be credited; None is all that is left of it.

    Raises: UsageError for an amount without a line, or one that is no figure.
    """
    from dagster_project.lib.store import CreditPart

    if not amount:
        return CreditPart(line_no) if line_no else None
    try:
        micros = in_micros(Decimal(amount))
    except (ArithmeticError, ValueError):
        micros = None
    if not line_no or micros is None:
        raise UsageError(
            "TIE-2067",
            "an amount needs a line" if micros is not None else f"'{amount}' is no amount",
            where=f"--line {line_no or '(none)'} --amount {amount}",
            effect="no credit note was issued",
            fix="say what is given back before tax: `--line 2 --amount 5.00`",
        )
    return CreditPart(line_no, micros)


def journal(options: Options, name: str, *, as_json: bool) -> int:
    """The command `tieout bill journal`."""
    entries = open_office(options).journal(name)
    if as_json:
        print_json({"name": name, "entries": entries})
        return 0
    columns = ("currency_code", "entry_type", "gl_account_id", "line_type", "tax_name")
    amounts = ("debit_amount", "credit_amount")
    rows = [(*(row[c] for c in columns), *(show(row[a]) for a in amounts)) for row in entries]
    headings = ("currency", "entry", "account", "line type", "tax", "debit", "credit")
    print_table(headings, rows)
    return 0


def _tell_draft(office: BillingOffice, drafted: Drafted, talk: Talk, *, as_json: bool) -> None:
    if drafted.run is None:
        _tell_nothing(drafted, as_json=as_json)
        return
    if not drafted.is_new:
        talk.say(f"nothing changed since this was drafted: run {drafted.run.bill_run_id}")
    _print_report(office, drafted.run.bill_run_id, as_json=as_json)


def _tell_nothing(drafted: Drafted, *, as_json: bool) -> None:
    """No invoice came of it: those that stand already, and the accounts that get none."""
    scope, live = drafted.summary.scope, drafted.summary.live_count
    left_out = drafted.left_out
    if as_json:
        told = {"live_count": live, "left_out": left_out}
        print_json({"bill_run_id": None, "status": "nothing to bill", **told})
        return
    print_lines([f"nothing to bill for {scope}: {live} invoices of it stand already"])
    print_lines(
        f"  left out: {row['account_id'] or 'no account'} {row['reason_code']} {row['reason']}"
        for row in left_out
    )


def _print_report(office: BillingOffice, run_id: str, *, as_json: bool) -> None:
    from dagster_project.lib.billing.report import report_lines

    report = office.report(run_id)
    if as_json:
        print_json(report)
    else:
        print_lines(report_lines(report))


def _say_run(run: BillRun, text: str, *, as_json: bool) -> int:
    if as_json:
        print_json(asdict(run))
    else:
        print_lines([f"bill run {run.bill_run_id}: {text}"])
    return 0


def _actor(by: str) -> str:
    """Who does it: as said, else the user of this machine."""
    return by.strip() or user_name()


def _day(office: BillingOffice, text: str) -> date:
    """The date on a document: as said, else today where the operator bills.

    Raises: UsageError, naming the text.
    """
    if text:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise UsageError(
                "TIE-2063",
                f"'{text}' is not a date",
                where="--on",
                effect="nothing was issued",
                fix="write it as YYYY-MM-DD",
            ) from error
    zone = ZoneInfo(office.workspace.project.operator.time_zone)
    return now().replace(tzinfo=UTC).astimezone(zone).date()
