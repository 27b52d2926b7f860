"""`tieout settle dispute ...`: disputes with partners from the command line."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dagster_project.commands.context import now, open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.errors import UsageError
from dagster_project.lib.money import show_exact
from dagster_project.lib.periods import parse_month
from dagster_project.lib.settlement import disputes as rules
from dagster_project.resources.settings import user_name

if TYPE_CHECKING:
    from dagster_project.lib.store import Dispute
    from dagster_project.resources.settlement import SettlementDesk, Who
    from dagster_project.resources.workspace import Workspace

Row = dict[str, Any]
AMOUNTS = ("claimed", "difference", "disputed", "undisputed", "agreed")


def open_desk(options: Options) -> SettlementDesk:
    """The settlement of this home and project."""
    from dagster_project.resources.settlement import SettlementDesk

    return SettlementDesk(open_workspace(options))


def open_disputes(
    options: Options, scope: tuple[str, str, str], who: tuple[str, str, str], *, as_json: bool
) -> int:
    """The command `tieout settle dispute open`."""
    partner, period, direction = scope
    desk = open_desk(options)
    opened = desk.open(partner, parse_month(period), direction, _who(desk.workspace, who))
    on = day_of(desk.workspace, who[1])
    if as_json:
        told = [
            {**as_row(one.dispute, on), "is_new": one.is_new, "is_outdated": one.is_outdated}
            for one in opened
        ]
        print_json({"disputes": told})
        return 0
    for one in opened:
        row = as_row(one.dispute, on)
        is_there = "" if one.is_new else f" (there since {row['opened_on']}; nothing new)"
        print_lines([f"dispute {row['dispute_id']}{is_there}: {_sentence(row)}"])
        if one.is_outdated:
            print_lines(["  the figures are others by now; close it and open it again"])
    return 0


def list_disputes(options: Options, partner: str, on: str, *, as_json: bool) -> int:
    """The command `tieout settle dispute list`."""
    desk = open_desk(options)
    day = day_of(desk.workspace, on)
    rows = [
        as_row(one, day)
        for one in desk.disputes.all()
        if partner in ("", one.partner_id) and one.opened_on <= day
    ]
    ageing = _ageing(rows)
    if as_json:
        print_json({"on": day, "disputes": rows, "ageing": ageing})
        return 0
    keys = ("dispute_id", "partner_id", "direction_code", "statement_month", "state")
    names = (*keys, "dispute_until_on", "age_days", "disputed", "undisputed", "")
    table = [
        [*(row[key] for key in keys), row["dispute_until_on"], row["age_days"]]
        + [show_exact(row[f"{name}_amount"]) for name in ("disputed", "undisputed")]
        + [row["currency_code"]]
        for row in rows
    ]
    print_table(names, table)
    buckets = [*(name for _, name in rules.BUCKETS), rules.OLDEST]
    print_lines(["", f"disputed and open, by days since the statement, on {day}"])
    aged = [
        [row["partner_id"], *(show_exact(row[name]) for name in buckets), row["currency_code"]]
        for row in ageing
    ]
    print_table(["partner", *buckets, ""], aged)
    return 0


def show_dispute(options: Options, dispute_id: str, on: str, *, as_json: bool) -> int:
    """The command `tieout settle dispute show`."""
    desk = open_desk(options)
    row = as_row(desk.get(dispute_id), day_of(desk.workspace, on))
    steps = [
        {**asdict(one), "agreed_amount": _amount(one.agreed_micros)}
        for one in desk.disputes.steps(dispute_id)
    ]
    if as_json:
        kept = [{k: v for k, v in one.items() if k != "agreed_micros"} for one in steps]
        print_json({**row, "steps": kept})
        return 0
    print_lines([f"dispute {dispute_id}: {_sentence(row)}"])
    print_lines(
        f"  {name}: {row[name]}"
        for name in ("state", "stated_on", "dispute_until_on", "agreement_id", "version_no")
    )
    print_lines(
        f"  {name}: {show_exact(row[f'{name}_amount'], row['currency_code'])}"
        for name in AMOUNTS
        if row[f"{name}_amount"] is not None
    )
    names = ("state", "happened_on", "actor", "agreed_amount", "reason")
    print_table(names, [[one[name] for name in names] for one in steps])
    moves = ", ".join(row["moves"])
    print_lines([f"may go to: {moves}" if moves else "this is the end of it"])
    return 0


def move_dispute(
    options: Options,
    dispute_id: str,
    step: tuple[str, str],
    who: tuple[str, str, str],
    *,
    as_json: bool,
) -> int:
    """The command `tieout settle dispute move`."""
    desk = open_desk(options)
    state, amount = step
    dispute = desk.move(dispute_id, state, amount, _who(desk.workspace, who))
    row = as_row(dispute, day_of(desk.workspace, who[1]))
    if as_json:
        print_json(row)
    else:
        print_lines([f"dispute {dispute_id} is {state}: {_sentence(row)}"])
    return 0


def write_pack(options: Options, dispute_id: str, to: Path | None, *, as_json: bool) -> int:
    """The command `tieout settle dispute pack`."""
    desk = open_desk(options)
    files = desk.write_pack(dispute_id, to)
    if as_json:
        print_json({"dispute_id": dispute_id, "files": files})
    else:
        print_lines(map(str, files))
    return 0


def as_row(dispute: Dispute, on: date) -> Row:
    """A dispute as it is told: amounts instead of micro-units, state and age on a day."""
    kept = {k: v for k, v in asdict(dispute).items() if not k.endswith("_micros")}
    amounts = {f"{name}_amount": _amount(getattr(dispute, f"{name}_micros")) for name in AMOUNTS}
    state = rules.state_on(dispute.state, dispute.dispute_until_on, on)
    over = rules.overclaimed(dispute.direction_code, dispute.disputed_micros)
    return {
        **kept,
        **amounts,
        "state": state,
        "note_type": rules.note_type(over),
        "age_days": (on - dispute.stated_on).days,
        "moves": list(rules.MOVES[state]),
    }


def day_of(workspace: Workspace, text: str) -> date:
    """The day asked about: as said, else today where the operator settles.

    Raises: UsageError, naming the text.
    """
    if not text:
        zone = ZoneInfo(workspace.project.operator.time_zone)
        return now().replace(tzinfo=UTC).astimezone(zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            "TIE-2063",
            f"'{text}' is not a date",
            where="--on",
            effect="nothing was done",
            fix="write it as YYYY-MM-DD",
        ) from error


def _who(workspace: Workspace, who: tuple[str, str, str]) -> Who:
    """Who does it: as said, else the user of this machine; a reason is always needed.

    Raises: UsageError.
    """
    from dagster_project.resources.settlement import Who

    by, on, reason = who
    if not reason.strip():
        raise UsageError(
            "TIE-2064",
            "a reason is needed",
            where="--reason",
            effect="nothing was done",
            fix="say why: --reason 'their file has 4 July twice'",
        )
    return Who(by.strip() or user_name(), day_of(workspace, on), now(), reason.strip())


def _sentence(row: Row) -> str:
    disputed = show_exact(abs(row["disputed_amount"]), row["currency_code"])
    paid = show_exact(row["undisputed_amount"], row["currency_code"])
    which = "too much" if row["note_type"] == "credit" else "too little"
    text = f"{row['partner_id']} {row['direction_code']} {row['statement_month']:%Y-%m}, "
    text += f"{disputed} claimed {which}; {paid} is payable on time"
    if row["agreed_amount"] is not None:
        agreed = show_exact(row["agreed_amount"], row["currency_code"])
        text += f"; {row['note_type']} note of {agreed} agreed"
    return text


def _ageing(rows: list[Row]) -> list[Row]:
    """What is in dispute by partner, currency and bucket of days."""
    buckets = [*(name for _, name in rules.BUCKETS), rules.OLDEST]
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row["state"] not in rules.OPEN:
            continue
        key = (row["partner_id"], row["currency_code"])
        start = {
            "partner_id": key[0],
            "currency_code": key[1],
            **dict.fromkeys(buckets, Decimal(0)),
        }
        aged = found.setdefault(key, start)
        aged[rules.age_bucket(row["age_days"])] += abs(row["disputed_amount"])
    return [found[key] for key in sorted(found)]


def _amount(micros: int | None) -> Decimal | None:
    return None if micros is None else Decimal(micros).scaleb(-6)
