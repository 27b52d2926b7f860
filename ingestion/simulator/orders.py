"""The order system: a real SQLite database with names of its own, mapped in tieout.toml."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ingestion.simulator.calendar import OPEN_END
from ingestion.simulator.fees import FEE_CODE
from ingestion.simulator.roles import Role
from ingestion.simulator.traffic import World
from ingestion.simulator.warehouse import Database

_TABLES = """
CREATE TABLE ord_head (
    ord_no TEXT PRIMARY KEY, acct_no TEXT, ord_kind TEXT, sales_way TEXT, ord_state TEXT,
    placed_ts TEXT, done_ts TEXT
);
CREATE TABLE ord_pos_log (
    pos_no TEXT, ord_no TEXT, sub_no TEXT, msisdn TEXT, article TEXT, task TEXT, wish_day TEXT,
    fee TEXT, fee_code TEXT, step TEXT, step_ts TEXT, PRIMARY KEY (pos_no, step_ts)
);
"""

# New lines, changes of plan and ceases of the simulated months; the order of a line that billing
# never learned of is stuck half way.
_ORDERS = """
WITH events AS (
    SELECT 'N' AS task, sub, acct, start AS day, plan AS offer, role, number FROM line
    WHERE start >= 0 AND start < {days}
    UNION ALL SELECT 'C', sub, acct, change, plan2, role, number FROM line WHERE change < {days}
    UNION ALL SELECT 'X', sub, acct, "end", plan, role, number FROM line
    WHERE "end" >= 0 AND "end" < {days}
)
SELECT printf('O%08d%s', sub, task), 'A' || (10000000 + acct),
    CASE task WHEN 'N' THEN 'NEW' WHEN 'C' THEN 'CHG' ELSE 'END' END,
    CASE sub % 3 WHEN 0 THEN 'SHOP' WHEN 1 THEN 'WEB' ELSE 'PHONE' END,
    CASE WHEN role = {stuck} THEN 'BEARB' ELSE 'ERL' END,
    (DATE '{first}' + (day - 2)::INTEGER)::VARCHAR || ' 09:30:00',
    CASE WHEN role <> {stuck}
        THEN (DATE '{first}' + day::INTEGER)::VARCHAR || ' 06:15:00' END,
    'S' || (10000000 + sub), '0' || substr(number::VARCHAR, 3), offer_id,
    (DATE '{first}' + day::INTEGER)::VARCHAR,
    (DATE '{first}' + (day - 1)::INTEGER)::VARCHAR || ' 08:00:00',
    CASE WHEN task = 'N' AND role <> {stuck} THEN due_cents * 0.01::DECIMAL(4, 2) END::VARCHAR
FROM events JOIN offer USING (offer) LEFT JOIN (SELECT sub, due_cents FROM fee) USING (sub)
WHERE day < {open_end} ORDER BY 1
"""


def write_orders(database: Database, world: World, path: Path) -> None:
    """Write orders and the states that their items went through, in local time."""
    calendar = world.calendar
    rows = database.rows(
        _ORDERS,
        days=calendar.day_count,
        stuck=int(Role.NETWORK_LINE),
        open_end=OPEN_END,
        first=calendar.first_month,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
        connection.executemany(
            "INSERT INTO ord_head VALUES (?, ?, ?, ?, ?, ?, ?)", (row[:7] for row in rows)
        )
        connection.executemany(
            "INSERT INTO ord_pos_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    row[0] + "-1",
                    row[0],
                    row[7],
                    row[8],
                    row[9],
                    row[2],
                    row[10],
                    row[12],
                    row[12] and FEE_CODE,
                    step,
                    moment,
                )
                for row in rows
                for step, moment in (("EING", row[5]), ("BEARB", row[11]), ("ERL", row[6]))
                if moment
            ),
        )
        connection.commit()
    finally:
        connection.close()
    second = calendar.cutoff_second(calendar.months) + 2 * 86_400
    os.utime(path, (second, second))
