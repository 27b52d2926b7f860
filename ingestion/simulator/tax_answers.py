"""The answers about tax: what the invoices charge against what was in force."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.roles import Role

_TAXES = """
WITH base AS (
    SELECT acct, tax_group, sum(cents)::BIGINT AS cents FROM bill_line
    WHERE line_type NOT IN ('tax', 'rounding') GROUP BY acct, tax_group
),
due AS (
    SELECT b.acct, sum(sign(b.cents) * ((2 * abs(b.cents) * t.ppm + 1000000) // 2000000))::BIGINT
        AS cents
    FROM base AS b JOIN tax AS t
        ON t.tax_group = b.tax_group AND {month} >= t.from_run AND {month} < t.to_run
    GROUP BY b.acct
),
charged AS (
    SELECT acct, sum(cents)::BIGINT AS cents FROM bill_line WHERE line_type = 'tax' GROUP BY acct
),
wrong AS (
    SELECT l.acct, l.role,
        CASE l.role WHEN {place} THEN 0 ELSE d.cents END - coalesce(c.cents, 0) AS slip
    FROM line AS l JOIN due AS d USING (acct) LEFT JOIN charged AS c USING (acct)
    WHERE (l.role IN ({old}, {place}) AND l.role_month = {month})
        OR (l.role = {exempt} AND l.role_month <= {month})
)
SELECT 'leak', 'BIL-08', CASE role WHEN {old} THEN 'RATE_WRONG' WHEN {place}
        THEN 'PLACE_WRONG' ELSE 'EXEMPT_EXPIRED' END,
    {period}, '{invoice}-' || (10000000 + acct), 'A' || (10000000 + acct),
    greatest(slip, 0) * 10000, greatest(-slip, 0) * 10000, 0,
    CASE role WHEN {old} THEN 'at the rate of the month before'
        WHEN {place} THEN 'taxed at home, though business abroad' ELSE 'no tax though it is due' END
FROM wrong WHERE slip <> 0
UNION ALL
(SELECT 'decoy', 'BIL-08', 'RATE_WRONG', {period}, '{invoice}-' || (10000000 + b.acct),
    'A' || (10000000 + b.acct), 0, 0, 0, 'business abroad: the customer pays the tax'
FROM bill AS b JOIN account AS c USING (acct)
WHERE c.abroad = 1 AND b.acct NOT IN (SELECT acct FROM wrong) ORDER BY b.acct LIMIT 40)
UNION ALL
(SELECT 'decoy', 'BIL-08', 'EXEMPT_EXPIRED', {period}, '{invoice}-' || (10000000 + b.acct),
    'A' || (10000000 + b.acct), 0, 0, 0, 'exempt, and in time'
FROM bill AS b JOIN account AS c USING (acct)
WHERE c.exempt = 1 AND c.exempt_to > {last_day} ORDER BY b.acct LIMIT 40)
"""


def answer_taxes(key: AnswerKey, month: int, code: str) -> None:
    """Add the answers about the tax on the invoices of a month's run."""
    key.query(
        _TAXES,
        month,
        month=month,
        invoice=code,
        old=int(Role.TAX_OLD),
        place=int(Role.TAX_PLACE),
        exempt=int(Role.EXEMPT_OLD),
        last_day=key.calendar.month_start(month + 1) - 1,
    )
