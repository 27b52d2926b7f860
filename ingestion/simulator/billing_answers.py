"""The answers about charges, invoices and entitlements: what was printed against what was due."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.billing import CHARGES, DISCOUNT
from ingestion.simulator.rating import rate
from ingestion.simulator.roles import Role
from ingestion.simulator.usage import UsageMonth

_NET = "({cents} - (2 * ({cents}) * ppm + 1000000) // 2000000)"

_RECURRING = """
WITH due AS (
    SELECT c.*, {net} AS net,
        CASE WHEN c.role_no % 2 = 0 THEN cents * 6 // 5 ELSE cents * 4 // 5 END AS misprice,
        cents * 11 // 10 AS again,
        cents - (2 * price * 20 + month_days) // (2 * month_days) AS gap_cents,
        (2 * price * (b - a - 15) + month_days) // (2 * month_days) AS overlap_cents
    FROM charge AS c JOIN line AS l USING (sub)
    WHERE c.charge_code = 'MRC' AND l.role_month = c.charge_month AND c.charge_month = {month}
        AND c.role BETWEEN {missing} AND {overlap}
        AND (c.role <> {missing} OR c.acct IN (SELECT acct FROM bill))
),
slips AS (
    SELECT *, CASE role WHEN {missing} THEN net WHEN {gap} THEN gap_cents
        WHEN {doubled} THEN -(again - (2 * again * ppm + 1000000) // 2000000)
        WHEN {overlap} THEN -overlap_cents
        ELSE net - (misprice - (2 * misprice * ppm + 1000000) // 2000000) END AS slip
    FROM due
)
SELECT 'leak', 'BIL-01', CASE role WHEN {missing} THEN 'RC_MISSING' WHEN {doubled} THEN 'RC_DUP'
        WHEN {mispriced} THEN 'RC_PRICE' WHEN {gap} THEN 'RC_PERIOD_GAP'
        ELSE 'RC_PERIOD_OVERLAP' END,
    {period}, 'S' || (10000000 + sub) || '|MRC', 'A' || (10000000 + acct),
    greatest(slip, 0) * 10000, greatest(-slip, 0) * 10000, 0, 'recurring charge of the plan'
FROM slips
"""

_INVOICES = """
SELECT 'leak', 'BIL-03', category, {period}, '{invoice}-' || (10000000 + acct),
    'A' || (10000000 + acct), greatest(-slip, 0) * 10000, greatest(slip, 0) * 10000, 0,
    'printed against computed'
FROM (
    SELECT acct, 'FOOT_DIFF' AS category, total_slip AS slip FROM bill WHERE total_slip <> 0
    UNION ALL
    SELECT acct, 'BALANCE_FWD_DIFF', balance_slip FROM bill WHERE balance_slip <> 0
    UNION ALL
    SELECT acct, 'TAX_FOOT', tax_slip FROM bill WHERE tax_slip <> 0
)
UNION ALL
SELECT 'leak', 'BIL-03', 'LINE_MATH', {period}, line_id, 'A' || (10000000 + acct),
    unit_cents * 10000, 0, 0, 'the line charges one piece and says two'
FROM bill_line WHERE line_type = 'recurring' AND quantity = 2 AND unit_cents IS NOT NULL
"""

_NETWORK_ONLY = """
WITH due AS ({charges} AND m.month = {month}
    AND (h.role = {line} OR (h.role = {feature} AND NOT o.is_plan)))
SELECT 'leak', 'ORD-02',
    CASE WHEN d.role = {line} THEN 'ACTIVE_UNBILLED' ELSE 'FEATURE_UNBILLED' END,
    {period}, l.number || '|' || o.offer_id, 'A' || (10000000 + d.acct),
    d.cents * 10000 + CASE WHEN d.role = {line} THEN coalesce(u.micros, 0) ELSE 0 END, 0, 0,
    'on in the network from day ' || l.role_day || ', never in billing'
FROM due AS d JOIN line AS l USING (sub) JOIN offer AS o USING (offer)
LEFT JOIN unbilled_usage AS u USING (sub)
"""

_CEASED = """
WITH billed AS ({billed} AND m.month = {month}
    AND (h.role = {ceased} OR (h.role = {stripped} AND NOT o.is_plan))),
entitled AS ({entitled} AND m.month = {month})
SELECT 'leak', 'ORD-03',
    CASE WHEN b.role = {ceased} THEN 'BILLED_NOT_ACTIVE' ELSE 'BILLED_FEATURE_ABSENT' END,
    {period}, l.number || '|' || o.offer_id, 'A' || (10000000 + b.acct), 0,
    (b.cents - coalesce(e.cents, 0)) * 10000, 0, 'gone from the network on day ' || l.role_day
FROM billed AS b JOIN line AS l USING (sub) JOIN offer AS o USING (offer)
LEFT JOIN entitled AS e ON e.sub = b.sub AND e.offer = b.offer
WHERE b.cents > coalesce(e.cents, 0)
"""

_DECOYS = """
SELECT 'decoy', 'ORD-02', 'ACTIVE_UNBILLED', {period}, l.number || '|' || o.offer_id, NULL, 0, 0, 0,
    CASE WHEN l.kind = 3 THEN 'test SIM' ELSE 'on in the network a day before billing' END
FROM line AS l JOIN offer AS o ON o.offer = l.plan
WHERE {month} > 1
    AND ((l.role = {early} AND l.role_month = {month}) OR (l.kind = 3 AND l.sub < 20000))
UNION ALL
(SELECT 'decoy', 'ORD-03', 'BILLED_NOT_ACTIVE', {period}, l.number || '|HOLD',
    'A' || (10000000 + l.acct), 0, 0, 0, 'seasonal hold with a fee by contract'
FROM line AS l JOIN month AS m ON l.gap_from < m.next AND l.gap_to > m.first
WHERE l.hold = 1 AND m.month = {month} AND {month} > 1 ORDER BY l.sub LIMIT 40)
UNION ALL
(SELECT DISTINCT 'decoy', 'BIL-01', 'RC_MISSING', {period}, 'S' || (10000000 + l.sub) || '|MRC',
    'A' || (10000000 + l.acct), 0, 0, 0, 'suspended without a fee for a part of the month'
FROM line AS l JOIN month AS m ON l.gap_from < m.next AND l.gap_to > m.first
WHERE l.hold = 0 AND l.kind <= 1 AND m.month = {month} ORDER BY 5 LIMIT 40)
UNION ALL
(SELECT 'decoy', 'BIL-01', 'RC_MISSING', {period}, 'S' || (10000000 + sub) || '|MRC',
    'A' || (10000000 + acct), 0, 0, 0, 'charged in advance by the run before'
FROM charge WHERE charge_month = {month} AND run = {month} - 1 ORDER BY sub LIMIT 20)
UNION ALL
(SELECT 'decoy', 'BIL-03', 'FOOT_DIFF', {period}, '{invoice}-' || (10000000 + acct),
    'A' || (10000000 + acct), 0, 0, 0, 'cash rounding on a line of its own'
FROM bill_line ANTI JOIN marked_account USING (acct) WHERE line_type = 'rounding'
ORDER BY acct LIMIT 40)
"""


def value_unbilled_usage(usage: UsageMonth) -> None:
    """Rate the usage of lines that billing does not know, for the price of their absence."""
    database = usage.database
    database.run(
        """
        CREATE OR REPLACE TEMP VIEW unbilled_set AS
        SELECT rid, 1000000000000 + rid AS rated_no, sub, svc, zone, plan, day, t, qtot AS q, ppm
        FROM net WHERE role = {line} AND kind IN (0, 3)
    """,
        line=int(Role.NETWORK_LINE),
    )
    rate(database, "unbilled_set", "unbilled_rated", "rid, sub")
    database.run(
        "CREATE OR REPLACE TABLE unbilled_usage AS"
        " SELECT sub, sum(charge)::BIGINT AS micros FROM unbilled_rated GROUP BY sub"
    )


def answer_run(key: AnswerKey, month: int, code: str) -> None:
    """Add the answers about a month's charges and the invoices of its run."""
    names: dict[str, object] = {"month": month, "invoice": code}
    key.query(
        _RECURRING,
        month,
        month=month,
        net=_NET.format(cents="cents"),
        missing=int(Role.RC_MISSING),
        doubled=int(Role.RC_DUP),
        mispriced=int(Role.RC_PRICE),
        gap=int(Role.RC_GAP),
        overlap=int(Role.RC_OVERLAP),
    )
    key.query(_INVOICES, month, **names)
    if month > 1:
        views = {
            name: CHARGES.format(history=f"{view}_history", discount=DISCOUNT)
            for name, view in (("billed", "billing"), ("entitled", "network"))
        }
        charges = CHARGES.format(history="truth", discount=DISCOUNT)
        key.query(
            _NETWORK_ONLY,
            month,
            month=month,
            charges=charges,
            line=int(Role.NETWORK_LINE),
            feature=int(Role.NETWORK_FEATURE),
        )
        key.query(
            _CEASED,
            month,
            month=month,
            ceased=int(Role.CEASED_LINE),
            stripped=int(Role.STRIPPED_FEATURE),
            **views,
        )
    key.query(_DECOYS, month, early=int(Role.EARLY), **names)
