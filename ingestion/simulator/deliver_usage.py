"""The usage feeds as files: network, file logs, rejects, suspense and rated usage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.files import Delivery, Piece, csv_head, csv_line, json_line
from ingestion.simulator.sites import FEED_LOW, FEED_MISSING, FILE_MISSING, FILE_SHORT
from ingestion.simulator.usage import RECORDS, UsageMonth
from ingestion.simulator.warehouse import Database

# Lines that one query hands over; a day of the largest operator is more than that.
_LOT = 600_000
_UNKNOWN_TYPE = "XCS"
# Packing is slow for a large operator: ten days of one month show that it is read.
COMPRESSED_MONTH, COMPRESSED_DAYS = 2, 10
COMMA_MONTH = 2
COMMA_COUNT = 5

SERVICE = "CASE {a}svc WHEN 0 THEN 'voice' WHEN 1 THEN 'sms' ELSE 'data' END"
UNIT = "CASE {a}svc WHEN 0 THEN 'second' WHEN 1 THEN 'event' ELSE 'byte' END"
_RECORD = "f.element || '-' || (1000000000000 + {rid})"
_MOMENT = "make_timestamp({t} * 1000000)::VARCHAR"

NETWORK_COLUMNS = {
    "network_record_id": _RECORD.format(rid="n.rid"),
    "partial_of_record_id": "CASE WHEN n.kind = 4 THEN "
    + _RECORD.format(rid="n.rid // 16 * 16")
    + " END",
    "usage_file_name": "f.file_name",
    "ne_id": "f.element",
    "service_id": "n.number",
    "service_code": SERVICE.format(a="n."),
    "call_type_code": f"CASE WHEN u.rid IS NOT NULL THEN '{_UNKNOWN_TYPE}' ELSE CASE n.ctype"
    " WHEN 0 THEN 'MOC' WHEN 1 THEN 'MTC' WHEN 2 THEN 'CFW' WHEN 3 THEN 'VOL' ELSE 'PDP' END END",
    "other_party_number": "nullif(n.other, 0)",
    "started_at": _MOMENT.format(t="n.t"),
    "quantity": "n.q",
    "unit_code": UNIT.format(a="n."),
}

_LANDED = """
CREATE OR REPLACE TEMP VIEW landed AS
SELECT n.*, n.rid // {records} AS file_no FROM net AS n
WHERE n.rid // {records} NOT IN (SELECT file_no FROM file WHERE fault = '{missing}')
    AND NOT EXISTS (SELECT 1 FROM file AS f WHERE f.fault = '{low}'
        AND f.file_no = n.rid // {records} AND n.rid >= f.cut_rid)
"""

# Free calls in counters that never fill: what becomes of them changes no amount.
_UNKNOWN = """
CREATE OR REPLACE TABLE unknown_code AS
WITH harmless AS (
    SELECT sub, svc FROM billing_rated WHERE svc = 0 AND zone = 1 AND akind = 0 AND role = 0
    GROUP BY ALL HAVING sum(paid) = 0
)
SELECT b.rid, f.file_name, f.element, md5_number_lower(concat(b.rid, 'code')) AS luck
FROM billing_rated AS b JOIN harmless USING (sub, svc)
JOIN file AS f ON f.file_no = b.rid // {records}
WHERE f.fault = 'ENUM_NEW' AND b.zone = 1 AND b.net_no IS NOT NULL
ORDER BY luck LIMIT 8
"""

_RATED_COLUMNS = {
    "rated_usage_id": "'R' || r.rated_no",
    "network_record_id": "f.element || '-' || r.net_no",
    "account_id": "'A' || (10000000 + r.acct)",
    "subscription_id": "'S' || (10000000 + r.sub)",
    "service_id": "'+' || r.number",
    "service_code": SERVICE.format(a="r."),
    "other_party_number": "'00' || nullif(r.other, 0)",
    "started_at": _MOMENT.format(t="r.t"),
    "quantity": "r.q",
    "unit_code": UNIT.format(a="r."),
    "allowance_quantity": "r.free",
    "product_offering_id": "CASE r.plan WHEN 0 THEN 'PLAN_S' WHEN 1 THEN 'PLAN_M'"
    " WHEN 2 THEN 'PLAN_L' WHEN 9 THEN 'PLAN_MINI' WHEN 10 THEN 'PLAN_FLEX' ELSE 'PLAN_BIZ' END",
    "zone_code": "CASE r.zone WHEN 1 THEN 'NAT' WHEN 2 THEN 'MOB' WHEN 3 THEN 'EU'"
    " WHEN 4 THEN 'ROW' WHEN 5 THEN 'FREE' END",
    "time_band_code": "CASE WHEN regexp_matches(p.rule_id, '^PR-PLAN_FLEX-V-(EU|ROW)') THEN"
    " CASE WHEN p.rule_id LIKE '%-OFF' THEN 'OFF' ELSE 'PEAK' END END",
    "price_rule_id": "p.rule_id",
    "charge_amount": "r.charge::DECIMAL(12, 0) * 0.000001::DECIMAL(6, 6)",
    "zero_reason_code": "r.reason",
    "currency_code": "'EUR'",
    "rated_at": _MOMENT.format(t="r.rated_at"),
    "invoice_line_id": "CASE WHEN r.run IS NOT NULL THEN concat("
    "CASE WHEN r.run = {month} THEN '{this_run}' ELSE '{next_run}' END, '-S', 10000000 + r.sub,"
    " CASE r.svc WHEN 0 THEN '-UV' WHEN 1 THEN '-US' ELSE '-UD' END,"
    " CASE WHEN r.is_extra THEN 'X' END) END",
}
_DELIVERED = """
CREATE OR REPLACE TEMP VIEW delivered AS
SELECT *, false AS is_extra FROM rated
UNION ALL
SELECT r.*, true FROM rated AS r SEMI JOIN (SELECT rid FROM pick WHERE role = 2) AS p USING (rid)
"""

REJECT_COLUMNS = {
    "rec": _RECORD.format(rid="n.rid"),
    "why": "n.reason",
    "file_name": "f.file_name",
    "merged_rec": "CASE WHEN n.reason = 'merged_partial' THEN "
    + _RECORD.format(rid="n.rid // 16 * 16")
    + " END",
    "start_ts": _MOMENT.format(t="n.t"),
    "qty": """CASE WHEN n.comma THEN '"' || n.q || ',0"' ELSE n.q::VARCHAR END""",
}
_REJECTS = """
CREATE OR REPLACE TABLE rejects AS
WITH taken_out AS (
    SELECT n.rid, n.t, n.q, n.kind, n.rid // {records} AS file_no,
        CASE n.kind WHEN 1 THEN 'zero_quantity' WHEN 2 THEN 'terminating_leg'
            WHEN 4 THEN 'merged_partial' WHEN 5 THEN 'test_number' END AS reason
    FROM net AS n WHERE n.kind IN (1, 2, 4, 5) AND n.rid NOT IN (SELECT rid FROM lost)
),
copies AS (
    SELECT n.rid, n.t, n.q, -1, f.file_no, 'duplicate' FROM net AS n
    JOIN file AS f ON f.file_no = n.rid // {records} WHERE f.is_second
),
legs AS (
    SELECT rid FROM taken_out WHERE kind = 2 AND q >= 10 AND {with_comma}
    ORDER BY rid LIMIT {comma_count}
)
SELECT *, kind = 2 AND rid IN (SELECT rid FROM legs) AS comma FROM taken_out
UNION ALL SELECT *, false FROM copies
"""

_SUSPENSE = {
    "suspense_id": "'X' || n.rid",
    "network_record_id": _RECORD.format(rid="n.rid"),
    "reason_code": "CASE WHEN n.rid // 16 % 3 = 0 THEN 'no_price' ELSE 'unknown_profile' END",
    "status": "n.status",
    "service_id": "n.number",
    "started_at": _MOMENT.format(t="n.t"),
    "quantity": "n.q",
    "entered_at": _MOMENT.format(t="(f.end_second + 7200)"),
}
_FILE_LOG = {
    "reported_by_code": "side",
    "ne_id": "element",
    "sequence_no": "sequence_no",
    "file_name": "file_name",
    "collection_no": "collection_no",
    "opened_at": _MOMENT.format(t="start_second"),
    "closed_at": _MOMENT.format(t="(end_second - 1)"),
    "collected_at": _MOMENT.format(t="(end_second + 900 * collection_no)"),
    "record_count": "record_count",
    "total_quantity": "total_quantity",
}
_LOGS = """
CREATE OR REPLACE TEMP VIEW file_log AS
WITH sums AS (
    SELECT f.file_no, f.fault, count(n.rid) AS n_all, coalesce(sum(n.q), 0) AS q_all,
        count(n.rid) FILTER (n.rid < f.cut_rid) AS n_cut,
        coalesce(sum(n.q) FILTER (n.rid < f.cut_rid), 0) AS q_cut
    FROM file AS f LEFT JOIN net AS n ON n.rid // {records} = f.file_no
    WHERE f.day BETWEEN {first} AND {last} GROUP BY f.file_no, f.fault
),
sides AS (
    SELECT 'element' AS side, 1 AS collection_no UNION ALL SELECT 'mediation', 1
    UNION ALL SELECT 'mediation', 2
)
SELECT s.side, f.element, f.sequence_no, f.file_name, s.collection_no, d.start_second,
    d.end_second,
    CASE WHEN s.side = 'mediation' AND c.fault = '{short}' THEN n_cut ELSE n_all END
        AS record_count,
    CASE WHEN s.side = 'mediation' AND c.fault = '{short}' THEN q_cut ELSE q_all END
        AS total_quantity, f.file_no
FROM sums AS c JOIN file AS f USING (file_no) JOIN day AS d USING (day) CROSS JOIN sides AS s
WHERE (s.collection_no = 1 OR f.is_second)
    AND (s.side = 'element' OR c.fault IS DISTINCT FROM '{missing}')
"""


@dataclass(frozen=True)
class UsageDelivery:
    """Writes one month of usage feeds."""

    usage: UsageMonth
    delivery: Delivery

    def write(self) -> None:
        """Write every usage feed of the month."""
        self._network()
        self._rated()
        self._mediation()

    @property
    def _database(self) -> Database:
        return self.usage.database

    @property
    def _calendar(self) -> Calendar:
        return self.usage.world.calendar

    @property
    def _tag(self) -> str:
        return f"{self._calendar.month_first(self.usage.month):%Y-%m}"

    def _network(self) -> None:
        run = self._database.run
        run(_UNKNOWN, records=RECORDS)
        run(_LANDED, records=RECORDS, missing=FEED_MISSING, low=FEED_LOW)
        files = self._database.rows("""
            SELECT f.day, f.element, f.file_name, count(*), sum(n.q)::BIGINT, d.end_second
            FROM landed AS n JOIN file AS f USING (file_no) JOIN day AS d ON d.day = f.day
            GROUP BY ALL ORDER BY min(f.file_no)
        """)
        head, line = csv_head(list(NETWORK_COLUMNS)), csv_line(list(NETWORK_COLUMNS.values()))
        for lot in _lots(files):
            lines = self._database.table(
                _NETWORK_LINES, line=line, first=lot[0][0], last=lot[-1][0]
            )
            self.delivery.lines(
                lines,
                [
                    Piece(
                        Path("network_usage") / element / name,
                        count,
                        end + 1_800,
                        head,
                        f"TRAILER,{count},{total}\n",
                    )
                    for _, element, name, count, total, end in lot
                ],
            )

    def _rated(self) -> None:
        database, calendar, month = self._database, self._calendar, self.usage.month
        database.run(_DELIVERED)
        files = database.rows("""
            SELECT r.day, d.on_date, count(*), sum(r.q)::BIGINT FROM delivered AS r
            JOIN day AS d USING (day) GROUP BY ALL ORDER BY r.day
        """)
        names = {
            "month": month,
            "this_run": run_code(calendar, month),
            "next_run": run_code(calendar, month + 1),
        }
        columns = [text.format(**names) for text in _RATED_COLUMNS.values()]
        head = csv_head(list(_RATED_COLUMNS), ";")
        second = calendar.cutoff_second(month) + 3 * 86_400
        for lot in _lots([(day, on, "", count, total) for day, on, count, total in files]):
            lines = database.table(
                _RATED_LINES, line=csv_line(columns, ";"), first=lot[0][0], last=lot[-1][0]
            )
            self.delivery.lines(
                lines,
                [
                    Piece(
                        Path("rated_usage") / self._tag / rated_file(month, on),
                        count,
                        second,
                        head,
                        f"TRAILER;{count};{total}\n",
                    )
                    for _, on, _, count, total in lot
                ],
            )

    def _mediation(self) -> None:
        database, calendar, month = self._database, self._calendar, self.usage.month
        days = calendar.month_days(month)
        second = calendar.start_second(days[-1] + 1) + 10_800
        commas = self.usage.world.sites.decimal_commas and month == COMMA_MONTH
        database.run(_REJECTS, records=RECORDS, with_comma=str(commas), comma_count=COMMA_COUNT)
        self.delivery.query(
            database,
            reject_file(calendar, month),
            second,
            _REJECT_LINES,
            line=json_line(REJECT_COLUMNS, ["qty"]),
        )
        self.delivery.query(
            database,
            f"suspense/suspense_{self._tag}.jsonl",
            second,
            _SUSPENSE_LINES,
            line=json_line(_SUSPENSE, ["quantity"]),
            records=RECORDS,
        )
        database.run(
            _LOGS,
            records=RECORDS,
            first=days[0],
            last=days[-1],
            short=FILE_SHORT,
            missing=FILE_MISSING,
        )
        for side in ("element", "mediation"):
            hidden = "" if side == "mediation" else "collected_at"
            fields = {name: text for name, text in _FILE_LOG.items() if name != hidden}
            bare = ["sequence_no", "collection_no", "record_count", "total_quantity"]
            self.delivery.query(
                database,
                f"usage_files/{side}_{self._tag}.jsonl",
                second,
                _LOG_LINES,
                line=json_line(fields, bare),
                side=side,
            )


_NETWORK_LINES = """
SELECT {line} FROM landed AS n JOIN file AS f USING (file_no)
LEFT JOIN unknown_code AS u ON u.rid = n.rid
WHERE n.day BETWEEN {first} AND {last} ORDER BY n.rid
"""
_RATED_LINES = """
SELECT {line} FROM delivered AS r JOIN file AS f ON f.file_no = r.rid // 160000000
JOIN rule_name AS p ON p.rule = r.rule
WHERE r.day BETWEEN {first} AND {last} ORDER BY r.day, r.rid, r.rated_no, r.is_extra
"""
_REJECT_LINES = """
SELECT {line} FROM rejects AS n JOIN file AS f USING (file_no) ORDER BY n.rid, n.reason
"""
_SUSPENSE_LINES = """
SELECT {line} FROM suspended AS n
JOIN (SELECT * FROM file JOIN day USING (day)) AS f ON f.file_no = n.rid // {records}
ORDER BY n.rid
"""
_LOG_LINES = """
SELECT {line} FROM file_log WHERE side = '{side}' ORDER BY file_no, collection_no
"""


def _lots(files: list[tuple]) -> Iterator[list[tuple]]:  # type: ignore[type-arg]
    """Group files of whole days until they are as many lines as one query may hand over."""
    lot: list[tuple] = []  # type: ignore[type-arg]
    for item in files:
        if lot and item[0] != lot[-1][0] and sum(i[3] for i in lot) + item[3] > _LOT:
            yield lot
            lot = []
        lot.append(item)
    if lot:
        yield lot


def rated_file(month: int, on: date) -> str:
    """Return the name of a day's rated usage; some are delivered packed."""
    packed = month == COMPRESSED_MONTH and on.day <= COMPRESSED_DAYS
    return f"rated_{on:%Y%m%d}.csv" + (".gz" if packed else "")


def reject_file(calendar: Calendar, month: int) -> str:
    """Return the landed name of a month's rejects."""
    return f"mediation_rejects/rejects_{calendar.month_first(month):%Y-%m}.jsonl.gz"


def run_code(calendar: Calendar, month: int) -> str:
    """Return how the lines of a month's run begin."""
    return f"L{calendar.month_first(month):%y%m}"
