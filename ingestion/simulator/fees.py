"""The fee for a new line: due when its order is completed, and billed, forgotten or waived."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.population import CONSUMER
from ingestion.simulator.roles import Role, wanted
from ingestion.simulator.settings import AnomalyMix
from ingestion.simulator.warehouse import Database

FEE_CODE, FEE_CENTS, RAISED_CENTS = "ACTIVATION", 1_990, 500
# kind of anomaly -> category; each takes the next of the new lines
_FAULTS = {
    "missing_fees": "FEE_MISSING",
    "doubled_fees": "FEE_DUPLICATE",
    "raised_fees": "FEE_AMOUNT",
    "waived_fees": "WAIVER_NO_APPROVAL",
}

# Who orders on the web pays none: that is the campaign, and an item of 0.00. The order of a line
# that billing never learned of is not completed.
_FEES = """
CREATE TABLE fee AS
WITH started AS (
    SELECT sub, acct, kind, start AS day, sub % 3 = 1 AS is_campaign, m.month
    FROM line AS l JOIN month AS m ON l.start >= m.first AND l.start < m.next AND m.is_billed
    WHERE l.start >= 0 AND l.role <> {network_line}
),
numbered AS (
    SELECT *, CASE WHEN NOT is_campaign AND kind = {consumer}
        THEN row_number() OVER (PARTITION BY is_campaign, kind ORDER BY sub) - 1 END AS place
    FROM started
)
SELECT sub, acct, day, month, is_campaign,
    CASE WHEN is_campaign THEN 0 ELSE {cents} END AS due_cents, {fault} AS fault
FROM numbered
"""

LINES = """
INSERT INTO bill_line
WITH due AS (
    SELECT f.*, l.plan FROM fee AS f JOIN line AS l USING (sub)
    WHERE f.month = {run} AND f.due_cents > 0 AND l.kind <= 1
),
lines AS (
    SELECT *, 'A' AS copy,
        CASE fault WHEN 'FEE_AMOUNT' THEN due_cents + {raised} ELSE due_cents END AS cents
    FROM due WHERE fault IS DISTINCT FROM 'FEE_MISSING'
    UNION ALL
    SELECT *, 'B', due_cents FROM due WHERE fault = 'FEE_DUPLICATE'
    UNION ALL
    SELECT *, 'W', -due_cents FROM due WHERE fault = 'WAIVER_NO_APPROVAL'
)
SELECT acct, concat('{code}-S', 10000000 + sub, '-{fee_code}-', copy), 'S' || (10000000 + sub),
    CASE copy WHEN 'W' THEN 'discount' ELSE 'one_off' END, '{fee_code}', o.offer_id, NULL,
    CASE copy WHEN 'W' THEN 'DW-S' || (10000000 + sub) END, 'STD', NULL, NULL, f.cents, day, day + 1
FROM lines AS f JOIN offer AS o ON o.offer = f.plan
"""

_ANSWERS = """
SELECT 'leak', 'ORD-08', f.fault, {period}, concat('S', 10000000 + f.sub, '|{fee_code}'),
    'A' || (10000000 + f.acct),
    CASE WHEN fault IN ('FEE_MISSING', 'WAIVER_NO_APPROVAL') THEN due_cents * 10000 ELSE 0 END,
    CASE fault WHEN 'FEE_DUPLICATE' THEN due_cents * 10000 WHEN 'FEE_AMOUNT' THEN {raised} * 10000
        ELSE 0 END, 0, 'fee of a new line'
FROM fee AS f WHERE f.month = {month} AND fault IS NOT NULL
UNION ALL
(SELECT 'decoy', 'ORD-08', 'FEE_MISSING', {period}, concat('S', 10000000 + f.sub, '|{fee_code}'),
    'A' || (10000000 + f.acct), 0, 0, 0, 'campaign: free for orders on the web'
FROM fee AS f WHERE f.month = {month} AND is_campaign ORDER BY f.sub LIMIT 40)
"""


def build_fees(database: Database, mix: AnomalyMix, subscribers: int) -> None:
    """Make the table of the fees of new lines, with what is wrong with each."""
    first, cases = 0, []
    for name, category in _FAULTS.items():
        after = first + wanted(mix, name, subscribers)
        cases.append(f"WHEN place < {after} THEN '{category}'")
        first = after
    database.run(
        _FEES,
        network_line=int(Role.NETWORK_LINE),
        consumer=CONSUMER,
        cents=FEE_CENTS,
        fault=f"CASE {' '.join(cases)} END",
    )


def answer_fees(key: AnswerKey, month: int) -> None:
    """Add the answers about the fees of a month."""
    key.query(_ANSWERS, month, month=month, fee_code=FEE_CODE, raised=RAISED_CENTS)
