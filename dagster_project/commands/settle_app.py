"""`tieout settle`: names and options; what a command does is loaded when it is called."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from dagster_project.commands.dispute_app import dispute_app

Partner = Annotated[str, typer.Argument(metavar="PARTNER")]
Period = Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="Month (default: last).")]
Direction = Annotated[str, typer.Option("--direction", help="incoming, outgoing or transit.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
_OVERVIEW = "overview"


class _PartnerOrCommand(TyperGroup):
    """A word that is no command is a partner: `tieout settle ALPHA` is its overview."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        helps = ctx.help_option_names
        if not args or (args[0] not in self.commands and args[0] not in helps):
            args = [_OVERVIEW, *args]
        return super().parse_args(ctx, args)


settle_app = typer.Typer(
    cls=_PartnerOrCommand,
    help="Statements of partners: `tieout settle [PARTNER] --period YYYY-MM`, or one of these.",
)


@settle_app.command(_OVERVIEW)
def settle_overview(
    context: typer.Context,
    partner: Annotated[str, typer.Argument(metavar="[PARTNER]", show_default=False)] = "",
    period: Period = "",
    as_json: AsJson = False,
) -> int:
    """Of each partner: our amount, the declared one, what is open, disputed, not settled."""
    from dagster_project.commands.settle import overview

    return overview(context.obj, partner, period, as_json=as_json)


@settle_app.command("statement")
def settle_statement(
    context: typer.Context,
    partner: Partner,
    period: Period = "",
    direction: Direction = "",
    level: Annotated[
        Literal["total", "service", "band", "day"], typer.Option("--level", help="How far down.")
    ] = "band",
    as_json: AsJson = False,
) -> int:
    """Our own statement: events, quantity before and after increments, price, amount, tax."""
    from dagster_project.commands.settle import statement

    return statement(context.obj, (partner, period, direction), level, as_json=as_json)


@settle_app.command("match")
def settle_match(
    context: typer.Context,
    partner: Partner,
    period: Period = "",
    direction: Direction = "",
    level: Annotated[
        Literal["parts", "total", "service", "band", "day", "hour"],
        typer.Option("--level", help="The difference in parts, or both sides at a level."),
    ] = "parts",
    as_json: AsJson = False,
) -> int:
    """Declared against measured: the difference in parts that add up to it."""
    from dagster_project.commands.settle import match

    return match(context.obj, (partner, period, direction), level, as_json=as_json)


@settle_app.command("net")
def settle_net(
    context: typer.Context,
    period: Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="Month.")],
    partner: Annotated[str, typer.Argument(metavar="[PARTNER]", show_default=False)] = "",
    on: Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help="As of (today).")] = "",
    as_json: AsJson = False,
) -> int:
    """What is paid by partner and currency: receivable and payable less disputes, and the net."""
    from dagster_project.commands.settle_net import show_netting

    return show_netting(context.obj, partner, period, on, as_json=as_json)


settle_app.add_typer(dispute_app, name="dispute")
