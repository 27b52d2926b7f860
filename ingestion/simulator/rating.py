"""The operator's own rater, in SQL over whole sets and in integers only.

It is written apart from the models of the project: two raters that agree prove each other. Micros
are millionths of a euro; a round-half-up of n/d is (2n + d) // 2d.
"""

from __future__ import annotations

import pyarrow as pa

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.catalogue import (
    ALLOWANCES,
    BANDED,
    CUT_ZONE,
    DATA,
    NAT,
    NO_ZONE,
    OFF_MICROS,
    PEAK_FROM,
    PEAK_MICROS,
    PEAK_TO,
    PLANS,
    PriceRule,
    price_rules,
    rate_card,
)
from ingestion.simulator.draws import arrow
from ingestion.simulator.warehouse import Database

# Prices one event: consumed quantity first, then what the allowance left of it.
_PRICED = """
CREATE OR REPLACE TEMP VIEW {view} AS
SELECT s.*, c.rule, r.price, r.unit, r.first_step, r.next_step, r.connect + {cut} AS connect,
    r.least, r.most, r.step, r.rest_rounded, {allowed} AS allowed,
    CASE WHEN s.q = 0 OR r.rest_rounded OR r.first_step = 0 THEN s.q
        ELSE r.first_step + greatest(0, s.q - r.first_step + r.next_step - 1) // r.next_step
            * r.next_step END AS taken
FROM {source} AS s
JOIN day AS d ON d.day = s.day
JOIN rate_card AS c
    ON c.rate_key = (((s.plan::BIGINT + {off_peak}) * 3 + s.svc) * 6 + s.zone) * 1000 + s.day
JOIN rule AS r ON r.rule = c.rule
LEFT JOIN allowance AS a ON a.plan = s.plan AND a.svc = s.svc AND a.zone = s.zone
"""

# Only counters that run over need the order of their events.
_USED = """
CREATE OR REPLACE TEMP TABLE used AS
WITH counted AS (
    SELECT rated_no, sub, svc, plan, t, taken, allowed FROM {view} WHERE allowed > 0
),
full_counters AS (
    SELECT sub, svc, plan FROM counted GROUP BY ALL HAVING sum(taken) > min(allowed)
)
SELECT rated_no, coalesce(sum(taken) OVER (
    PARTITION BY sub, svc, plan ORDER BY t, rated_no
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS used_before
FROM counted SEMI JOIN full_counters USING (sub, svc, plan)
"""

_CHARGED = """
CREATE OR REPLACE TABLE {target} AS
WITH drawn AS (
    SELECT p.*, {free} AS free
    FROM {view} AS p LEFT JOIN used AS u USING (rated_no)
),
rest AS (
    SELECT *,
        CASE WHEN taken = free OR NOT rest_rounded OR first_step = 0 THEN taken - free
            ELSE first_step + greatest(0, taken - free - first_step + next_step - 1) // next_step
                * next_step END AS paid
    FROM drawn
)
SELECT {columns}, rule, free, paid, {charge} AS charge FROM rest
"""


def charge_sql(paid: str) -> str:
    """Return SQL for the charge of a chargeable quantity, in micros, after the usage discount.

    Args:
        paid: SQL for the chargeable quantity, rounded up to increments; the price row's columns
            and ppm, the usage discount, are in scope.
    """
    net = f"({_gross(paid)} * (1000000 - ppm) * 2 + 1000000) // 2000000"
    return f"CASE WHEN ({paid}) = 0 THEN 0 ELSE {net} END"


def _gross(paid: str) -> str:
    rounded = f"(2 * ({paid}) * price + unit * step) // (2 * unit * step) * step"
    return f"least(greatest({rounded} + connect, least), most)"


_STEP_DOWN = (OFF_MICROS[CUT_ZONE] - PEAK_MICROS[CUT_ZONE]) // 60
# 1 where the price outside the peak holds: weekend, holiday, early or late
_OFF_PEAK = (
    f"CASE WHEN s.{BANDED.replace(' AND ', ' AND s.')} AND (d.is_off OR s.t - d.start_second"
    f" < {PEAK_FROM} OR s.t - d.start_second >= {PEAK_TO}) THEN 1 ELSE 0 END"
)
# what the seconds behind the border of a band cost more than those before it; priced by the second
_CUT = f"""CASE WHEN s.{BANDED.replace(" AND ", " AND s.")} AND s.zone = {CUT_ZONE} AND NOT d.is_off
    THEN CASE WHEN s.t - d.start_second BETWEEN {PEAK_FROM} AND {PEAK_TO} - 1
        THEN greatest(0, s.t + s.q - d.start_second - {PEAK_TO}) * {_STEP_DOWN}
        ELSE -greatest(0, least(s.t + s.q - d.start_second, {PEAK_TO})
            - greatest(s.t - d.start_second, {PEAK_FROM})) * {_STEP_DOWN} END
    ELSE 0 END"""
ALLOWED = "coalesce(a.quantity, 0)"
LEFT = "p.allowed - coalesce(u.used_before, 0)"
FREE = f"greatest(0, least(p.taken, {LEFT}))"


def rate(
    database: Database,
    source: str,
    target: str,
    columns: str,
    allowed: str = ALLOWED,
    free: str = FREE,
) -> None:
    """Rate a set of events of one calendar month.

    Args:
        database: holds the set and the price book.
        source: table with rated_no, sub, svc, zone, plan, day, t, q and ppm (the usage discount).
        target: table to make: the columns asked for, rule, free, paid and charge in micros.
        columns: the columns of the source to keep.
        allowed: SQL for the allowance of an event; a is its row of the allowance table.
        free: SQL for what an event takes from it; p is the event, LEFT what was left before.
    """
    view = f"priced_{target}"
    database.run(_PRICED, view=view, source=source, allowed=allowed, off_peak=_OFF_PEAK, cut=_CUT)
    database.run(_USED, view=view)
    database.run(
        _CHARGED, view=view, target=target, columns=columns, free=free, charge=charge_sql("paid")
    )


def rule_row(no: int, rule: PriceRule) -> dict[str, int | bool]:
    """Return a price row as the rater reads it."""
    return {
        "rule": no,
        "price": rule.micros,
        "unit": rule.unit or 1,
        "step": rule.step,
        "first_step": rule.first or 0,
        "next_step": rule.following or 1,
        "connect": rule.connect or 0,
        "least": rule.minimum or 0,
        "most": rule.maximum or 10**12,
        "rest_rounded": rule.point == "after_allowance",
    }


def load_prices(database: Database, calendar: Calendar) -> list[PriceRule]:
    """Put the price book where the rater finds it."""
    rules = price_rules(calendar)
    usage = [(no, rule) for no, rule in enumerate(rules) if rule.charge_type == "usage"]
    database.load("rule", pa.Table.from_pylist([rule_row(no, rule) for no, rule in usage]))
    database.load(
        "rule_name",
        pa.table(
            {
                "rule": list(range(len(rules))),
                "rule_id": [rule.rule_id for rule in rules],
            }
        ),
    )
    database.load("rate_card", arrow(rate_card(rules, calendar.day_count)))
    database.load(
        "allowance",
        pa.Table.from_pylist(
            [
                {
                    "plan": plan,
                    "svc": service,
                    "zone": NO_ZONE if service == DATA else NAT,
                    "quantity": ALLOWANCES[plan, service],
                }
                for plan in PLANS
                for service in range(3)
            ]
        ),
    )
    return rules
