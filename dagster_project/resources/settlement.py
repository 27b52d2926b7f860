"""Disputes and netting of one home: the snapshot says what differs, the control store who acts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.lib.errors import DataError, LockedError, UsageError
from dagster_project.lib.money import in_micros
from dagster_project.lib.settlement import disputes as rules
from dagster_project.lib.settlement.netting import Item, Position, net
from dagster_project.lib.snapshot import Snapshot, open_snapshot
from dagster_project.lib.store import Dispute, DisputeStep, DisputeTable
from dagster_project.resources.evidence import freeze_evidence
from dagster_project.resources.workspace import Workspace

_SCOPE = """statement_month = $month and ($partner = '' or partner_id = $partner)
    and ($direction = '' or direction_code = $direction)"""
_DISPUTED = f"""
select partner_id, direction_code, statement_month, d.currency_code,
    sum(declared_amount + declared_tax_amount) as declared_amount,
    sum(measured_amount + measured_tax_amount) as measured_amount,
    sum(difference_amount) as difference_amount, sum(disputed_amount) as disputed_amount,
    t.agreement_id, t.version_no, t.stated_on, t.dispute_until_on
from fct_statement_differences as d
inner join fct_statement_terms as t using (partner_id, direction_code, statement_month)
where {_SCOPE} group by all having sum(disputed_amount) <> 0
order by partner_id, direction_code, d.currency_code
"""  # noqa: S608
_ITEMS = f"""
with
ours as (
    select partner_id, direction_code, settlement_currency_code as currency_code,
        sum(settlement_amount + coalesce(tax_amount, 0)) as our_amount
    from fct_settlement_lines where {_SCOPE} and settlement_amount is not null group by all
),
theirs as (
    select partner_id, direction_code, currency_code,
        sum(declared_amount + declared_tax_amount) as declared_amount,
        sum(disputed_amount) as disputed_amount
    from fct_statement_differences where {_SCOPE} group by all
)
select partner_id, direction_code, currency_code, our_amount, declared_amount,
    coalesce(disputed_amount, 0) as disputed_amount, netting_group, dispute_until_on
from ours full join theirs using (partner_id, direction_code, currency_code)
left join (select * exclude (currency_code) from fct_statement_terms where {_SCOPE}) as t
    using (partner_id, direction_code)
