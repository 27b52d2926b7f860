"""Firms that agreed to a least amount a month, and the true-ups that the biller makes of it."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.population import MISSED, RELIEVED, SHORT

_CENTS_A_LINE = 9_000

COLUMNS = {
    "agreement_id": "'B2B-A' || (10000000 + c.acct)",
    "account_id": "'A' || (10000000 + c.acct)",
    "commitment_amount": f"(c.line_count * {_CENTS_A_LINE}) * 0.01::DECIMAL(4, 2)",
    "relief_reference": f"CASE c.commit WHEN {RELIEVED} THEN 'FM-' || c.acct END",
    "relief_from_on": f"CASE c.commit WHEN {RELIEVED} THEN {{begin}} + m.first::INTEGER END",
    "relief_to_on": f"CASE c.commit WHEN {RELIEVED} THEN {{begin}} + m.next::INTEGER END",
    "currency_code": "'EUR'",
    "valid_from_on": "{begin} - 400",
}
AGREEMENTS = """
SELECT {line} FROM account AS c JOIN month AS m ON m.month = c.commit_month
WHERE c.commit > 0 ORDER BY c.acct
"""

# What counts are the charges for the month, usage and fees on its bill, before discounts and tax.
_SHORTFALL = f"""
WITH spent AS (
    SELECT acct, sum(cents)::BIGINT AS cents FROM (
        SELECT acct, cents FROM charge WHERE charge_month = {{run}}
        UNION ALL
        SELECT acct, cents FROM bill_line WHERE line_type IN ('usage', 'one_off')
    ) GROUP BY acct
),
shortfall AS (
    SELECT c.acct, c.commit, c.commit_month = {{run}} AS is_spoilt,
        greatest(0, c.line_count * {_CENTS_A_LINE} - coalesce(s.cents, 0)) AS cents
    FROM account AS c LEFT JOIN spent AS s USING (acct)
    WHERE c.commit > 0 AND c.acct IN (SELECT acct FROM bill_line)
),
true_up AS (
    SELECT *, CASE WHEN NOT is_spoilt THEN cents WHEN commit IN ({MISSED}, {RELIEVED}) THEN 0
        WHEN commit = {SHORT} THEN cents // 2 ELSE cents END AS billed
    FROM shortfall
)
"""
LINES = (
    "INSERT INTO bill_line"
    + _SHORTFALL
    + """
SELECT acct, concat('{code}-A', 10000000 + acct, '-MIN'), NULL, 'minimum', 'MINIMUM', NULL, NULL,
    NULL, 'STD', NULL, NULL, billed, {first}, {next}
FROM true_up WHERE billed > 0 AND {run} > 0
"""
)

_ANSWERS = (
    _SHORTFALL
    + f"""
SELECT CASE commit WHEN {RELIEVED} THEN 'decoy' ELSE 'leak' END, 'BIL-11',
    CASE commit WHEN {SHORT} THEN 'TRUEUP_SHORT' ELSE 'TRUEUP_MISSING' END, {{period}},
    'B2B-A' || (10000000 + acct), 'A' || (10000000 + acct),
    CASE commit WHEN {RELIEVED} THEN 0 ELSE (cents - billed) * 10000 END, 0, 0,
    CASE commit WHEN {RELIEVED} THEN 'relieved by paper' ELSE 'less than agreed was billed' END
FROM true_up WHERE is_spoilt AND commit IN ({MISSED}, {SHORT}, {RELIEVED}) AND cents > 0
"""
)


def answer_commitments(key: AnswerKey, month: int) -> None:
    """Add the answers about the true-ups of a month."""
    key.query(_ANSWERS, month, run=month)
