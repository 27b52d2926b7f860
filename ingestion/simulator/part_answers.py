"""The answers about parts of months: what was charged by other days or another basis."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.roles import Role

_PARTS = """
WITH parts AS (
    SELECT c.*, o.offer_id, CASE
        WHEN c.role_no % 2 = 1 THEN (2 * c.price * (c.b - c.a) + 30) // 60
        WHEN c.offer = l.plan
            THEN (2 * c.price * (c.b - c.a + 1) + c.month_days) // (2 * c.month_days)
        ELSE c.cents END - c.cents AS slip
    FROM charge AS c JOIN line AS l USING (sub) JOIN offer AS o USING (offer)
    WHERE c.role = {prorated} AND c.charge_month = {month} AND l.role_month = {month}
)
SELECT 'leak', 'BIL-02',
    CASE role_no % 2 WHEN 0 THEN 'DAY_OFF_BY_ONE' ELSE 'BASIS_WRONG' END, {period},
    concat('S', 10000000 + sub, '|MRC|', offer_id), 'A' || (10000000 + acct),
    greatest(-slip, 0) * 10000, greatest(slip, 0) * 10000, 0,
    CASE role_no % 2 WHEN 0 THEN 'the day of the change is charged in both plans'
        ELSE 'in parts of 30 days' END
FROM parts WHERE slip <> 0
UNION ALL
SELECT 'leak', 'BIL-02', CASE c.role_no % 2 WHEN 0 THEN 'PRORATE_MISSING' ELSE 'CREDIT_MISSING' END,
    {period}, concat('S', 10000000 + c.sub, '|MRC|', o.offer_id), 'A' || (10000000 + c.acct),
    0, (c.price - c.cents) * 10000, 0,
    CASE c.role_no % 2 WHEN 0 THEN 'the whole month is charged for a part of it'
        ELSE 'the rest of a month charged in advance is kept' END
FROM charge AS c JOIN line AS l USING (sub) JOIN offer AS o USING (offer)
WHERE c.role = {whole} AND c.charge_month = {month} AND l.role_month = {month}
UNION ALL
(SELECT 'decoy', 'BIL-02', 'PRORATE_MISSING', {period},
    concat('S', 10000000 + sub, '|MRC_HOLD|HOLD'), 'A' || (10000000 + acct), 0, 0, 0,
    'a hold costs the whole month by rule'
FROM charge WHERE charge_code = 'MRC_HOLD' AND charge_month = {month} AND b - a < month_days
ORDER BY sub LIMIT 40)
"""


def answer_parts(key: AnswerKey, month: int) -> None:
    """Add the answers about the parts of a month that are charged."""
    key.query(
        _PARTS, month, month=month, prorated=int(Role.PRORATED), whole=int(Role.PRORATED_WHOLE)
    )
