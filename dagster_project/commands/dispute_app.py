"""`tieout settle dispute`: names and options; what a command does is loaded when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

dispute_app = typer.Typer(help="Disputes with partners.", no_args_is_help=True)

Partner = Annotated[str, typer.Argument(metavar="PARTNER")]
DisputeId = Annotated[str, typer.Argument(metavar="ID")]
Period = Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="Month.")]
Direction = Annotated[str, typer.Option("--direction", help="incoming, outgoing or transit.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it (default: you).")]
On = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help="As of (default: today).")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@dispute_app.command("open")
def dispute_open(
    context: typer.Context,
    partner: Partner,
    period: Period,
    direction: Direction = "",
    reason: Reason = "",
    by: By = "",
    on: On = "",
    as_json: AsJson = False,
) -> int:
    """Dispute what a month's statements ask too much or too little; the evidence is frozen."""
    from dagster_project.commands.settle_disputes import open_disputes

    scope, who = (partner, period, direction), (by, on, reason)
    return open_disputes(context.obj, scope, who, as_json=as_json)


@dispute_app.command("list")
def dispute_list(
    context: typer.Context,
    partner: Annotated[str, typer.Argument(metavar="[PARTNER]", show_default=False)] = "",
    on: On = "",
    as_json: AsJson = False,
) -> int:
    """All disputes, and the age of what is open by partner."""
    from dagster_project.commands.settle_disputes import list_disputes

    return list_disputes(context.obj, partner, on, as_json=as_json)


@dispute_app.command("show")
def dispute_show(
    context: typer.Context, dispute_id: DisputeId, on: On = "", as_json: AsJson = False
) -> int:
    """One dispute: amounts, deadline, steps, and where it may go."""
    from dagster_project.commands.settle_disputes import show_dispute

    return show_dispute(context.obj, dispute_id, on, as_json=as_json)


@dispute_app.command("move")
def dispute_move(
    context: typer.Context,
    dispute_id: DisputeId,
    state: Annotated[str, typer.Argument(metavar="STATE")],
    reason: Reason = "",
    amount: Annotated[str, typer.Option("--amount", help="Of the note, with `agreed`.")] = "",
    by: By = "",
    on: On = "",
    as_json: AsJson = False,
) -> int:
    """Bring a dispute into another state."""
    from dagster_project.commands.settle_disputes import move_dispute

    step = (state, amount)
    return move_dispute(context.obj, dispute_id, step, (by, on, reason), as_json=as_json)


@dispute_app.command("pack")
def dispute_pack(
    context: typer.Context,
    dispute_id: DisputeId,
    to: Annotated[Path | None, typer.Option("--to", help="Folder to write into.")] = None,
    as_json: AsJson = False,
) -> int:
    """Write the evidence as a workbook and a letter."""
    from dagster_project.commands.settle_disputes import write_pack

    return write_pack(context.obj, dispute_id, to, as_json=as_json)
