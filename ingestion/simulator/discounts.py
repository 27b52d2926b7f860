"""The register of discounts, and where the biller departs from it: what it gives, what is due."""

from __future__ import annotations

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.catalogue import OFFERS, PLAN_XL
from ingestion.simulator.roles import Role
from ingestion.simulator.warehouse import Database

REGISTER_COLUMNS = (
    "discount_id",
    "description",
    "account_id",
    "subscription_id",
    "product_offering_id",
    "scope_type",
    "charge_type",
    "charge_code",
    "discount_type",
    "rate_ratio",
    "discount_amount",
    "minimum_line_count",
    "stacking_type",
    "ceiling_ratio",
    "maximum_cycle_count",
    "approved_by",
    "approval_reference",
    "priority",
    "currency_code",
    "valid_from_on",
    "valid_to_on",
)

# A role's grants are of its plan's charge. The last one of a kind wins where several hold: an
# extension, or the leave to combine two, is a grant of its own with the paper that allows it.
REGISTER = """
WITH granted AS (
    SELECT 'DR-A' || (10000000 + acct) AS discount_id, 'Framework reduction' AS description,
        'A' || (10000000 + acct) AS account_id, NULL AS subscription_id, 'account' AS scope_type,
        'recurring' AS charge_type, 'percent' AS discount_type, recurring_ppm AS ppm,
        NULL AS amount, NULL AS least, -1600 AS d0, {open_end} AS d1, NULL AS cycles,
        NULL AS stacking_type, 'Head of Sales' AS approved_by, NULL AS paper, 1 AS priority
    FROM account WHERE recurring_ppm > 0
    UNION ALL
    SELECT 'DU-A' || (10000000 + acct), 'Traffic reduction', 'A' || (10000000 + acct), NULL,
        'account', 'usage', 'percent', usage_ppm, NULL, NULL, -1600, {open_end}, NULL, NULL,
        'Head of Sales', NULL, 1
    FROM account WHERE usage_ppm > 0
    UNION ALL
    SELECT 'DF-A' || (10000000 + acct), 'Family reduction', 'A' || (10000000 + acct), NULL,
        'account', 'recurring', 'amount', NULL, '10.00', 3, -1600, {open_end}, NULL, NULL,
        'Head of Sales', NULL, 1
    FROM account WHERE family = 1
    UNION ALL
    SELECT 'DR-S' || (10000000 + sub), 'Loyalty reduction', NULL, 'S' || (10000000 + sub),
        'subscription', 'recurring', 'percent', recurring_ppm, NULL, NULL, recurring_from,
        {open_end}, NULL, NULL, 'Head of Sales', NULL, 1
    FROM line WHERE recurring_ppm > 0
    UNION ALL
    SELECT 'DU-S' || (10000000 + sub), 'Caller reduction', NULL, 'S' || (10000000 + sub),
        'subscription', 'usage', 'percent', usage_ppm, NULL, NULL, -1600, {open_end}, NULL, NULL,
        'Head of Sales', NULL, 1
    FROM line WHERE usage_ppm > 0
    UNION ALL BY NAME
    SELECT kind || '-S' || (10000000 + sub) AS discount_id, description,
        'S' || (10000000 + sub) AS subscription_id, 'subscription' AS scope_type,
        'recurring' AS charge_type, 'percent' AS discount_type, ppm, d0, d1, cycles, stacking_type,
        approved_by, paper, priority, ceiling
    FROM role_grant
    UNION ALL BY NAME
    SELECT '{promotion}' AS discount_id, 'Summer promotion' AS description,
        '{retired}' AS product_offering_id, 'subscription' AS scope_type,
        'recurring' AS charge_type, 'percent' AS discount_type, 150000 AS ppm, -1600 AS d0,
        {open_end} AS d1, 'Head of Sales' AS approved_by, 1 AS priority
    UNION ALL BY NAME
    SELECT 'DW-S' || (10000000 + sub) AS discount_id, 'Fee waived' AS description,
        'S' || (10000000 + sub) AS subscription_id, 'line' AS scope_type,
        'one_off' AS charge_type, 'percent' AS discount_type, 1000000 AS ppm, day AS d0,
        {open_end} AS d1, 1 AS priority
    FROM fee WHERE fault = 'WAIVER_NO_APPROVAL'
),
shaped AS (
    SELECT *, NULL AS charge_code, ceiling * 0.000001::DECIMAL(6, 6) AS ceiling_ratio,
        ppm::DECIMAL(9, 0) * 0.000001::DECIMAL(6, 6) AS rate_ratio, amount AS discount_amount,
        least AS minimum_line_count, cycles AS maximum_cycle_count, paper AS approval_reference,
        'EUR' AS currency_code, DATE '{first_day}' + d0::INTEGER AS valid_from_on,
        CASE WHEN d1 < {open_end} THEN DATE '{first_day}' + d1::INTEGER END AS valid_to_on
    FROM granted
)
SELECT {line} FROM shaped ORDER BY discount_id
"""

