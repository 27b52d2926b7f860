"""Chooses the events that are made wrong, each alone in its counter, and says how."""

from __future__ import annotations

from ingestion.simulator.rating import charge_sql, rate
from ingestion.simulator.roles import PICKED, RATING_ROLES, USAGE_ROLES, Role, wanted
from ingestion.simulator.settings import AnomalyMix
from ingestion.simulator.traffic import World
from ingestion.simulator.warehouse import Database

Wants = dict[Role, int]

# Away from the ends of the month (timing rules) and of the day, with no event close by, and on days
# whose feeds are whole: what only billing has on another day may be in the feed that did not come.
_CANDIDATES = """
CREATE OR REPLACE TABLE candidate AS
WITH near AS (
    SELECT *, t - lag(t, 1, 0) OVER (PARTITION BY sub, svc ORDER BY t, rid) AS since,
        lead(t, 1, t + 99999) OVER (PARTITION BY sub, svc ORDER BY t, rid) - t AS until
    FROM pool_rated
)
SELECT n.*, l.plan AS first_plan, l.plan2 AS last_plan, (n.rid // 160000000) % 4 AS element_no,
    n.t // 3600 AS hour, md5_number_lower(concat(n.rid, '{seed}')) AS luck
FROM near AS n JOIN day AS d USING (day) JOIN line AS l USING (sub)
WHERE n.since > 12 AND n.until > 12
    AND n.t - d.start_second BETWEEN 3600 AND 79000
    AND n.day BETWEEN {first_day} AND {last_day}
    AND n.rid NOT IN (SELECT rid FROM late_prefix)
    AND ((n.plan::BIGINT * 3 + n.svc) * 6 + n.zone) * 1000 + n.day
        NOT IN (SELECT rate_key FROM own_card)
    AND n.day NOT IN (SELECT day FROM file WHERE fault IN ('FEED_MISSING', 'FEED_LOW'))
"""

_POOL = """
CREATE OR REPLACE TEMP VIEW pool AS
SELECT rid, 1000000000000 + rid AS rated_no, sub, acct, role, svc, zone, plan, other, day, t,
    qtot AS q, ppm
FROM net WHERE kind = 0 AND role IN ({roles})
"""
_POOL_COLUMNS = "rid, rated_no, sub, acct, role, svc, zone, plan, other, day, t, q, ppm"

_PICK = """
INSERT INTO pick
WITH alone AS (
    SELECT *, row_number() OVER (PARTITION BY sub, svc ORDER BY luck) AS turn
    FROM candidate WHERE role = {role} AND {fit}
),
apart AS (
    SELECT *, row_number() OVER (PARTITION BY {bucket} ORDER BY luck) AS place
    FROM alone WHERE turn = 1
)
SELECT rid, role, sub, acct, svc, element_no, t, charge FROM apart WHERE place = 1
ORDER BY luck LIMIT {count}
"""

_UNBILLED = """
CREATE OR REPLACE TABLE unbilled AS
SELECT rid, acct, charge FROM (
    SELECT *, row_number() OVER (PARTITION BY acct ORDER BY luck) AS turn
    FROM candidate WHERE role = {role} AND charge > 0
) WHERE turn <= {most}
"""
_MOST_UNBILLED = 13

