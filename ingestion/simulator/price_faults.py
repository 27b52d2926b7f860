"""What billing's configured price list has otherwise than the signed price book, and since when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa

from ingestion.simulator.answers import DECOY, Answer, AnswerKey
from ingestion.simulator.calendar import Calendar
from ingestion.simulator.catalogue import (
    EU,
    MOB,
    NO_ZONE,
    OFFERS,
    PLAN_L,
    PLAN_M,
    PLAN_S,
    PLAN_XL,
    ROW,
    SMS,
    VOICE,
    PriceRule,
    price_versions,
    rate_key,
)
from ingestion.simulator.plants import EVENT_KEY
from ingestion.simulator.rating import charge_sql, rule_row
from ingestion.simulator.warehouse import Database

_OWN = 10_000  # numbers of rows that only billing has
_NO_RULE = -1  # billing finds no price
_TYPING_ERRORS = {
    "PR-PLAN_S-S-EU": 110_000,
    "PR-PLAN_M-S-EU": 101_000,
    "PR-PLAN_L-S-ROW": 910_000,
}
_DROPPED = "PR-PLAN_L-S-EU"
# by the second instead of by the minute
_OTHER_STEPS = "PR-PLAN_L-V-ROW"
# a price for one zone that nobody signed, beside the row for every zone
_UNSIGNED, _UNSIGNED_MICROS = "PR-PLAN_L-S-MOB", 40_000
_RETIRED = f"PR-{OFFERS[PLAN_XL].offer_id}-R"


@dataclass(frozen=True)
class Fault:
    """One difference between the two lists, and the events that it touches."""

    control_id: str
    category: str
    value_key: str
    plan: int
    service: int
    zones: tuple[int, ...]
    days: range
    own: PriceRule | None
    months: tuple[int, ...]


@dataclass(frozen=True)
class PriceFaults:
    """Billing's price list and how it differs from the price book."""

    rules: list[PriceRule]
    faults: list[Fault]


def configure(rules: list[PriceRule], calendar: Calendar, is_faulty: bool) -> PriceFaults:
    """Return the price list as billing holds it."""
    if not is_faulty:
        return PriceFaults(rules, [])
    named = {rule.rule_id: rule for rule in rules}
    faults = _rows(named, calendar)
    for name, micros in _TYPING_ERRORS.items():
        named[name] = replace(named[name], micros=micros)
    del named[_DROPPED]
    named[_OTHER_STEPS] = replace(named[_OTHER_STEPS], following=1)
    named[_UNSIGNED] = _unsigned(named)
    named[_RETIRED] = replace(named[_RETIRED], to_day=None)
    shift, gap, overlap = (price_versions(calendar)[key].day for key in _HAND_OVERS)
    named["PR-PLAN_S-V-EU"] = replace(named["PR-PLAN_S-V-EU"], to_day=shift + 1)
    named["PR-PLAN_S-V-EU-2"] = replace(named["PR-PLAN_S-V-EU-2"], from_day=shift + 1)
    named["PR-PLAN_S-V-ANY"] = replace(named["PR-PLAN_S-V-ANY"], to_day=gap - 1)
    named["PR-PLAN_M-V-ANY"] = replace(named["PR-PLAN_M-V-ANY"], to_day=overlap + 1)
    return PriceFaults(list(named.values()), faults)


def _unsigned(named: dict[str, PriceRule]) -> PriceRule:
    row = named["PR-PLAN_L-S-ANY"]
    return replace(row, rule_id=_UNSIGNED, zone=MOB, micros=_UNSIGNED_MICROS)


# rows that are handed over a day late, with a day between them, and with a day of both
_HAND_OVERS = ((PLAN_S, VOICE, EU), (PLAN_S, VOICE, NO_ZONE), (PLAN_M, VOICE, NO_ZONE))


def _rows(named: dict[str, PriceRule], calendar: Calendar) -> list[Fault]:
    months = tuple(range(1, calendar.months + 1))
    every_day = range(calendar.day_count + 1)
    shift, gap, overlap = (price_versions(calendar)[key].day for key in _HAND_OVERS)
    found = [
        _fault("POM-01", "RATE_DIFF", name, (plan, SMS, (zone,)), every_day,
               replace(named[name], micros=_TYPING_ERRORS[name]), months)
        for name, plan, zone in (
            ("PR-PLAN_S-S-EU", PLAN_S, EU), ("PR-PLAN_M-S-EU", PLAN_M, EU),
            ("PR-PLAN_L-S-ROW", PLAN_L, ROW),
        )
    ]  # fmt: skip
    none, month, two = range(0), calendar.month_of, (MOB, NO_ZONE)
    found += [
        _fault("POM-01", "ROW_MISSING_IN_RATING", _DROPPED, (PLAN_L, SMS, (EU,)), every_day,
               named["PR-PLAN_L-S-ANY"], months),
        _fault("POM-01", "ROUNDING_DIFF", _OTHER_STEPS, (PLAN_L, VOICE, (ROW,)), every_day,
               replace(named[_OTHER_STEPS], following=1), months),
        _fault("POM-01", "ROW_NOT_APPROVED", _UNSIGNED, (PLAN_L, SMS, (MOB,)), every_day,
               _unsigned(named), months),
        _fault("POM-01", "VALIDITY_DIFF", _RETIRED, (PLAN_XL, VOICE, ()), none, None, months),
        _fault("POM-07", "OPEN_END_ON_RETIRED", _RETIRED, (PLAN_XL, VOICE, ()), none, None, months),
        _fault("POM-01", "VALIDITY_DIFF", "PR-PLAN_S-V-EU", (PLAN_S, VOICE, (EU,)), none, None,
               (month(shift),)),
        _fault("POM-01", "VALIDITY_DIFF", "PR-PLAN_S-V-EU-2", (PLAN_S, VOICE, (EU,)),
               range(shift, shift + 1), named["PR-PLAN_S-V-EU"], (month(shift),)),
        _fault("POM-01", "VALIDITY_DIFF", "PR-PLAN_S-V-ANY", (PLAN_S, VOICE, two), none, None,
               (month(gap - 1),)),
        _fault("POM-01", "VALIDITY_DIFF", "PR-PLAN_M-V-ANY", (PLAN_M, VOICE, two), none, None,
               (month(overlap),)),
        _fault("POM-07", "GAP", "PR-PLAN_S-V-ANY|PR-PLAN_S-V-ANY-2", (PLAN_S, VOICE, two),
               range(gap - 1, gap), None, (month(gap - 1),)),
        _fault("POM-07", "OVERLAP", "PR-PLAN_M-V-ANY|PR-PLAN_M-V-ANY-2", (PLAN_M, VOICE, two),
               range(overlap, overlap + 1), named["PR-PLAN_M-V-ANY"], (month(overlap),)),
    ]  # fmt: skip
    return found