_GRANTS = """
CREATE TABLE role_grant AS
WITH held AS (
    SELECT sub, role, role_no, role_month, m.first AS begin_day, m.next AS end_day
    FROM line AS l JOIN month AS m ON m.month = l.role_month
)
SELECT sub, 'DR' AS kind, 'Personal reduction' AS description,
    CASE role WHEN {high} THEN 100000 ELSE 200000 END AS ppm,
    CASE WHEN role = {unapproved} THEN begin_day WHEN role IN ({promo}, {promo_extended})
        THEN {half_year_ago} ELSE -1600 END AS d0,
    CASE WHEN role IN ({expired}, {loyal}) THEN begin_day
        WHEN role IN ({promo}, {promo_extended}) AND role_no % 2 = 0 THEN 0
        WHEN role = {unapproved} THEN end_day ELSE {open_end} END AS d1,
    CASE WHEN role IN ({promo}, {promo_extended}) THEN CASE role_no % 2 WHEN 0 THEN 24 ELSE 6 END
        END AS cycles,
    NULL AS stacking_type,
    CASE WHEN role <> {unapproved} THEN 'Head of Sales' END AS approved_by,
    NULL AS paper, 1 AS priority, NULL AS ceiling
FROM held WHERE role IN ({high}, {unapproved}, {promo}, {promo_extended}, {expired}, {loyal},
    {stacked}, {stack_approved}, {stack_high})
UNION ALL
SELECT sub, 'DX', 'Shop reduction', 100000, -1600, {open_end}, NULL, 'exclusive', 'Shop manager',
    NULL, 2, NULL
FROM held WHERE role IN ({stacked}, {stack_approved})
UNION ALL
SELECT sub, 'DZ', 'Personal and shop reduction together', 300000, -1600, {open_end}, NULL, NULL,
    'Head of Sales', 'EXC-' || sub, 0, NULL
FROM held WHERE role = {stack_approved}
UNION ALL
SELECT sub, 'DL', 'Loyalty extension', 200000, begin_day, {open_end}, NULL, NULL,
    'Head of Retention', 'LOY-' || sub, 1, NULL
FROM held WHERE role = {loyal}
UNION ALL
SELECT sub, 'DE', 'Retention extension', 200000, 0, {open_end}, NULL, NULL,
    'Head of Retention', 'RET-' || sub, 1, NULL
FROM held WHERE role = {promo_extended}
UNION ALL
SELECT sub, 'DC', 'Campaign reduction', 150000, -1600, {open_end}, NULL, NULL, 'Head of Sales',
    NULL, 2, 200000
FROM held WHERE role = {stack_high}
"""

# What the biller takes off each month, and what the register allows.
_GIVEN = """
CREATE TABLE given AS
WITH held AS (
    SELECT l.sub, l.role, l.role_month, m.month FROM line AS l CROSS JOIN month AS m
    WHERE l.role BETWEEN {stack_high} AND {promo_other} AND m.is_billed
)
SELECT sub, month, 'DR' AS kind,
    CASE WHEN role = {high} AND month <> role_month THEN 100000 ELSE 200000 END AS ppm
FROM held WHERE role NOT IN ({unknown}, {unapproved}, {promo_other})
    OR (role = {unapproved} AND month = role_month)
UNION ALL
SELECT sub, month, 'DX', 100000 FROM held
WHERE role = {stack_approved} OR (role = {stacked} AND month = role_month)
UNION ALL
SELECT sub, month, 'MAN', 150000 FROM held WHERE role = {unknown} AND month = role_month
UNION ALL
-- the other reduction has taken all that its ceiling leaves
SELECT sub, month, 'DC', 150000 FROM held WHERE role = {stack_high} AND month = role_month
UNION ALL
SELECT sub, month, 'PX', 150000 FROM held WHERE role = {promo_other} AND month = role_month
"""
# the promotion of a plan that is sold no more
PROMOTION = f"PX-{OFFERS[PLAN_XL].offer_id}"