_ALL, _COSTS = "rid", "charge > 0"
# networks with country codes of their own
_SATELLITE = "(zone = 4 AND other // 1000000000 IN (881, 882, 883))"
_HOUR = "element_no, svc, hour"
# half or one and a half of it must fall into other increments, and below the greatest charge
_DIVISIBLE = "charge BETWEEN 1 AND 3000000 AND svc <> 1 AND q >= [100, 1, 500000][svc + 1]"
# role -> which events are fit, and of which group only one may be taken
_FITS: dict[Role, tuple[str, str]] = {
    Role.TWICE: (_COSTS, _ALL),
    Role.EXACT: (_COSTS, _ALL),
    Role.NEAR: (_COSTS, _ALL),
    Role.GHOST: (_COSTS, "svc, hour"),
    Role.SHORT: (f"{_DIVISIBLE} AND hour % 2 = 0", _HOUR),
    Role.LONG: (f"{_DIVISIBLE} AND hour % 2 = 1", _HOUR),
    Role.WRONG_PLAN: ("charge > 0 AND free = 0", _ALL),
    Role.WRONG_ZONE: (f"charge > 0 AND free = 0 AND zone IN (2, 3, 4) AND NOT {_SATELLITE}", _ALL),
    Role.SATELLITE: (f"charge > 0 AND free = 0 AND {_SATELLITE}", _ALL),
    Role.ALLOWANCE: ("charge = 0 AND free > 0 AND paid = 0", _ALL),
    Role.ROUNDING: ("charge > 10000 AND charge % 10000 <> 0", _ALL),
    Role.UNDER_RATED: ("charge > 1000", _ALL),
    Role.OVER_RATED: (_COSTS, _ALL),
    Role.ZEROED: (_COSTS, _ALL),
    Role.PLAN_STALE: ("charge > 0 AND free = 0 AND plan <> first_plan", _ALL),
    Role.PLAN_FUTURE: ("charge > 0 AND free = 0 AND plan = first_plan AND plan <> last_plan", _ALL),
    # 60/60: a length that is no whole minute
    Role.INCREMENT: ("svc = 0 AND zone IN (3, 4) AND charge > 0 AND q % 60 <> 0", _ALL),
    # by the second, but a minute at least
    Role.NO_MINIMUM: ("svc = 0 AND zone = 2 AND charge > 0 AND q < 60", _ALL),
    # the allowance ends within the call and leaves less than its first minute
    Role.ROUNDED_TWICE: ("svc = 0 AND free > 0 AND paid BETWEEN 1 AND 59", _ALL),
    Role.BYTES: ("svc = 2 AND charge > 0 AND free = 0", _ALL),
    # an empty allowance is the reason given, so it must be one that could have been full
    Role.ZEROED_ALLOWANCE: ("charge > 0 AND free = 0", _ALL),
}

_OVERRIDES = """
CREATE OR REPLACE TABLE override AS
WITH chosen AS (
    SELECT c.*,
        CASE c.role WHEN {wrong_plan} THEN (c.plan + 1) % 3 WHEN {plan_stale} THEN c.first_plan
            WHEN {plan_future} THEN c.last_plan ELSE c.plan END AS to_plan,
        CASE WHEN c.role IN ({wrong_zone}, {satellite})
            THEN CASE c.zone WHEN 3 THEN 4 ELSE 3 END ELSE c.zone END AS to_zone
    FROM candidate AS c JOIN pick AS p USING (rid, role)
),
priced AS (
    SELECT c.*, r.* EXCLUDE (rule), k.rule AS to_rule,
        CASE WHEN r.first_step = 0 THEN c.q ELSE r.first_step
            + greatest(0, c.q - r.first_step + r.next_step - 1) // r.next_step * r.next_step END
            AS whole
    FROM chosen AS c
    JOIN rate_card AS k
        ON k.rate_key = ((c.to_plan::BIGINT * 3 + c.svc) * 6 + c.to_zone) * 1000 + c.day
    JOIN rule AS r ON r.rule = k.rule
),
charged AS (
    SELECT *, {charge} AS other_charge FROM priced
)
SELECT rid, role, acct, CASE role {names} END AS control_id, CASE role {categories} END AS category,
    {value_key} AS value_key, charge AS expected, to_plan AS plan, to_zone AS zone, to_rule AS rule,
    CASE WHEN role IN ({allowance}, {zeroed_allowance}) THEN 0 ELSE free END AS free,
    CASE WHEN role = {zeroed_allowance} THEN 'allowance' END AS reason,
    CASE
        WHEN to_plan <> plan OR to_zone <> zone OR role = {allowance} THEN other_charge
        WHEN role IN ({increment}, {no_minimum}) THEN {by_second}
        WHEN role = {rounded_twice} THEN {by_minute}
        WHEN role = {bytes} THEN {by_thousand}
        WHEN role = {rounding} THEN (charge + (rid // 16 % 2) * 9999) // 10000 * 10000
        WHEN role = {under_rated} THEN charge // 2
        WHEN role = {over_rated} THEN charge * 2
        ELSE 0 END AS charge
FROM charged
WHERE role IN ({roles})
"""


