"""Bills that do not go out: accounts left out, bills held back, and one too small to send."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.roles import Role
from ingestion.simulator.warehouse import Database

HELD_DAYS = 21

# What is held is released three weeks later, or not at all.
_WITHHELD = """
CREATE TABLE withheld AS
SELECT acct, role_month AS month, role = {too_small} AS is_small, CASE role
    WHEN {skipped} THEN 'none' WHEN {held} THEN CASE role_no % 2 WHEN 0 THEN 'late' ELSE 'held' END
    ELSE 'suppressed' END AS state
FROM line WHERE role IN ({skipped}, {held}, {suppressed}, {too_small})
"""

_ANSWERS = """
WITH due AS (
    SELECT acct, sum(cents - (2 * cents * ppm + 1000000) // 2000000)::BIGINT AS cents
    FROM charge WHERE run = {month} GROUP BY acct
),
empty AS (
    SELECT d.acct, d.cents, w.state, w.is_small FROM due AS d JOIN withheld AS w USING (acct)
    WHERE w.month = {month}
    UNION ALL
    -- the only charge of an account was left out, and with it the invoice
    SELECT d.acct, d.cents, 'none', false FROM due AS d JOIN line AS l USING (acct)
    WHERE l.role = {missing} AND l.role_month = {month} AND d.acct NOT IN (SELECT acct FROM bill)
)
SELECT CASE WHEN is_small THEN 'decoy' ELSE 'leak' END, 'BIL-04',
    CASE state WHEN 'none' THEN 'NOT_INVOICED' WHEN 'suppressed' THEN 'SUPPRESSED_WITH_CHARGE'
        ELSE 'HELD_AGED' END,
    {period}, concat('A', 10000000 + acct, '|', {period}), 'A' || (10000000 + acct),
    CASE WHEN state <> 'late' AND NOT is_small AND {later} >= 2 THEN cents * 10000 ELSE 0 END, 0,
    CASE WHEN state = 'late' OR (NOT is_small AND {later} < 2) THEN cents * 10000 ELSE 0 END,
    CASE state WHEN 'none' THEN 'left out of the run' WHEN 'late' THEN 'held for three weeks'
        WHEN 'held' THEN 'still held' ELSE CASE WHEN is_small THEN 'too small a bill to send'
        ELSE 'not sent, though not small' END END
FROM empty
"""


def build_withheld(database: Database) -> None:
    """Make the table of the bills that do not go out."""
    database.run(
        _WITHHELD,
        skipped=int(Role.SKIPPED),
        held=int(Role.HELD),
        suppressed=int(Role.SUPPRESSED),
        too_small=int(Role.TOO_SMALL),
    )


def answer_withheld(key: AnswerKey, month: int) -> None:
    """Add the answers about the accounts that a run left without a bill."""
    key.query(
        _ANSWERS,
        month,
        month=month,
        later=key.calendar.months - month,
        missing=int(Role.RC_MISSING),
    )
