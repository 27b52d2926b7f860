"""Charges that are billed again: a line or a whole invoice twice, and a re-bill that is right."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.files import csv_head
from ingestion.simulator.roles import Role
from ingestion.simulator.warehouse import Database

# The one is sent a second time a day later; the other went to a wrong address a day before, was
# credited whole and billed again.
_COPIES = """
CREATE TABLE invoice_copy AS
SELECT acct, role_month AS month, CASE role WHEN {twice} THEN '-2' ELSE '-1' END AS mark,
    CASE role WHEN {twice} THEN 1 ELSE -1 END AS days
FROM line WHERE role IN ({twice}, {rebilled})
"""

INVOICES = """
UNION ALL
SELECT concat('{code}', '-', 10000000 + b.acct, c.mark),
    concat('{number}', 10000000 + b.acct, c.mark), 'A' || (10000000 + b.acct), 'RUN-{tag}',
    DATE '{issued_on}' + c.days::INTEGER, DATE '{month_first}', DATE '{month_next}',
    {money}, '{currency}', 'issued'
FROM (SELECT * REPLACE (NULL::BIGINT AS previous, NULL::BIGINT AS paid, NULL::BIGINT AS closing)
    FROM bill) AS b
JOIN invoice_copy AS c USING (acct) WHERE c.month = {month}
"""

# a copy has the lines of its invoice, and carries no balance
LINES = """
SELECT * FROM ({lines})
UNION ALL
SELECT l.* REPLACE (invoice_line_id || c.mark AS invoice_line_id,
    invoice_id || c.mark AS invoice_id)
FROM ({lines}) AS l
JOIN invoice_copy AS c ON c.month = {month} AND l.account_id = 'A' || (10000000 + c.acct)
ORDER BY account_id, invoice_line_id
"""

_CREDITS = """
SELECT concat('CN{tag}', 10000000 + b.acct, ',{code}-', 10000000 + b.acct, c.mark, ',A',
    10000000 + b.acct, ',{issued_on},', b.net * 0.01::DECIMAL(4, 2), ',',
    b.tax * 0.01::DECIMAL(4, 2), ',wrong_address,EUR', chr(10)) AS line
FROM bill AS b JOIN invoice_copy AS c USING (acct)
WHERE c.month = {month} AND c.days < 0 ORDER BY b.acct
"""
CREDIT_HEAD = csv_head(
    (
        "credit_note_id",
        "invoice_id",
        "account_id",
        "issued_on",
        "net_amount",
        "tax_amount",
        "reason_code",
        "currency_code",
    )
)

_ANSWERS = """
WITH again AS (
    SELECT c.acct, c.mark, c.days, sum(l.cents)::BIGINT AS cents
    FROM bill_line AS l JOIN invoice_copy AS c USING (acct)
    WHERE c.month = {month} AND l.line_type NOT IN ('tax', 'rounding') GROUP BY ALL
)
SELECT CASE WHEN days > 0 THEN 'leak' ELSE 'decoy' END, 'BIL-05', 'DUP_INVOICE', {period},
    concat('{invoice}-', 10000000 + acct, CASE WHEN days > 0 THEN mark END),
    'A' || (10000000 + acct), 0, CASE WHEN days > 0 THEN cents * 10000 ELSE 0 END, 0,
    CASE WHEN days > 0 THEN 'sent again a day later' ELSE 'billed again after a credit note' END
FROM again
UNION ALL
SELECT 'leak', 'BIL-05', 'DUP_LINE', {period},
    concat('L', substr('{invoice}', 2), '-S', 10000000 + c.sub, '-MRC-',
        strftime(DATE '{first_day}' + c.a::INTEGER, '%m%d'), 'B'),
    'A' || (10000000 + c.acct), 0,
    (c.cents - (2 * c.cents * c.ppm + 1000000) // 2000000) * 10000, 0, 'the same line twice'
FROM charge AS c JOIN line AS l USING (sub)
WHERE l.role = {line_twice} AND c.charge_code = 'MRC' AND c.charge_month = {month}
    AND l.role_month = {month}
UNION ALL
SELECT 'decoy', 'BIL-05', 'DUP_LINE', {period}, line_id, 'A' || (10000000 + b.acct), 0, 0, 0,
    'two of an add-on that was sold twice'
FROM bill_line AS b JOIN line AS l ON subscription_id = 'S' || (10000000 + l.sub)
WHERE l.role = {two_packs} AND line_type = 'recurring' AND charge_code = 'MRC_SEC'
"""


def build_copies(database: Database) -> None:
    """Make the table of the invoices that are sent twice."""
    database.run(_COPIES, twice=int(Role.INVOICE_TWICE), rebilled=int(Role.REBILLED))


def credit_lines(database: Database, **names: object) -> str:
    """Return the credit notes of a run as CSV lines."""
    return "".join(row[0] for row in database.rows(_CREDITS, **names))


def answer_copies(key: AnswerKey, month: int, code: str) -> None:
    """Add the answers about what is billed twice."""
    key.query(
        _ANSWERS,
        month,
        month=month,
        invoice=code,
        first_day=key.calendar.first_month,
        line_twice=int(Role.LINE_TWICE),
        two_packs=int(Role.TWO_PACKS),
    )
