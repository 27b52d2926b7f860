"""What CRM, billing and the network each say of a line, derived from its one true history."""

from __future__ import annotations

import pyarrow as pa

from ingestion.simulator.calendar import OPEN_END, Calendar
from ingestion.simulator.catalogue import HOLD, OFFERS, TWIN
from ingestion.simulator.population import ADD_ONS, TEST
from ingestion.simulator.roles import Role
from ingestion.simulator.warehouse import Database

_GAPPED = """
SELECT sub, {offer} AS offer, 'active' AS status, {begin} AS d0,
    least("end", gap_from, {change}) AS d1 FROM line WHERE {has}
UNION ALL
SELECT sub, {offer}, 'suspended', gap_from, least("end", gap_to) FROM line
WHERE {has} AND gap_from < {open_end}
UNION ALL
SELECT sub, {offer}, 'active', gap_to, "end" FROM line WHERE {has} AND gap_from < {open_end}
"""

_TRUTH = """
CREATE OR REPLACE TABLE truth AS
SELECT s.*, l.acct, l.role, l.role_no, l.role_day, l.kind FROM (
    {plans}
    UNION ALL
    SELECT sub, plan2, 'active', change, "end" FROM line WHERE change < {open_end}
    UNION ALL
    SELECT sub, {hold}, 'active', gap_from, least("end", gap_to) FROM line WHERE hold = 1
    UNION ALL
    SELECT sub, {twin}, 'active', start, "end" FROM line WHERE twin = 1
    {add_ons}
) AS s JOIN line AS l USING (sub)
WHERE s.d0 < s.d1
"""

# A line that only the network lost is still sold in every second case, as CRM sees it.
_VIEWS = """
CREATE OR REPLACE VIEW crm_history AS
SELECT sub, acct, offer, status, d0,
    CASE WHEN {ceased} AND role_no % 2 = 0 THEN least(d1, role_day) ELSE d1 END AS d1
FROM truth;
CREATE OR REPLACE VIEW billing_history AS
SELECT * FROM truth WHERE kind <> {test} AND NOT {unbilled};
CREATE OR REPLACE VIEW network_history AS
SELECT * REPLACE (greatest(d0, {first}) AS d0) FROM (
    SELECT sub, acct, offer, status, role, role_no, kind,
        CASE WHEN role = {early} THEN d0 - 1 ELSE d0 END AS d0,
        CASE WHEN {ceased} THEN least(d1, role_day) ELSE d1 END AS d1
    FROM truth WHERE offer <> {hold}
    AND NOT (status = 'suspended' AND sub IN (SELECT sub FROM line WHERE hold = 1))
) WHERE d1 > {first} AND d0 < d1
"""

_ADD_ON = "({add_ons})"


def build_histories(database: Database, calendar: Calendar) -> None:
    """Make the views crm_history, billing_history and network_history.

    The network's profiles are kept only from the second month on.
    """
    plans = _GAPPED.format(
        offer="plan", begin="start", change="change", has="true", open_end=OPEN_END
    )
    add_ons = " ".join(
        "UNION ALL "
        + _GAPPED.format(
            offer=offer,
            begin=f"greatest(start, {name})",
            change=OPEN_END,
            has=f"{name} < {OPEN_END}",
            open_end=OPEN_END,
        )
        for name, offer in ADD_ONS
    )
    database.run(_TRUTH, plans=plans, add_ons=add_ons, open_end=OPEN_END, hold=HOLD, twin=TWIN)
    feature, line = int(Role.NETWORK_FEATURE), int(Role.NETWORK_LINE)
    stripped, ceased = int(Role.STRIPPED_FEATURE), int(Role.CEASED_LINE)
    is_add_on = "offer IN (4, 5, 6)"
    database.run(
        _VIEWS,
        first=calendar.month_start(2),
        test=TEST,
        early=int(Role.EARLY),
        hold=HOLD,
        ceased=f"(role = {ceased} OR (role = {stripped} AND {is_add_on}))",
        unbilled=f"(role = {line} OR (role = {feature} AND {is_add_on}))",
    )


def load_offers(database: Database) -> None:
    """Put the offers where SQL finds them."""
    database.load(
        "offer",
        pa.Table.from_pylist(
            [
                {
                    "offer": no,
                    "offer_id": o.offer_id,
                    "cents": o.cents,
                    "charge_code": o.charge_code,
                    "advance": int(o.advance),
                    "is_whole": o.is_whole,
                    "tax_group": o.tax_group,
                    "feature": o.feature,
                    "is_plan": o.product_type == "plan",
                }
                for no, o in enumerate(OFFERS)
            ]
        ),
    )
