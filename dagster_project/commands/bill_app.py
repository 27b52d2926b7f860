"""`tieout bill`: names and options; what a command does is loaded when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bill_app = typer.Typer(
    help="Draft, review, issue and correct invoices.",
    invoke_without_command=True,
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it (default: you).")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help="Date on it (default: today).")]
RunId = Annotated[str, typer.Argument(metavar="RUN")]


@bill_app.callback()
def bill(
    context: typer.Context,
    period: Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="Month.")] = "",
    cycle: Annotated[str, typer.Option("--cycle", help="Only this bill cycle.")] = "",
    account: Annotated[str, typer.Option("--account", help="Only this account.")] = "",
    by: By = "",
    accept_refused: Annotated[bool, typer.Option(help="Go on without refused files.")] = False,
    as_json: AsJson = False,
) -> int:
    """Draft the invoices of a month: build the models and freeze what they say."""
    if context.invoked_subcommand:
        return 0
    from dagster_project.commands.bill import draft

    return draft(
        context.obj,
        (period, cycle, account),
        by,
        accept_refused=accept_refused,
        as_json=as_json,
    )


@bill_app.command("status")
def bill_status(
    context: typer.Context,
    run_id: Annotated[str, typer.Argument(metavar="[RUN]", show_default=False)] = "",
    as_json: AsJson = False,
) -> int:
    """All bill runs; of one, its report: counts, values, held charges, gate, journal."""
    from dagster_project.commands.bill import status

    return status(context.obj, run_id, as_json=as_json)


@bill_app.command("review")
def bill_review(context: typer.Context, run_id: RunId, by: By = "", as_json: AsJson = False) -> int:
    """Release a draft for issue; somebody else than its preparer does it."""
    from dagster_project.commands.bill import review

    return review(context.obj, run_id, by, as_json=as_json)


@bill_app.command("accept")
def bill_accept(
    context: typer.Context,
    run_id: RunId,
    kinds: Annotated[list[str], typer.Argument(metavar="KIND...")],
    reason: Reason = "",
    by: By = "",
    as_json: AsJson = False,
) -> int:
    """Let the gate's points of these kinds pass."""
    from dagster_project.commands.bill import accept

    return accept(context.obj, run_id, kinds, (by, reason), as_json=as_json)


@bill_app.command("issue")
def bill_issue(
    context: typer.Context, run_id: RunId, by: By = "", on: On = "", as_json: AsJson = False
) -> int:
    """Number and issue a reviewed run; again after an interruption, to finish it."""
    from dagster_project.commands.bill import issue

    return issue(context.obj, run_id, (by, on), as_json=as_json)


@bill_app.command("cancel")
def bill_cancel(
    context: typer.Context,
    run_id: RunId,
    reason: Reason = "",
    by: By = "",
    as_json: AsJson = False,
) -> int:
    """Give up a draft of which nothing is issued."""
    from dagster_project.commands.bill import cancel

    return cancel(context.obj, run_id, (by, reason), as_json=as_json)


@bill_app.command("credit")
def bill_credit(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    line: Annotated[int, typer.Option("--line", help="Only this line of it.")] = 0,
    amount: Annotated[str, typer.Option("--amount", help="So much of the line, untaxed.")] = "",
    reason: Reason = "",
    by: By = "",
    on: On = "",
    as_json: AsJson = False,
) -> int:
    """Take an invoice, or an amount of one line, back by a credit note."""
    from dagster_project.commands.bill import credit

    return credit(context.obj, number, (line, amount), (by, on, reason), as_json=as_json)


@bill_app.command("journal")
def bill_journal(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUN|NUMBER")],
    as_json: AsJson = False,
) -> int:
    """The balanced entries of a run, or of one invoice or credit note."""
    from dagster_project.commands.bill import journal

    return journal(context.obj, name, as_json=as_json)


@bill_app.command("documents")
def bill_documents(
    context: typer.Context,
    run_id: RunId,
    formats: Annotated[str, typer.Option("--format", help="Only these: pdf,ubl.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write into.")] = None,
    as_json: AsJson = False,
) -> int:
    """Write the documents of an issued run: a PDF, an e-invoice and a JSON for each invoice."""
    from dagster_project.commands.invoice import write_documents

    return write_documents(context.obj, run_id, formats, out, as_json=as_json)
