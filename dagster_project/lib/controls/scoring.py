"""Measures detection: what was planted against what was found, per control, in count and amount.

The only reader of the answer key. What is found under another category than it was planted is
missed, and reported falsely. Amounts are what customers under- and over-paid, and what partners
were paid too much, together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.errors import DataError
from dagster_project.lib.money import cents

# A leak is one economic event, though the answer key may spread its amount over several rows.
_SCORES = """
with leaks as (
    select
        control_id, category, period, value_key,
        sum(under_amount + over_amount + cost_amount) as amount
    from read_parquet($answer_key) where kind = 'leak' group by all
),
decoys as (
    select distinct control_id, period, value_key
    from read_parquet($answer_key) where kind = 'decoy'
),
findings as (
    select
        control_id, category, period, value_key, count(*) as finding_count,
        sum(under_amount + over_amount + cost_amount) as amount
    from read_parquet($findings) group by all
),
pairs as (
    select
        coalesce(l.control_id, f.control_id) as control_id,
        l.control_id is not null as is_planted,
        f.control_id is not null as is_reported,
        d.control_id is not null as is_decoy,
        coalesce(f.finding_count, 0) as finding_count,
        coalesce(l.amount, 0) as planted_amount,
        coalesce(f.amount, 0) as found_amount
    from leaks as l
    full join findings as f using (control_id, category, period, value_key)
    left join decoys as d using (control_id, period, value_key)
),
named as (
    select unnest($controls::varchar[]) as control_id
)
select
    control_id,
    count(*) filter (is_planted) as planted,
    count(*) filter (is_planted and is_reported) as found,
    count(*) filter (is_planted and not is_reported) as missed,
    coalesce(sum(case when not is_planted then finding_count else finding_count - 1 end)
        filter (is_reported), 0)::bigint as false_count,
    count(*) filter (is_decoy and is_reported and not is_planted) as decoys_reported,
    coalesce(sum(planted_amount), 0) as planted_amount,
    coalesce(sum(found_amount) filter (is_planted), 0) as found_amount,
    coalesce(sum(abs(planted_amount - found_amount)) filter (is_planted), 0) as amount_error
from pairs full join named using (control_id)
group by control_id
order by control_id
"""


@dataclass(frozen=True)
class ControlScore:
    """How well one control (or all of them together) found what was planted."""

    control_id: str
    planted: int
    found: int
    missed: int
    false: int
    decoys_reported: int
    planted_amount: Decimal
    found_amount: Decimal
    amount_error: Decimal

    @property
    def recall(self) -> float:
        """Found of planted; 1 when nothing was planted."""
        return _share(self.found, self.planted)

    @property
    def precision(self) -> float:
        """Right of reported; 1 when nothing was reported."""
        return _share(self.found, self.found + self.false)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: counts and ratios as numbers, amounts as text to the cent."""
        return {
            "control_id": self.control_id,
            "planted": self.planted,
            "found": self.found,
            "missed": self.missed,
            "false": self.false,
            "decoys_reported": self.decoys_reported,
            "recall": self.recall,
            "precision": self.precision,
            "planted_amount": str(cents(self.planted_amount)),
            "found_amount": str(cents(self.found_amount)),
            "amount_error": str(cents(self.amount_error)),
        }


@dataclass(frozen=True)
class Score:
    """All controls, and all of them together."""

    controls: list[ControlScore]
    totals: ControlScore
    currency_code: str


def score(findings: Path, answer_key: Path, control_ids: list[str]) -> Score:
    """Compare published findings with the answer key.

    Args: findings: the Parquet file of fct_findings; control_ids: controls to list even when
        nothing was planted for them.
    Raises: DataError when the answer key holds two currencies, which cannot be added up.
    """
    named = {"findings": str(findings), "answer_key": str(answer_key)}
    with duckdb.connect() as connection:
        rows = connection.execute(_SCORES, {**named, "controls": control_ids}).fetchall()
        currencies = connection.execute(
            "select distinct currency_code from read_parquet($answer_key) "
            "where kind = 'leak' and currency_code is not null order by 1",
            {"answer_key": str(answer_key)},
        ).fetchall()
    if len(currencies) > 1:
        raise DataError(
            "TIE-3040",
            "the answer key holds more than one currency",
            where=f"{answer_key}: {', '.join(row[0] for row in currencies)}",
            effect="nothing was scored; amounts of two currencies cannot be added",
            fix="simulate an operator with one currency",
        )
    controls = [ControlScore(*row) for row in rows]
    return Score(controls, _total(controls), currencies[0][0] if currencies else "")


def _share(part: int, whole: int) -> float:
    """A share of counts, which are no money."""
    return round(part / whole, 6) if whole else 1.0


def _total(controls: list[ControlScore]) -> ControlScore:
    def add(name: str) -> Any:
        return sum(getattr(one, name) for one in controls)

    return ControlScore(
        "total",
        add("planted"),
        add("found"),
        add("missed"),
        add("false"),
        add("decoys_reported"),
        Decimal(add("planted_amount")),
        Decimal(add("found_amount")),
        Decimal(add("amount_error")),
    )
