"""The operator's bill runs: recurring lines, usage lines, discounts, tax and balances, in cents."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ingestion.simulator import commitments, discounts, fees
from ingestion.simulator.calendar import OPEN_END, Calendar
from ingestion.simulator.catalogue import TAXES
from ingestion.simulator.deliver_usage import run_code
from ingestion.simulator.files import Delivery
from ingestion.simulator.population import BUSINESS
from ingestion.simulator.roles import Role
from ingestion.simulator.warehouse import Database

FAMILY_CENTS, FAMILY_LINES = 1_000, 3
_DAY_MORE = 1_000  # no role: what is charged of a plan that is left
# roles that fall on an invoice, not on a charge
_ACCOUNT_ROLES = (Role.FOOT, Role.TAX, Role.BALANCE, Role.TAX_OLD, Role.TAX_PLACE)

# One line for each unbroken stretch of a charge in its month. {history} is whose view is charged.
CHARGES = """
SELECT h.sub, h.acct, h.offer, h.role, h.role_no, m.month AS charge_month,
    greatest(h.d0, m.first) AS a, least(h.d1, m.next) AS b, m.next - m.first AS month_days,
    m.month - o.advance AS run, o.cents AS price, o.charge_code, o.tax_group,
    CASE WHEN o.is_whole THEN o.cents ELSE
        (2 * o.cents * (least(h.d1, m.next) - greatest(h.d0, m.first)) + (m.next - m.first))
        // (2 * (m.next - m.first)) END AS cents,
    {discount} AS ppm
