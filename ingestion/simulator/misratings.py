"""Events that billing rates wrongly as a whole: a prefix loaded late, allowances counted wrongly.

Unlike the planted single events these follow from one mistake each, so every event that the mistake
touches is rated again as billing did it.
"""

from __future__ import annotations

from ingestion.simulator.catalogue import BANDED, CUT_ZONE, PEAK_FROM, PEAK_TO
from ingestion.simulator.plants import COUNTER_KEY, EVENT_KEY
from ingestion.simulator.rating import FREE, LEFT, charge_sql, rate
from ingestion.simulator.roles import Role
from ingestion.simulator.traffic import World
from ingestion.simulator.warehouse import Database

LATE_MONTH, LATE_FROM, LATE_DAYS = 2, 3, 10
# Country codes with no other prefix inside or around them: unknown, they fall into no zone.
_COUNTRIES = "'31', '32', '36', '40', '45', '47'"

# The country code that is called most in the days in which billing does not know it.
_LATE_PREFIX = """
CREATE OR REPLACE TABLE late_prefix AS
WITH calls AS (
    SELECT rid, left(other::VARCHAR, 2) AS prefix FROM net
    WHERE {is_late} AND svc <> 2 AND zone = 3 AND kind = 0
        AND day BETWEEN {first_day} AND {last_day}
)
SELECT rid FROM calls WHERE prefix = (
    SELECT prefix FROM calls WHERE prefix IN ({countries})
    GROUP BY prefix ORDER BY count(*) DESC, prefix LIMIT 1
)
"""

# No zone is found, so the row for every zone prices the call.
_UNKNOWN_PREFIX = """
INSERT INTO override
WITH priced AS (
    SELECT b.*, b.charge AS expected, r.* EXCLUDE (rule), r.rule AS to_rule,
        CASE WHEN r.first_step = 0 THEN b.q ELSE r.first_step
            + greatest(0, b.q - r.first_step + r.next_step - 1) // r.next_step * r.next_step END
            AS whole
    FROM (SELECT * EXCLUDE (rule) FROM billing_rated SEMI JOIN late_prefix USING (rid)) AS b
    JOIN rate_card AS k
        ON k.rate_key = ((b.plan::BIGINT * 3 + b.svc) * 6 + 0) * 1000 + b.day
    JOIN rule AS r ON r.rule = k.rule
    WHERE b.akind <= 1
)
SELECT rid, role, acct, 'RAT-06', 'PREFIX_UNKNOWN', {event_key}, expected, plan, 0, to_rule, 0,
    NULL, {charge}
FROM priced
"""

# For billing the skipped holiday is a working day, and on some days the peak ends an hour late: its
# price holds. A call that the end of the peak shall cut is charged whole at the price behind it.
_WRONG_BANDS = """
INSERT INTO override
WITH priced AS (
    SELECT b.*, b.charge AS expected, r.* EXCLUDE (rule), r.rule AS to_rule,
        r.first_step + greatest(0, b.q - r.first_step + r.next_step - 1) // r.next_step
            * r.next_step AS whole
    FROM (
        SELECT b.* EXCLUDE (rule), CASE
                WHEN day = {holiday} AND zone <> {cut_zone}
                    AND second BETWEEN {peak_from} AND {peak_to} - 1 THEN 'HOLIDAY_MISSED'
                WHEN day IN ({late_days}) AND zone <> {cut_zone}
                    AND second BETWEEN {peak_to} AND {peak_to} + 3599 THEN 'BAND_WRONG'
                WHEN day IN ({uncut_days}) AND zone = {cut_zone}
                    AND second < {peak_to} AND second + q > {peak_to} THEN 'SPLIT_WRONG'
            END AS category
        FROM (SELECT *, t - start_second AS second FROM billing_rated JOIN day USING (day)) AS b
        ANTI JOIN late_prefix USING (rid)
        WHERE {banded}
    ) AS b
    JOIN rate_card AS k ON k.rate_key = (((b.plan::BIGINT
        + CASE category WHEN 'SPLIT_WRONG' THEN 1 ELSE 0 END) * 3 + b.svc) * 6 + b.zone) * 1000
        + b.day
    JOIN rule AS r ON r.rule = k.rule
    WHERE category IS NOT NULL
)
SELECT rid, role, acct, 'RAT-07', category, {event_key}, expected, plan, zone, to_rule, 0, NULL,
    {charge}
FROM priced
"""