order by partner_id, direction_code, currency_code
"""  # noqa: S608


@dataclass(frozen=True)
class Who:
    """Who does something, on which day, written down when, and why."""

    actor: str
    on: date
    at: datetime
    reason: str


@dataclass(frozen=True)
class Opened:
    """A dispute, whether it is new, and whether the figures are others than it was opened with."""

    dispute: Dispute
    is_new: bool
    is_outdated: bool


class SettlementDesk:
    """Opens and moves disputes and shows what is netted."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the snapshot and the store of this home."""
        self.workspace = workspace
        self.disputes = DisputeTable(workspace.store)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The current snapshot."""
        return open_snapshot(self.workspace.home)

    def get(self, dispute_id: str) -> Dispute:
        """The dispute of that id.

        Raises: UsageError TIE-2093.
        """
        found = self.disputes.find(dispute_id)
        if found is None:
            raise UsageError(
                "TIE-2093",
                f"there is no dispute '{dispute_id}'",
                where="the control store",
                effect="nothing was done",
                fix="`tieout settle dispute list` names them",
            )
        return found

    def open(self, partner_id: str, month: date, direction_code: str, who: Who) -> list[Opened]:
        """Open a dispute for each statement of the partner's month of which something is disputed.

        Returns: them all; those that were there before stay as they are.
        Raises: DataError TIE-3092 where nothing is disputed, TIE-3093 where the window has ended.
        """
        params = {"month": month, "partner": partner_id, "direction": direction_code}
        rows = self.snapshot.rows(_DISPUTED, params)
        if not rows:
            raise DataError(
                "TIE-3092",
                f"nothing of {partner_id} is disputed in {month:%Y-%m}",
                where=f"snapshot {self.snapshot.snapshot_id}",
                effect="no dispute was opened",
                fix=f"`tieout settle match {partner_id} --period {month:%Y-%m}` shows the "
                "differences and what the agreement tolerates",
            )
        return [self._open(row, who) for row in rows]

    def move(self, dispute_id: str, state: str, amount: str, who: Who) -> Dispute:
        """Bring a dispute into another state.

        Args: amount: of the credit or debit note, as typed, where both agree.
        Raises: UsageError or DataError where it is not allowed; LockedError where somebody else
            moved it at the same time.
        """
        dispute = self.get(dispute_id)
        shown = rules.state_on(dispute.state, dispute.dispute_until_on, who.on)
        rules.check_move(dispute_id, shown, state)
        rules.check_day(dispute_id, self.disputes.steps(dispute_id)[-1].happened_on, who.on)
        agreed = rules.agreed_amount(dispute_id, state, amount, dispute.disputed_micros)
        step = DisputeStep(state, who.actor, who.on, who.at, who.reason, agreed)
        if not self.disputes.move(dispute_id, dispute.state, step):
            raise LockedError(
                "TIE-4091",
                "somebody else moved this dispute at the same time",
                where=f"dispute {dispute_id}",
                effect="nothing was done",
                fix=f"`tieout settle dispute show {dispute_id}` says where it is now",
            )
        return self.get(dispute_id)

    def write_pack(self, dispute_id: str, folder: Path | None) -> list[Path]:
        """Write the evidence of a dispute as a workbook and a letter.

        Args: folder: where to; `<home>/disputes` when None.
        Returns: the files.
        """
        from dagster_project.lib.settlement.pack import Subject, make_pack

        dispute = self.get(dispute_id)
        subject = Subject(**{name: getattr(dispute, name) for name in Subject.__dataclass_fields__})
        steps = [
            {
                "state": one.state,
                "happened_on": one.happened_on,
                "actor": one.actor,
                "reason": one.reason,
                "agreed_amount": None
                if one.agreed_micros is None
                else Decimal(one.agreed_micros).scaleb(-6),
            }
            for one in self.disputes.steps(dispute_id)
        ]
        evidence = json.loads(self.disputes.evidence(dispute_id))
        target = folder or self.workspace.home / "disputes"
        target.mkdir(parents=True, exist_ok=True)
        files = []
        for name, content in make_pack(subject, evidence, steps).items():
            (target / name).write_bytes(content)
            files.append(target / name)
        return files

    def net(self, month: date, partner_id: str, on: date) -> tuple[list[Item], list[Position]]:
        """What is owed for a month, as it is on a day, and what is left of it after netting."""
        params = {"month": month, "partner": partner_id, "direction": ""}
        newest = {
            (one.partner_id, one.direction_code, one.currency_code): one
            for one in self.disputes.all()
            if one.statement_month == month
        }
        keys = ("partner_id", "direction_code", "currency_code")
        items = [
            _item(row, newest.get(tuple(row[key] for key in keys)), on)
            for row in self.snapshot.rows(_ITEMS, params)
        ]
        return items, net(items)

    def _open(self, row: dict[str, Any], who: Who) -> Opened:
        key = (row["partner_id"], row["direction_code"], row["statement_month"])
        known = self.disputes.of_statement(*key, row["currency_code"])
        evidence = freeze_evidence(self.workspace, self.snapshot, row)
        newest = known[-1] if known else None
        if newest is not None:
            frozen = json.loads(self.disputes.evidence(newest.dispute_id))
            is_same = frozen["differences"] == evidence["differences"]
            state = rules.state_on(newest.state, newest.dispute_until_on, who.on)
            if is_same or state not in ("closed", "lapsed"):
                return Opened(newest, is_new=False, is_outdated=not is_same)
        name = " ".join((*key[:2], f"{key[2]:%Y-%m}"))
        rules.check_window(name, row["dispute_until_on"], who.on)
        text = json.dumps(evidence, ensure_ascii=False)
        dispute = _dispute(row, len(known) + 1, self.snapshot.snapshot_id, text, who)
        is_new = self.disputes.add(dispute, text, who.reason)
        return Opened(self.get(dispute.dispute_id), is_new, is_outdated=False)


def _dispute(
    row: dict[str, Any], dispute_no: int, snapshot_id: str, evidence: str, who: Who
) -> Dispute:
    key = (row["partner_id"], row["direction_code"], row["statement_month"], row["currency_code"])
    digest = _hash("|".join(map(str, (*key, dispute_no))))[:8]
    disputed, claimed = _micros(row["disputed_amount"]), _claimed(row)
    over = rules.overclaimed(row["direction_code"], disputed)
    return Dispute(
        f"{key[2]:%Y-%m}-{digest}",
        *key,
        dispute_no,
        "detected",
        snapshot_id,
        row["agreement_id"],
        row["version_no"],
        row["stated_on"],
        row["dispute_until_on"],
        claimed,
        _micros(row["difference_amount"]),
        disputed,
        rules.undisputed(claimed, over),
        who.actor,
        who.at,
        who.on,
        _hash(evidence),
    )


def _claimed(row: dict[str, Any]) -> int:
    side = "declared" if row["direction_code"] == rules.PAYABLE else "measured"
    return _micros(row[f"{side}_amount"])


def _item(row: dict[str, Any], dispute: Dispute | None, on: date) -> Item:
    """What is held back, and corrected: by the newest dispute, else by what could be disputed."""
    ours, declared = row["our_amount"], row["declared_amount"]
    sides: Sequence[Any] = (declared, ours) if row["direction_code"] == rules.PAYABLE else (ours,)
    gross = next((_micros(side) for side in sides if side is not None), 0)
    held = corrected = 0
    if dispute is None:
        over = rules.overclaimed(row["direction_code"], _micros(row["disputed_amount"]))
        is_in_time = row["dispute_until_on"] is not None and on <= row["dispute_until_on"]
        held = max(over, 0) if is_in_time else 0
    else:
        over = rules.overclaimed(dispute.direction_code, dispute.disputed_micros)
        if rules.state_on(dispute.state, dispute.dispute_until_on, on) in rules.OPEN:
            held = max(over, 0)
        elif dispute.agreed_micros is not None:
            corrected = rules.settled(0, over, dispute.agreed_micros)
    key = (row["partner_id"], row["direction_code"], row["currency_code"])
    return Item(*key, row["netting_group"] or None, gross, held, corrected)


def _micros(amount: Any) -> int:
    return in_micros(amount) or 0


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