FROM {history} AS h
JOIN offer AS o USING (offer)
JOIN line AS l USING (sub)
JOIN account AS c ON c.acct = h.acct
JOIN month AS m ON h.d0 < m.next AND h.d1 > m.first AND (m.is_billed OR o.advance = 1)
WHERE h.status = 'active'
"""
# The second SIM is a subscription of its own and has no part in what its line was granted.
DISCOUNT = """greatest(c.recurring_ppm,
    CASE WHEN l.recurring_from <= m.first AND h.offer <> 8 THEN l.recurring_ppm ELSE 0 END)"""

_CHARGE_TABLE = "CREATE OR REPLACE TABLE charge AS {charges} AND c.kind <= {business}"

# A role spoils the plan's charge of one month; the others pass unchanged.
_FAULTS = """
CREATE OR REPLACE VIEW billed_charge AS
WITH marked AS (
    SELECT c.*, CASE WHEN c.charge_code = 'MRC' AND l.role_month = c.charge_month
            AND (c.role <> {prorated} OR c.role_no % 2 = 1) THEN c.role
        -- a plan that is left is charged for the day of the change, too
        WHEN c.role = {prorated} AND c.role_no % 2 = 0 AND c.offer = l.plan AND c.b = l.change
        THEN {day_more} ELSE 0 END AS fault
    FROM charge AS c JOIN line AS l USING (sub) WHERE c.run = {run}
        AND c.acct NOT IN (SELECT acct FROM withheld WHERE month = {run} AND state = 'none')
),
priced AS (
    SELECT * REPLACE (
        CASE fault WHEN {gap} THEN a + 20 WHEN {day_more} THEN b + 1
            WHEN {prorated_whole} THEN CASE role_no % 2 WHEN 1 THEN a + month_days ELSE b END
            ELSE b END AS b,
        CASE fault WHEN {mispriced} THEN CASE WHEN role_no % 2 = 0 THEN price * 6 // 5
            ELSE price * 4 // 5 END ELSE price END AS price,
        CASE fault WHEN {mispriced} THEN CASE WHEN role_no % 2 = 0 THEN cents * 6 // 5
            ELSE cents * 4 // 5 END
            WHEN {gap} THEN (2 * price * 20 + month_days) // (2 * month_days)
            WHEN {day_more} THEN (2 * price * (b - a + 1) + month_days) // (2 * month_days)
            WHEN {prorated} THEN (2 * price * (b - a) + 30) // 60
            WHEN {prorated_whole} THEN price ELSE cents END
            AS cents)
    FROM marked WHERE fault <> {missing}
)
SELECT *, 'A' AS copy, CASE WHEN fault = {math} THEN 2 ELSE 1 END AS pieces FROM priced
UNION ALL
SELECT * REPLACE (price * 11 // 10 AS price, cents * 11 // 10 AS cents), 'B', 1
FROM priced WHERE fault = {doubled}
UNION ALL
SELECT *, 'B', 1 FROM priced
WHERE fault = {twice} OR (role = {two_packs} AND charge_code = 'MRC_SEC')
UNION ALL
SELECT * REPLACE (a + 15 AS a,
    (2 * price * (b - a - 15) + month_days) // (2 * month_days) AS cents), 'B', 1
FROM priced WHERE fault = {overlap}
"""

_LINES = """
CREATE OR REPLACE TABLE bill_line AS
-- a tax line keeps its tax where the others keep their discount
WITH recurring AS (
    SELECT c.*, concat('{code}-', CASE WHEN c.offer = 8 THEN 'T' ELSE 'S' END, 10000000 + c.sub)
            AS stem,
        CASE WHEN c.offer = 8 THEN 'T' ELSE 'S' END || (10000000 + c.sub) AS subscription_id,
        o.offer_id, strftime(DATE '{first_day}' + c.a::INTEGER, '%m%d') || c.copy AS tail
    FROM billed_charge AS c JOIN offer AS o USING (offer)
),
usage AS (
    SELECT acct, sub, svc, is_extra, sum(micros)::BIGINT AS micros, sum(quantity)::BIGINT AS q
    FROM usage_sum WHERE run = {run} GROUP BY ALL
)
SELECT acct, concat(stem, '-', charge_code, '-', tail) AS line_id, subscription_id,
    'recurring' AS line_type, charge_code, offer_id, NULL AS service_code, NULL AS discount_id,
    tax_group, CASE WHEN b - a = month_days THEN pieces ELSE b - a END AS quantity,
    CASE WHEN b - a = month_days THEN price END AS unit_cents, cents, a, b
FROM recurring
UNION ALL
SELECT r.acct, concat(stem, '-', charge_code, '-', tail, '-DISC'), subscription_id, 'discount',
    charge_code, offer_id, NULL,
    CASE WHEN c.recurring_ppm > 0 THEN 'DR-A' || (10000000 + r.acct)
        ELSE 'DR-S' || (10000000 + r.sub) END,
    tax_group, NULL, NULL, -((2 * cents * ppm + 1000000) // 2000000), a, b
FROM recurring AS r JOIN account AS c ON c.acct = r.acct WHERE ppm > 0
UNION ALL
SELECT acct, concat('{code}-S', 10000000 + sub, ['-UV', '-US', '-UD'][svc + 1],
        CASE WHEN is_extra THEN 'X' END),
    'S' || (10000000 + sub), 'usage', ['USAGE_VOICE', 'USAGE_SMS', 'USAGE_DATA'][svc + 1], NULL,
    ['voice', 'sms', 'data'][svc + 1], NULL, 'STD', q, NULL, (2 * micros + 10000) // 20000,
    {first}, {next}
FROM usage
UNION ALL
SELECT acct, concat('{code}-A', 10000000 + acct, '-FAMILY'), NULL, 'discount', NULL, NULL, NULL,
    'DF-A' || (10000000 + acct), 'STD', NULL, NULL, -{family_cents}, {first}, {next}
FROM family_month WHERE month = {run}
"""

_FAMILY = """
CREATE OR REPLACE TABLE family_month AS
SELECT h.acct, m.month FROM billing_history AS h
JOIN account AS c USING (acct) JOIN offer AS o USING (offer)
JOIN month AS m ON h.d0 < m.next AND h.d1 > m.first AND m.is_billed
WHERE c.family = 1 AND o.is_plan AND h.status = 'active'
GROUP BY h.acct, m.month HAVING count(DISTINCT h.sub) >= {least}
"""

_TAXES = """
INSERT INTO bill_line
WITH base AS (
    SELECT l.acct, l.tax_group, sum(l.cents)::BIGINT AS cents FROM bill_line AS l
    JOIN account AS c USING (acct) WHERE c.exempt = 0 AND (c.abroad = 0 OR l.acct IN
        (SELECT acct FROM marked_account WHERE role = {tax_place} AND role_month = {run}))
    GROUP BY l.acct, l.tax_group
)
SELECT b.acct, concat('{code}-A', 10000000 + b.acct, '-', t.tax_rate_id), NULL, 'tax', NULL, NULL,
    NULL, t.tax_rate_id, b.tax_group, NULL, NULL,
    sign(b.cents) * ((2 * abs(b.cents) * t.ppm + 1000000) // 2000000), {first}, {next}
FROM base AS b LEFT JOIN marked_account AS f
    ON f.acct = b.acct AND f.role = {tax_old} AND f.role_month = {run}
JOIN tax AS t ON t.tax_group = b.tax_group
    AND {run} - CASE WHEN f.acct IS NULL THEN 0 ELSE 1 END >= t.from_run
    AND {run} - CASE WHEN f.acct IS NULL THEN 0 ELSE 1 END < t.to_run
"""

_ROUNDING = """
INSERT INTO bill_line
WITH total AS (
    SELECT l.acct, sum(l.cents)::BIGINT AS cents FROM bill_line AS l JOIN account AS c USING (acct)
    WHERE c.cash = 1 GROUP BY l.acct
)
SELECT acct, concat('{code}-A', 10000000 + acct, '-ROUND'), NULL, 'rounding', NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, (2 * cents + 5) // 10 * 5 - cents, {first}, {next}
FROM total WHERE (2 * cents + 5) // 10 * 5 <> cents
"""

# What is printed, right or wrong, is what the next invoice carries forward.
_INVOICES = """
CREATE OR REPLACE TABLE bill AS
WITH sums AS (
    SELECT acct,
        sum(cents) FILTER (line_type NOT IN ('tax', 'rounding'))::BIGINT AS net,
        coalesce(sum(cents) FILTER (line_type = 'tax'), 0)::BIGINT AS tax,
        coalesce(sum(cents) FILTER (line_type = 'rounding'), 0)::BIGINT AS rounding
    FROM bill_line GROUP BY acct
),
slipped AS (
    SELECT s.*, coalesce(p.closing, 0) AS carried, coalesce(p.paid, 0) AS paid,
        CASE WHEN f.role = {foot} THEN CASE WHEN f.role_no % 2 = 0 THEN 730 ELSE -415 END
            ELSE 0 END AS total_slip,
        CASE WHEN f.role = {tax} THEN CASE WHEN f.role_no % 2 = 0 THEN 100 ELSE -50 END
            ELSE 0 END AS tax_slip,
        CASE WHEN f.role = {balance} AND p.acct IS NOT NULL
            THEN CASE WHEN f.role_no % 2 = 0 THEN 1250 ELSE -890 END ELSE 0 END AS balance_slip
    FROM sums AS s LEFT JOIN balance AS p USING (acct)
    LEFT JOIN marked_account AS f ON f.acct = s.acct AND f.role_month = {run}
),
printed AS (
    SELECT *, tax + tax_slip AS printed_tax, carried + balance_slip AS previous,
        net + tax + tax_slip + rounding + total_slip AS total
    FROM slipped
)
SELECT acct, net, printed_tax AS tax, rounding, paid, total_slip, tax_slip, balance_slip, previous,
    total, previous - paid + total AS closing
FROM printed
"""

_BALANCES = """
CREATE OR REPLACE TABLE balance AS
SELECT b.acct, b.closing, {run} AS run,
    CASE WHEN b.closing <= 0 THEN 0 ELSE CASE c.payer WHEN 0 THEN b.closing
        WHEN 1 THEN b.closing // 2 ELSE 0 END END AS paid
FROM bill AS b JOIN account AS c USING (acct)
UNION ALL
-- without an invoice nothing is carried on: the next one begins where the last one ended
SELECT acct, closing, run, paid FROM balance ANTI JOIN bill USING (acct)
"""


def load_months(database: Database, calendar: Calendar) -> None:
    """Put the months where SQL finds them; the one after the last is only charged in advance."""
    months = range(1, calendar.months + 2)
    database.load(
        "month",
        pa.table(
            {
                "month": list(months),
                "first": [calendar.month_start(m) for m in months],
                "next": [calendar.month_start(m + 1) for m in months],
                "is_billed": [m <= calendar.months for m in months],
            }
        ),
    )


@dataclass
class Billing:
    """Makes one run after the other; balances go from each to the next."""

    database: Database
    calendar: Calendar
    delivery: Delivery

    def prepare(self) -> None:
        """Compute what does not depend on usage: every charge of every month."""
        self.database.load(
            "tax",
            pa.Table.from_pylist(
                [
                    {
                        "tax_rate_id": tax.rate_id,
                        "tax_group": tax.group,
                        "ppm": tax.ppm,
                        "from_run": tax.from_month or 0,
                        "to_run": tax.to_month or OPEN_END,
                    }
                    for tax in TAXES
                ]
            ),
        )
        run = self.database.run
        run(
            "CREATE TABLE usage_sum (run BIGINT, acct BIGINT, sub BIGINT, svc BIGINT,"
            " is_extra BOOLEAN, micros BIGINT, quantity BIGINT)"
        )
        run("CREATE TABLE balance (acct BIGINT, closing BIGINT, run BIGINT, paid BIGINT)")
        charges = CHARGES.format(history="billing_history", discount=DISCOUNT)
        run(_CHARGE_TABLE, charges=charges, business=BUSINESS)
        run(_FAMILY, least=FAMILY_LINES)
        run(
            "CREATE TABLE marked_account AS SELECT acct, role, role_no, role_month FROM line"
            " WHERE role IN ({roles})",
            roles=", ".join(str(int(r)) for r in _ACCOUNT_ROLES),
        )

    def add_usage(self) -> None:
        """Sum the rated events of a month by the line that they are on."""
        self.database.run("""
            INSERT INTO usage_sum
            SELECT run, acct, sub, svc, is_extra, sum(charge), sum(q) FROM delivered
            WHERE run IS NOT NULL GROUP BY ALL
        """)

    def run(self, month: int) -> None:
        """Make the run of a month; the run before the first bills advance charges only."""
        calendar = self.calendar
        names: dict[str, object] = {
            "run": month,
            "code": run_code(calendar, month),
            "first_day": calendar.first_month,
            "first": calendar.month_start(month),
            "next": calendar.month_start(month + 1),
            "family_cents": FAMILY_CENTS,
            "open_end": OPEN_END,
            "fee_code": fees.FEE_CODE,
            "raised": fees.RAISED_CENTS,
        } | {role.name.lower(): int(role) for role in _ACCOUNT_ROLES}
        self.database.run(
            _FAULTS,
            run=month,
            gap=int(Role.RC_GAP),
            mispriced=int(Role.RC_PRICE),
            missing=int(Role.RC_MISSING),
            doubled=int(Role.RC_DUP),
            twice=int(Role.LINE_TWICE),
            prorated=int(Role.PRORATED),
            prorated_whole=int(Role.PRORATED_WHOLE),
            two_packs=int(Role.TWO_PACKS),
            day_more=_DAY_MORE,
            overlap=int(Role.RC_OVERLAP),
            math=int(Role.LINE_MATH),
        )
        own_lines = (_LINES, discounts.LINES, fees.LINES, commitments.LINES)
        for statement in (*own_lines, _TAXES, _ROUNDING, _INVOICES):
            self.database.run(statement, **names)

    def carry(self, month: int) -> None:
        """Receive payments for a run and remember what is left."""
        self.database.run(_BALANCES, run=month)
