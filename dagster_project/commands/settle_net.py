"""`tieout settle net`: what is paid once receivables and payables are set against each other."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.commands.options import Options
from dagster_project.commands.settle_disputes import day_of, open_desk
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.money import show_exact
from dagster_project.lib.periods import parse_month

if TYPE_CHECKING:
    from dagster_project.lib.settlement.netting import Position

FIGURES = (
    "gross_receivable",
    "disputed_receivable",
    "receivable",
    "gross_payable",
    "disputed_payable",
    "payable",
    "net",
)


def show_netting(options: Options, partner: str, period: str, on: str, *, as_json: bool) -> int:
    """Print a line for each payment of a month; gross figures stay for the ledger."""
    desk = open_desk(options)
    month, day = parse_month(period), day_of(desk.workspace, on)
    items, positions = desk.net(month, partner, day)
    if as_json:
        about = {"snapshot_id": desk.snapshot.snapshot_id, "statement_month": month, "on": day}
        gross = [
            {
                **{k: v for k, v in asdict(one).items() if not k.endswith("_micros")},
                **{
                    f"{name}_amount": _amount(getattr(one, f"{name}_micros"))
                    for name in ("gross", "disputed", "corrected", "due")
                },
            }
            for one in items
        ]
        print_json({**about, "positions": [_row(one) for one in positions], "items": gross})
        return 0
    table = [
        [one.partner_id, one.netting_group or f"(not netted: {one.directions[0]})"]
        + [show_exact(_row(one)[f"{name}_amount"]) for name in FIGURES]
        + [one.currency_code]
        for one in positions
    ]
    print_table(["partner", "netting group", *FIGURES, ""], table)
    print_lines([f"as of {day}; net above zero: the partner pays us"])
    return 0


def _row(position: Position) -> dict[str, Any]:
    figures = {f"{name}_amount": _amount(getattr(position, f"{name}_micros")) for name in FIGURES}
    return {
        "partner_id": position.partner_id,
        "currency_code": position.currency_code,
        "netting_group": position.netting_group,
        "directions": list(position.directions),
        **figures,
    }


def _amount(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)