def _fault(
    control_id: str, category: str, key: str, where: tuple[int, int, tuple[int, ...]],
    days: range, own: PriceRule | None, months: tuple[int, ...],
) -> Fault:  # fmt: skip
    return Fault(control_id, category, key, *where, days, own, months)


def load_faults(database: Database, rules: list[PriceRule], faults: list[Fault]) -> None:
    """Put what billing has otherwise where SQL finds it: own_card, and its rows among the rules."""
    numbers = {rule.rule_id: no for no, rule in enumerate(rules)}
    cards, months = [], []
    for place, fault in enumerate(faults):
        months += [
            {"fault": place, "control_id": fault.control_id, "category": fault.category,
             "value_key": fault.value_key, "month": month}
            for month in fault.months
        ]  # fmt: skip
        number = numbers.get(fault.own.rule_id, _OWN) if fault.own else _NO_RULE
        if fault.own and (number == _OWN or fault.own != rules[number]):
            number = _OWN + place
            row = ", ".join(str(value) for value in rule_row(number, fault.own).values())
            database.run("INSERT INTO rule VALUES ({row})", row=row)
            database.run(
                "INSERT INTO rule_name VALUES ({own}, '{name}')",
                own=number, name=fault.own.rule_id,
            )  # fmt: skip
        cards += [
            {"rate_key": rate_key(fault.plan, fault.service, zone, day), "own_rule": number,
             "fault": place}
            for zone in fault.zones for day in fault.days
        ]  # fmt: skip
    whole, text = pa.int64(), pa.utf8()
    card_columns = [(name, whole) for name in ("rate_key", "own_rule", "fault")]
    month_columns = [
        ("fault", whole), ("control_id", text), ("category", text), ("value_key", text),
        ("month", whole),
    ]  # fmt: skip
    database.load("own_card", pa.Table.from_pylist(cards, schema=pa.schema(card_columns)))
    database.load("fault_month", pa.Table.from_pylist(months, schema=pa.schema(month_columns)))
    database.run("INSERT INTO rule_name VALUES ({none}, NULL)", none=_NO_RULE)


# These zones have no allowance, so each event stands for itself.
_CONFIGURED = """
INSERT INTO override
WITH priced AS (
    SELECT b.*, b.charge AS expected, o.own_rule, f.control_id, f.category, f.value_key,
        r.* EXCLUDE (rule),
        CASE WHEN r.first_step = 0 THEN b.q ELSE r.first_step
            + greatest(0, b.q - r.first_step + r.next_step - 1) // r.next_step * r.next_step END
            AS whole
    FROM (SELECT * EXCLUDE (rule) FROM billing_rated ANTI JOIN late_prefix USING (rid)) AS b
    JOIN own_card AS o
        ON o.rate_key = ((b.plan::BIGINT * 3 + b.svc) * 6 + b.zone) * 1000 + b.day
    JOIN fault_month AS f ON f.fault = o.fault AND f.month = {month}
    LEFT JOIN rule AS r ON r.rule = o.own_rule
    WHERE b.akind <= 1 AND b.rated_no < 8000000000000
)
SELECT rid, role, acct, control_id, category, value_key, expected, plan, zone, own_rule, 0,
    NULL, CASE WHEN own_rule = {none} THEN 0 ELSE {charge} END
FROM priced
"""

# Rows that differ although no event was priced by them.
_UNUSED = """
SELECT 'leak', control_id, category, {period}, value_key, NULL, 0, 0, 0, 'no event priced by it'
FROM fault_month WHERE month = {month} AND (control_id, value_key) NOT IN
    (SELECT (control_id, value_key) FROM override WHERE control_id IN ('POM-01', 'POM-07'))
"""


def add_configured(database: Database, month: int) -> None:
    """Add the events of a month that billing priced by what only its own list says."""
    charge = charge_sql("whole")
    database.run(_CONFIGURED, month=month, none=_NO_RULE, charge=charge, event_key=EVENT_KEY)


def answer_configuration(key: AnswerKey, calendar: Calendar, month: int) -> None:
    """Add the rows that no event of the month was priced by, and rows that only look wrong."""
    key.query(_UNUSED, month, month=month)
    first = calendar.month_first(month)
    key.add(
        [
            Answer(DECOY, "POM-01", "VALIDITY_DIFF", first, "PR-PLAN_L-V-EU-2",
                   "approved for a later date, loaded already"),
            Answer(DECOY, "POM-07", "OVERLAP", first, "PR-PLAN_M-S-ROW|PR-PLAN_M-S-ROW-2",
                   "handed over on one day, which is the end of one and the beginning of the next"),
        ]
    )  # fmt: skip
