"""What each fault of usage is worth: its counter rated whole, with and without the fault.

A record's own charge is not its worth. A lost record also leaves allowance to the ones that follow,
so the difference of two complete ratings is taken. Roles and sites keep one fault to a counter.
"""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.catalogue import BANDED, CUT_ZONE, PEAK_TO
from ingestion.simulator.plants import COUNTER_KEY
from ingestion.simulator.rating import rate
from ingestion.simulator.roles import Role
from ingestion.simulator.traffic import CHANGE_SECONDS, SPLIT_SECONDS
from ingestion.simulator.usage import COLUMNS, UsageMonth

_SERVICE = "['voice', 'sms', 'data'][svc + 1]"
_ELEMENT = "['HAM1', 'BER1', 'CGN1', 'MUC1'][element_no + 1]"
_HOUR = "strftime(make_timestamp({t} // 3600 * 3600000000), '%Y-%m-%dT%H')"

_AFFECTED = """
CREATE OR REPLACE TABLE affected AS
SELECT DISTINCT sub, svc, control_id, category, value_key FROM lost
WHERE kind IN (0, 3) AND akind <= 1
UNION ALL
SELECT sub, svc, 'USG-02', 'UNIT_LOSS', {element} || '|' || {service} || '|' || {hour}
FROM pick WHERE role IN ({short}, {long})
UNION ALL
SELECT sub, svc, 'USG-02', 'CREATED_RECORDS', '|' || {service} || '|' || {ghost_hour}
FROM pick WHERE role = {ghost}
UNION ALL
SELECT sub, svc, 'USG-06', CASE role WHEN {exact} THEN 'DUP_EXACT' ELSE 'DUP_NEAR' END,
    'R' || (9000000000000 + rid)
FROM pick WHERE role IN ({exact}, {near})
"""

_NETWORK_SET = """
CREATE OR REPLACE TEMP VIEW network_set AS
SELECT n.rid, 1000000000000 + n.rid AS rated_no, n.rid AS net_no, n.sub, n.acct, n.number, n.akind,
    n.role, n.svc, n.zone, n.plan, n.other, n.t, n.day, n.qtot AS q, n.ppm, n.bits
FROM net AS n SEMI JOIN affected USING (sub, svc) WHERE n.kind IN (0, 3)
"""

_DIFFERENCES = """
WITH full_sum AS (SELECT sub, svc, sum(charge) AS charge FROM network_rated GROUP BY ALL),
billing_sum AS (
    SELECT sub, svc, sum(charge) AS charge FROM billing_rated SEMI JOIN affected USING (sub, svc)
    GROUP BY ALL
),
steps AS (
    SELECT a.*, l.acct,
        coalesce(f.charge, 0) - coalesce(b.charge, 0) AS step
    FROM affected AS a JOIN line AS l USING (sub)
    LEFT JOIN full_sum AS f USING (sub, svc) LEFT JOIN billing_sum AS b USING (sub, svc)
)
SELECT 'leak', control_id, category, {period}, value_key,
    CASE WHEN count(DISTINCT acct) = 1 AND control_id <> 'USG-01'
        THEN 'A' || (10000000 + min(acct)) END,
    sum(greatest(step, 0)), sum(greatest(-step, 0)), 0,
    count(*) || ' counters rated with and without'
FROM steps GROUP BY control_id, category, value_key
"""

# files of which no record had a value still are findings
_WORTHLESS = """
SELECT 'leak', 'USG-01', fault, {period}, element || '|' || file_name, NULL, 0, 0, 0,
    'no chargeable record in it'
FROM file WHERE fault IN ('FILE_MISSING', 'FILE_SHORT') AND day BETWEEN {first} AND {last}
    AND element || '|' || file_name NOT IN (SELECT value_key FROM answer)
"""

_RATING = """
SELECT 'leak', control_id, min(category), {period}, value_key,
    CASE WHEN count(DISTINCT acct) = 1 THEN 'A' || (10000000 + min(acct)) END,
    sum(greatest(expected - charge, 0)), sum(greatest(charge - expected, 0)), 0,
    count(*) || ' events misrated'
FROM override GROUP BY control_id, value_key
"""

_UNBILLED = """
SELECT 'leak', 'USG-05', 'UNBILLED_AFTER_CYCLE', {period}, 'R' || (1000000000000 + rid),
    'A' || (10000000 + acct), charge, 0, 0, 'rated in time, on no line'
FROM unbilled
UNION ALL
SELECT 'leak', 'USG-05', 'BILLED_TWICE', {period}, 'R' || (1000000000000 + rid),
    'A' || (10000000 + acct), 0, charge, 0, 'on a second line of the same invoice'
FROM pick WHERE role = {twice}
"""