_COUNTED = """
CREATE OR REPLACE TEMP VIEW counted AS
SELECT b.* EXCLUDE (rule, free, paid, charge, t), b.charge AS expected,
    b.free AS expected_free, CASE WHEN b.role = {reordered} THEN -b.t ELSE b.t END AS t,
    coalesce(u.quantity, 0) AS used_last
FROM billing_rated AS b JOIN line AS l USING (sub)
LEFT JOIN used_last_month AS u ON u.sub = b.sub AND u.svc = b.svc
WHERE b.role IN ({double_grant}, {reordered})
    OR (l.role_month = {month} AND b.role IN ({no_reset}, {whole_event}))
"""
_ALLOWED = (
    "CASE s.role WHEN {double_grant} THEN 2 * coalesce(a.quantity, 0)"
    " WHEN {no_reset} THEN greatest(0, coalesce(a.quantity, 0) - s.used_last)"
    " ELSE coalesce(a.quantity, 0) END"
)
# what is left is looked at only when an event begins
_TAKEN = f"CASE WHEN p.role = {{whole_event}} AND {LEFT} > 0 THEN p.taken ELSE {FREE} END"
_MISCOUNTED = """
INSERT INTO override
-- two grants of which only the rest of one event was used look like a balance that was overrun
SELECT rid, role, acct, 'RAT-04', CASE role WHEN {no_reset} THEN 'ROLLOVER_WRONG'
        WHEN {reordered} THEN 'OVERAGE_EARLY' WHEN {whole_event} THEN 'OVERAGE_LATE'
        ELSE CASE WHEN count(*) FILTER (charge <> expected) OVER (PARTITION BY sub, svc, plan) = 1
            AND expected_free > 0
            THEN 'OVERAGE_LATE' ELSE 'GRANT_WRONG' END END,
    {counter_key}, expected, plan, zone, rule, free,
    CASE WHEN charge = 0 THEN CASE zone WHEN 5 THEN 'free_number' ELSE 'allowance' END END, charge
FROM counted_rated WHERE charge <> expected OR free <> expected_free
"""
_USED = """
CREATE OR REPLACE TABLE used_last_month AS
SELECT sub, svc, sum(free) AS quantity FROM billing_rated WHERE role = {no_reset} GROUP BY ALL
"""
_NOTHING_USED = """
CREATE TABLE IF NOT EXISTS used_last_month AS
SELECT 0::BIGINT AS sub, 0::BIGINT AS svc, 0::BIGINT AS quantity LIMIT 0
"""


def find_late_prefix(database: Database, world: World, month: int) -> None:
    """Make the table late_prefix: the calls of a month to a country that billing does not know."""
    first = world.calendar.month_start(month) + LATE_FROM
    database.run(
        _LATE_PREFIX,
        is_late=str(world.sites.late_prefix and month == LATE_MONTH),
        first_day=first,
        last_day=first + LATE_DAYS - 1,
        countries=_COUNTRIES,
    )


def add_overrides(database: Database, world: World, month: int) -> None:
    """Add what billing charged otherwise in a month to the table override."""
    counters = (Role.DOUBLE_GRANT, Role.NO_RESET, Role.REORDERED, Role.WHOLE_EVENT)
    roles = {role.name.lower(): int(role) for role in counters}
    database.run(_UNKNOWN_PREFIX, event_key=EVENT_KEY, charge=charge_sql("whole"))
    database.run(
        _WRONG_BANDS,
        banded=BANDED,
        cut_zone=CUT_ZONE,
        late_days=", ".join(map(str, sorted(world.sites.late_peak_days))),
        uncut_days=", ".join(map(str, sorted(world.sites.uncut_days))),
        holiday=world.calendar.skipped_holiday,
        peak_from=PEAK_FROM,
        peak_to=PEAK_TO,
        event_key=EVENT_KEY,
        charge=charge_sql("whole"),
    )
    database.run(_NOTHING_USED)
    database.run(_COUNTED, month=month, **roles)
    rate(
        database,
        "counted",
        "counted_rated",
        "rid, role, acct, sub, svc, zone, plan, expected, expected_free",
        _ALLOWED.format(**roles),
        _TAKEN.format(**roles),
    )
    database.run(_MISCOUNTED, counter_key=COUNTER_KEY, **roles)
    database.run(_USED, **roles)