# the lines that these grants make of the plan's charge
_LINES = """
INSERT INTO bill_line
SELECT c.acct, concat('{code}-S', 10000000 + c.sub, '-', c.charge_code, '-',
        strftime(DATE '{first_day}' + c.a::INTEGER, '%m%d'), c.copy, '-', g.kind),
    'S' || (10000000 + c.sub), 'discount', c.charge_code, o.offer_id, NULL,
    CASE g.kind WHEN 'PX' THEN '{promotion}' ELSE g.kind || '-S' || (10000000 + c.sub) END,
    c.tax_group, NULL, NULL, -((2 * c.cents * g.ppm + 1000000) // 2000000), c.a, c.b
FROM billed_charge AS c JOIN offer AS o USING (offer)
JOIN given AS g ON g.sub = c.sub AND g.month = c.charge_month AND o.is_plan
"""
LINES = _LINES.replace("{promotion}", PROMOTION)

_ANSWERS = """
WITH held AS (
    SELECT c.sub, c.acct, c.cents, l.role, l.role_no, l.role_month
    FROM charge AS c JOIN line AS l USING (sub)
    WHERE c.charge_month = {month} AND c.charge_code = 'MRC'
        AND l.role BETWEEN {stack_high} AND {promo_other}
),
taken AS (
    SELECT h.sub, sum((2 * h.cents * g.ppm + 1000000) // 2000000)::BIGINT AS cents
    FROM held AS h JOIN given AS g ON g.sub = h.sub AND g.month = {month} GROUP BY h.sub
),
judged AS (
    SELECT h.*, t.cents AS taken, CASE
            WHEN role = {stack_approved} THEN 300000
            WHEN role IN ({stacked}, {stack_high}, {loyal}, {promo_extended}) THEN 200000
            WHEN role = {high} THEN 100000
            WHEN role = {expired} AND {month} < role_month THEN 200000
            ELSE 0 END AS due_ppm
    FROM held AS h JOIN taken AS t USING (sub)
),
wrong AS (
    SELECT *, taken - (2 * cents * due_ppm + 1000000) // 2000000 AS slip FROM judged
)
SELECT CASE WHEN role IN ({stack_approved}, {loyal}, {promo_extended})
        OR (role = {promo} AND {month} = 1) THEN 'decoy' ELSE 'leak' END,
    CASE WHEN role IN ({stacked}, {stack_approved}, {stack_high}) THEN 'RAT-10'
        WHEN role IN ({promo}, {promo_extended}, {promo_other}) THEN 'POM-03' ELSE 'BIL-07' END,
    CASE WHEN role IN ({stacked}, {stack_approved}) THEN 'EXCLUSIVE_COMBINED'
        WHEN role = {stack_high} THEN 'STACK_EXCEEDS' WHEN role = {promo_other} THEN 'NOT_ELIGIBLE'
        WHEN role IN ({promo}, {promo_extended}) THEN
            CASE role_no % 2 WHEN 0 THEN 'PROMO_EXPIRED' ELSE 'CYCLES_EXCEEDED' END
        WHEN role IN ({expired}, {loyal}) THEN 'EXPIRED' WHEN role = {high} THEN 'VALUE_HIGH'
        WHEN role = {unapproved} THEN 'NO_APPROVAL' ELSE 'NO_ENTITLEMENT' END,
    {period}, concat('S', 10000000 + sub, '|', CASE
        WHEN role IN ({stacked}, {stack_approved}, {stack_high}) THEN 'MRC'
        WHEN role = {promo_other} THEN '{promotion}'
        ELSE concat(CASE role WHEN {unknown} THEN 'MAN' ELSE 'DR' END, '-S', 10000000 + sub) END),
    'A' || (10000000 + acct),
    CASE WHEN role = {promo} AND {month} = 1 THEN 0 ELSE slip * 10000 END, 0, 0,
    CASE WHEN role = {promo} AND {month} = 1 THEN 'the one cycle that is let pass'
        WHEN role IN ({stack_approved}, {loyal}, {promo_extended})
        THEN 'allowed by a grant of its own, with its paper'
        ELSE 'taken off beyond the register' END
FROM wrong
WHERE (slip > 0 OR role = {stack_approved} OR role = {promo_extended}
    OR (role = {loyal} AND {month} >= role_month))
"""

_ROLES = {
    role.name.lower().removeprefix("discount_"): int(role)
    for role in Role
    if Role.STACK_HIGH <= role <= Role.PROMO_OTHER
}


def build_grants(database: Database, open_end: int) -> None:
    """Make the tables of what roles are granted and given; the months must be there."""
    database.run(_GRANTS, open_end=open_end, half_year_ago=-181, **_ROLES)
    database.run(_GIVEN, **_ROLES)


def answer_discounts(key: AnswerKey, month: int) -> None:
    """Add the answers about the discounts of a month."""
    key.query(_ANSWERS, month, month=month, promotion=PROMOTION, **_ROLES)