# role -> the control that owns its events, and the category
MISRATED: dict[Role, tuple[str, str]] = {
    Role.WRONG_PLAN: ("RAT-02", "PLAN_NOT_OWNED"),
    Role.PLAN_STALE: ("RAT-02", "PLAN_STALE"),
    Role.PLAN_FUTURE: ("RAT-02", "PLAN_FUTURE"),
    Role.WRONG_ZONE: ("RAT-06", "ZONE_WRONG"),
    Role.SATELLITE: ("RAT-06", "SAT_AS_LOCAL"),
    Role.ALLOWANCE: ("RAT-04", "CONSUMPTION_WRONG"),
    Role.INCREMENT: ("RAT-05", "INCREMENT_WRONG"),
    Role.BYTES: ("RAT-05", "INCREMENT_WRONG"),
    Role.NO_MINIMUM: ("RAT-05", "MINIMUM_MISSING"),
    Role.ROUNDED_TWICE: ("RAT-05", "ROUND_TWICE"),
    Role.ROUNDING: ("RAT-01", "ROUNDING"),
    Role.UNDER_RATED: ("RAT-01", "UNDER_RATED"),
    Role.OVER_RATED: ("RAT-01", "OVER_RATED"),
    Role.ZEROED: ("RAT-03", "ZERO_NO_REASON"),
    Role.ZEROED_ALLOWANCE: ("RAT-03", "ZERO_ALLOWANCE_EMPTY"),
}
EVENT_KEY = "'R' || (1000000000000 + rid)"
COUNTER_KEY = (
    "'S' || (10000000 + sub) || '|AL-'"
    " || CASE plan WHEN 0 THEN 'PLAN_S' WHEN 1 THEN 'PLAN_M' WHEN 2 THEN 'PLAN_L'"
    " WHEN 9 THEN 'PLAN_MINI' WHEN 10 THEN 'PLAN_FLEX' ELSE 'PLAN_BIZ' END"
    " || '-' || ['voice', 'sms', 'data'][svc + 1]"
)


class Agenda:
    """How many events of each role are still to be planted; a later month takes what one cannot."""

    def __init__(self, mix: AnomalyMix, subscribers: int, months: int) -> None:
        self.months = months
        self.left = {role: wanted(mix, name, subscribers) for name, role in USAGE_ROLES.items()}
        self.left |= {role: wanted(mix, "misrated", subscribers, 6) for role in RATING_ROLES}

    def wants(self, month: int) -> Wants:
        """Return how many of each role a month shall get."""
        # in the first month the one control is switched off and the other waived
        late = (Role.ZEROED, Role.ZEROED_ALLOWANCE, Role.EXACT, Role.NEAR)
        share = self.months - month + 1
        return {
            role: 0 if month == 1 and role in late else -(-left // share)
            for role, left in self.left.items()
        }

    def done(self, database: Database) -> None:
        """Take note of what a month got."""
        for role, count in database.rows("SELECT role, count(*) FROM pick GROUP BY role"):
            self.left[Role(role)] -= count


def pick_events(database: Database, world: World, month: int, wants: Wants) -> None:
    """Make the tables pick, unbilled and override of a month."""
    start = world.calendar.month_start(month)
    database.run(_POOL, roles=", ".join(str(int(role)) for role in PICKED))
    rate(database, "pool", "pool_rated", _POOL_COLUMNS)
    database.run(_CANDIDATES, seed=world.seed, first_day=start + 2, last_day=start + 24)
    database.run(
        "CREATE OR REPLACE TABLE pick (rid BIGINT, role BIGINT, sub BIGINT, acct BIGINT,"
        " svc BIGINT, element_no BIGINT, t BIGINT, charge BIGINT)"
    )
    for role, (fit, bucket) in _FITS.items():
        if wants.get(role):
            database.run(_PICK, role=int(role), fit=fit, bucket=bucket, count=wants[role])
    database.run(_UNBILLED, role=int(Role.UNBILLED), most=_MOST_UNBILLED)
    spoilt = {role: names for role, names in MISRATED.items()}
    roles = {role.name.lower(): int(role) for role in spoilt}
    database.run(
        _OVERRIDES,
        charge=charge_sql("whole"),
        by_second=charge_sql("q"),
        by_minute=charge_sql("greatest(first_step, paid)"),
        by_thousand=charge_sql("(q + 99999) // 100000 * 100000").replace("unit", "1000000"),
        roles=", ".join(map(str, roles.values())),
        names=" ".join(f"WHEN {int(r)} THEN '{control}'" for r, (control, _) in spoilt.items()),
        categories=" ".join(f"WHEN {int(r)} THEN '{name}'" for r, (_, name) in spoilt.items()),
        value_key=f"CASE role WHEN {int(Role.ALLOWANCE)} THEN {COUNTER_KEY} ELSE {EVENT_KEY} END",
        **roles,
    )
    database.run("DELETE FROM override WHERE charge = expected")