_DECOYS = """
(SELECT 'decoy', 'USG-05', 'UNBILLED_AFTER_CYCLE', {period}, 'R' || rated_no,
    'A' || (10000000 + acct), 0, 0, charge, 'rated after the cut-off, due in the next run'
FROM rated WHERE late AND charge > 0 ORDER BY rated_no LIMIT 40)
UNION ALL
(SELECT 'decoy', 'RAT-03', 'ZERO_NO_REASON', {period}, 'R' || rated_no,
    'A' || (10000000 + acct), 0, 0, 0, 'free for a reason: ' || reason
FROM rated WHERE charge = 0 AND reason IS NOT NULL AND (rated_no // 16) % 97 = 0
    AND rid NOT IN (SELECT rid FROM override)
ORDER BY rated_no LIMIT 40)
UNION ALL
(SELECT 'decoy', 'USG-06', 'DUP_NEAR', {period}, 'R' || rated_no, 'A' || (10000000 + acct), 0, 0, 0,
    'called again after a drop: two records of the network'
FROM billing_rated WHERE role = {decoy} AND svc = 0 AND q = 1)
UNION ALL
(SELECT 'decoy', 'RAT-01', 'UNDER_RATED', {period}, 'R' || rated_no, 'A' || (10000000 + acct),
    0, 0, 0, 'begins two seconds later in billing, on the next local day'
FROM billing_rated WHERE role = {decoy} AND q = 125 AND day <> (rid // 160000000) // 4)
UNION ALL
(SELECT DISTINCT 'decoy', 'USG-02', 'LOST_IN_MEDIATION', {period},
    {element} || '|voice|' || {hour}, NULL::VARCHAR, 0, 0, 0, 'parts merged into one long call'
FROM (SELECT t, (rid // 160000000) % 4 AS element_no, day FROM net
    WHERE kind = 4 ORDER BY rid LIMIT 20) AS part
WHERE {element} || '|voice|' || {hour} NOT IN (SELECT value_key FROM answer))
"""


# Rated rightly, though each looks like a mistake.
_RATING_DECOYS = """
SELECT 'decoy', 'RAT-02', 'PLAN_STALE', {period}, 'R' || rated_no, 'A' || (10000000 + acct),
    0, 0, 0, 'begins at the very moment of the plan change'
FROM billing_rated AS b JOIN day AS d USING (day)
WHERE role = {plan_stale} AND q = {change_seconds} AND b.t = d.start_second
UNION ALL
SELECT 'decoy', 'RAT-07', 'SPLIT_WRONG', {period}, 'R' || rated_no, 'A' || (10000000 + acct),
    0, 0, 0, 'begins at peak, ends outside it: the price at the start holds'
FROM billing_rated AS b JOIN day AS d USING (day)
WHERE {banded} AND q = {split_seconds} AND zone <> {cut_zone}
    AND b.t - d.start_second < {peak_to} AND b.t - d.start_second + q > {peak_to}
    AND rid NOT IN (SELECT rid FROM override)
UNION ALL
SELECT 'decoy', 'RAT-07', 'SPLIT_WRONG', {period}, 'R' || rated_no, 'A' || (10000000 + acct),
    0, 0, 0, 'begins at peak, ends outside it: cut in two as its price row says'
FROM billing_rated WHERE {banded} AND q = {split_seconds} AND zone = {cut_zone}
    AND rid NOT IN (SELECT rid FROM override)
UNION ALL
(SELECT DISTINCT 'decoy', 'RAT-04', 'GRANT_WRONG', {period}, {counter_key},
    'A' || (10000000 + acct), 0, 0, 0, 'allowance used up in the middle of an event'
FROM billing_rated WHERE role = 0 AND akind <= 1 AND free > 0 AND paid > 0 ORDER BY 5 LIMIT 20)
UNION ALL
(SELECT 'decoy', 'RAT-05', 'INCREMENT_WRONG', {period}, 'R' || rated_no,
    'A' || (10000000 + acct), 0, 0, 0, 'rounded up after the allowance, as its price row says'
FROM billing_rated JOIN rule USING (rule)
WHERE role = 0 AND akind <= 1 AND rest_rounded AND q % next_step = 0 AND q > 60
ORDER BY rated_no LIMIT 20)
UNION ALL
(SELECT 'decoy', 'RAT-06', 'ZONE_WRONG', {period}, 'R' || rated_no,
    'A' || (10000000 + acct), 0, 0, 0, 'a range with another zone than the country around it'
FROM billing_rated WHERE role = 0 AND akind <= 1 AND zone = 4
    AND regexp_matches(other::VARCHAR, '^(441624|447|3906698|33700|34871|35193|46719|59069)')
ORDER BY rated_no LIMIT 20)
"""


def value_month(usage: UsageMonth, key: AnswerKey) -> None:
    """Add the leaks and decoys of a month's usage to the key, with their amounts."""
    database, month = usage.database, usage.month
    roles = {name: int(Role[name.upper()]) for name in ("short", "long", "ghost", "exact", "near")}
    database.run(
        _AFFECTED,
        element=_ELEMENT,
        service=_SERVICE,
        hour=_HOUR.format(t="t"),
        ghost_hour=_HOUR.format(t="(t + 3600)"),
        **roles,
    )
    database.run(_NETWORK_SET)
    rate(database, "network_set", "network_rated", COLUMNS)
    key.query(_DIFFERENCES, month)
    days = usage.world.calendar.month_days(month)
    key.query(_WORTHLESS, month, first=days[0], last=days[-1])
    key.query(_RATING, month)
    key.query(_UNBILLED, month, twice=int(Role.TWICE))
    key.query(
        _DECOYS,
        month,
        decoy=int(Role.TRAFFIC_DECOY),
        element=_ELEMENT,
        hour=_HOUR.format(t="t"),
        first=days[0],
    )
    key.query(
        _RATING_DECOYS,
        month,
        plan_stale=int(Role.PLAN_STALE),
        change_seconds=CHANGE_SECONDS,
        split_seconds=SPLIT_SECONDS,
        banded=BANDED,
        cut_zone=CUT_ZONE,
        peak_to=PEAK_TO,
        counter_key=COUNTER_KEY,
    )
