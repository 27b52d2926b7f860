"""One month of usage on its way from the network through mediation to the rater."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from ingestion.simulator import misratings, plants, price_faults
from ingestion.simulator.population import ELEMENTS, STAFF, TEST
from ingestion.simulator.rating import rate
from ingestion.simulator.roles import Role
from ingestion.simulator.sites import (
    FEED_LOW,
    FILE_MISSING,
    FILE_SHORT,
    LOST_HOUR,
    LOW_PERCENT,
    SHORT_PERCENT,
    file_name,
)
from ingestion.simulator.traffic import (
    CHARGEABLE,
    FIRST_PART,
    PIECES,
    RECORDS_PER_FILE,
    DayTraffic,
    World,
)
from ingestion.simulator.warehouse import Database

RECORDS = RECORDS_PER_FILE * PIECES
# Numbers of records and events: ten digits of record, and in front what kind of number it is.
REAL, GHOST_NO, NEAR_NO, GHOST_EVENT, COPY_EVENT = (n * 10**12 for n in (1, 2, 3, 8, 9))
LEAST_LOST = 5
LATE_DAYS = 3
_LOT = 500_000

COLUMNS = (
    "rid, rated_no, net_no, sub, acct, number, akind, role, svc, zone, plan, other, t, day, q, ppm,"
    " bits"
)

# Narrow types: fifty million records are held a month at a time.
_NETWORK_TABLE = """
CREATE TABLE net (
    sub INTEGER, svc TINYINT, zone TINYINT, t BIGINT, q BIGINT, other BIGINT, bits BIGINT,
    kind TINYINT, ctype TINYINT, qtot BIGINT, rid BIGINT, plan TINYINT, ppm INTEGER, acct INTEGER,
    number BIGINT, role TINYINT, akind TINYINT, day INTEGER
)
"""

_HIT = """
CREATE OR REPLACE TABLE hit AS
SELECT DISTINCT n.sub FROM net AS n JOIN file AS f ON f.file_no = n.rid // {records}
WHERE f.fault IS NOT NULL
"""

_LOST_FILES = """
CREATE OR REPLACE TABLE lost AS
SELECT n.rid, n.sub, n.svc, n.kind, n.akind, 'USG-01' AS control_id, f.fault AS category,
    f.element || '|' || f.file_name AS value_key
FROM net AS n JOIN file AS f ON f.file_no = n.rid // {records}
WHERE f.fault = '{missing}' OR (f.fault = '{short}' AND n.rid >= f.cut_rid)
"""

_SUSPENDED = """
CREATE OR REPLACE TABLE suspended AS
SELECT rid, sub, svc, number, t, q, bits,
    CASE WHEN bits % 1000 = 0 THEN 'open' ELSE 'recycled' END AS status
FROM net ANTI JOIN hit USING (sub)
WHERE kind = {chargeable} AND role = 0 AND akind <= 1 AND bits % 1000 <= 1
    AND rid NOT IN (SELECT rid FROM lost)
"""

# The busiest hour of voice and of data, and in it calls that cost something before free ones.
_LOST_HOUR = """
INSERT INTO lost
WITH there AS (
    SELECT n.*, f.element, n.t // 3600 AS hour,
        md5_number_lower(concat(n.rid, 'hour')) AS luck
    FROM net AS n JOIN file AS f ON f.file_no = n.rid // {records} AND f.fault = '{fault}'
    ANTI JOIN suspended AS s ON s.sub = n.sub AND s.svc = n.svc
    WHERE n.kind = {chargeable} AND n.akind <= 1 AND n.svc <> 1
),
hours AS (
    SELECT svc, hour, count(*) AS records,
        row_number() OVER (PARTITION BY svc ORDER BY count(*) DESC, hour) AS place
    FROM there GROUP BY svc, hour
),
ranked AS (
    SELECT t.*, h.records,
        row_number() OVER (PARTITION BY svc ORDER BY t.zone IN (1, 5), t.luck) AS turn
    FROM there AS t JOIN hours AS h USING (svc, hour) WHERE h.place = 1
)
SELECT rid, sub, svc, kind, akind, 'USG-02', 'LOST_IN_MEDIATION',
    element || '|' || ['voice', 'sms', 'data'][svc + 1] || '|'
    || strftime(make_timestamp(hour * 3600000000), '%Y-%m-%dT%H')
FROM ranked WHERE turn <= greatest({least}, records * 4 // 1000)
"""

_NULL_KEYS = """
CREATE OR REPLACE TABLE null_key AS
WITH picked AS (
    SELECT n.* FROM net AS n
    WHERE n.kind = {chargeable} AND n.role = 0 AND n.akind <= 1 AND (n.bits >> 17) % 200 = 0
        AND {month} = {wanted} AND n.sub NOT IN (SELECT sub FROM hit)
        AND n.rid NOT IN (SELECT rid FROM suspended) AND n.rid NOT IN (SELECT rid FROM lost)
),
crowded AS (
    SELECT p.rid FROM picked AS p JOIN net AS o USING (sub, svc)
    WHERE o.rid <> p.rid AND o.t BETWEEN p.t - 8 AND p.t + 8
)
SELECT p.rid, (p.bits & 1) AS later FROM picked AS p
JOIN day AS d USING (day)
WHERE p.rid NOT IN (SELECT rid FROM crowded)
    AND p.t - d.start_second > 600 AND d.end_second - p.t > 600
"""

_BILLING_SET = """
CREATE OR REPLACE TABLE billing_set AS
WITH received AS (
    SELECT n.* FROM net AS n
    ANTI JOIN lost USING (rid)
    ANTI JOIN (SELECT rid FROM suspended WHERE status = 'open') USING (rid)
    WHERE n.kind IN ({chargeable}, {first_part}) AND n.akind <> {test} AND n.role <> {network_line}
),
originals AS (
    SELECT r.rid, {real} + r.rid AS rated_no,
        CASE WHEN k.rid IS NULL THEN {real} + r.rid END AS net_no,
        r.sub, r.acct, r.number, r.akind, r.role, r.svc, r.zone, r.plan, r.other,
        r.t + coalesce(k.later, 0) + CASE WHEN skewed THEN 2 ELSE 0 END AS t,
        r.day + CASE WHEN skewed THEN 1 ELSE 0 END AS day,
        CASE c.role WHEN {short} THEN r.qtot // 2 WHEN {long} THEN r.qtot * 3 // 2
            ELSE r.qtot END AS q,
        r.ppm, r.bits
    FROM (SELECT *, role = {decoy} AND q = 125 AND (t + 2) >= day_end AS skewed
        FROM (SELECT n.*, d.end_second AS day_end FROM received AS n JOIN day AS d USING (day))
    ) AS r
    LEFT JOIN null_key AS k ON k.rid = r.rid
    LEFT JOIN pick AS c ON c.rid = r.rid AND c.role IN ({short}, {long})
),
copies AS (
    SELECT n.rid, CASE p.role WHEN {ghost} THEN {ghost_event} ELSE {copy_event} END + n.rid,
        CASE p.role WHEN {ghost} THEN {ghost_no} WHEN {near} THEN {near_no} ELSE {real} END + n.rid,
        n.sub, n.acct, n.number, n.akind, n.role, n.svc, n.zone, n.plan,
        CASE WHEN p.role = {ghost} AND n.other > 0
            THEN n.other // 1000 * 1000 + (n.other + 517) % 1000 ELSE n.other END,
        n.t + CASE p.role WHEN {ghost} THEN 3600 WHEN {near} THEN 1 + n.rid // 16 % 2 ELSE 0 END,
        n.day, n.qtot, n.ppm, n.bits
    FROM net AS n JOIN pick AS p USING (rid)
    WHERE p.role IN ({ghost}, {near}, {exact})
)
SELECT * FROM originals UNION ALL SELECT * FROM copies
"""

# What billing says of each event: its own rating, a planted mistake, or nothing for staff.
_RATED = """
CREATE OR REPLACE VIEW rated AS
SELECT b.rid, b.rated_no, b.net_no, b.sub, b.acct, b.number, b.svc, b.other, b.t, b.day, b.q,
    CASE WHEN b.akind = {staff} THEN 0 ELSE coalesce(o.free, b.free) END AS free,
    coalesce(o.plan, b.plan) AS plan, coalesce(o.zone, b.zone) AS zone,
    coalesce(o.rule, b.rule) AS rule,
    CASE WHEN b.akind = {staff} THEN 0 ELSE coalesce(o.charge, b.charge) END AS charge,
    CASE WHEN b.akind = {staff} THEN 'free_account' WHEN o.rid IS NOT NULL THEN o.reason
        WHEN b.charge > 0 THEN NULL WHEN b.zone = 5 THEN 'free_number'
        ELSE 'allowance' END AS reason,
    late,
    CASE WHEN late THEN {cutoff} + 3600 + b.bits % 200000
        ELSE d.end_second + 3600 + b.bits % 7200 + CASE WHEN b.rated_no >= {copy_event}
            THEN 86400 ELSE 0 END END AS rated_at,
    CASE WHEN b.akind = {staff} OR u.rid IS NOT NULL THEN NULL
        WHEN late THEN {late_run} ELSE {month} END AS run
FROM (SELECT *, day >= {late_day} AND role = 0 AND (bits >> 10) % 100 = 0 AS late
    FROM billing_rated) AS b
JOIN day AS d USING (day)
LEFT JOIN override AS o ON o.rid = b.rid AND b.rated_no < {ghost_event}
LEFT JOIN unbilled AS u ON u.rid = b.rid
"""


@dataclass(frozen=True)
class Counts:
    """Records of one month by what became of them; network is the sum of the others."""

    network: int
    rated: int
    rejected: int
    suspended: int
    lost: int


class UsageMonth:
    """Makes the tables of one month: net, lost, suspended, pick, billing_rated and rated."""

    def __init__(self, database: Database, world: World, month: int) -> None:
        self.database, self.world, self.month = database, world, month

    def build(self, daily: list[int], wants: plants.Wants) -> None:
        """Draw the traffic and take it through mediation and rating, faults included."""
        self._draw(daily)
        run = self.database.run
        run(_HIT, records=RECORDS)
        run(_LOST_FILES, records=RECORDS, missing=FILE_MISSING, short=FILE_SHORT)
        run(_SUSPENDED, chargeable=CHARGEABLE)
        run(_LOST_HOUR, records=RECORDS, fault=LOST_HOUR, chargeable=CHARGEABLE, least=LEAST_LOST)
        run(
            _NULL_KEYS,
            chargeable=CHARGEABLE,
            month=self.month,
            wanted=self.world.sites.null_key_month,
        )
        misratings.find_late_prefix(self.database, self.world, self.month)
        plants.pick_events(self.database, self.world, self.month, wants)
        self._rate()

    def _draw(self, daily: list[int]) -> None:
        self.database.run("DROP TABLE IF EXISTS net CASCADE")
        self.database.run(_NETWORK_TABLE)
        days = list(self.world.calendar.month_days(self.month))
        # two days at a time: enough for two processors, and a month need not fit in memory twice
        lot = max(2, _LOT // (daily[days[0]] + 1))
        with ThreadPoolExecutor(2) as pool:
            for place in range(0, len(days), lot):
                drawn = pool.map(self._day, [(d, daily[d]) for d in days[place : place + lot]])
                self.database.append("net", pa.concat_tables(list(drawn)))

    def _day(self, day: tuple[int, int]) -> pa.Table:
        return DayTraffic(self.world, *day).table()

    def _rate(self) -> None:
        calendar = self.world.calendar
        numbers = {
            "chargeable": CHARGEABLE,
            "first_part": FIRST_PART,
            "test": TEST,
            "real": REAL,
            "ghost_no": GHOST_NO,
            "near_no": NEAR_NO,
            "ghost_event": GHOST_EVENT,
            "copy_event": COPY_EVENT,
            "network_line": int(Role.NETWORK_LINE),
            "decoy": int(Role.TRAFFIC_DECOY),
            "short": int(Role.SHORT),
            "long": int(Role.LONG),
            "ghost": int(Role.GHOST),
            "near": int(Role.NEAR),
            "exact": int(Role.EXACT),
        }
        self.database.run(_BILLING_SET, **numbers)
        rate(self.database, "billing_set", "billing_rated", COLUMNS)
        misratings.add_overrides(self.database, self.world, self.month)
        price_faults.add_configured(self.database, self.month)
        self.database.run("DELETE FROM override WHERE charge = expected AND control_id <> 'RAT-04'")
        self.database.run("DROP TABLE billing_set")
        late_run = self.month + 1 if self.month < calendar.months else "NULL::BIGINT"
        self.database.run(
            _RATED,
            staff=STAFF,
            cutoff=calendar.cutoff_second(self.month),
            late_run=late_run,
            month=self.month,
            late_day=calendar.month_start(self.month + 1) - LATE_DAYS,
            ghost_event=GHOST_EVENT,
            copy_event=COPY_EVENT,
        )

    def counts(self) -> Counts:
        """Return how many records went which way."""
        one = self.database.rows
        ((network, rejected),) = one(_REJECTED, zero=1, last_reject=5)
        ((rated,),) = one("SELECT count(*) FROM billing_rated WHERE rated_no < {g}", g=GHOST_EVENT)
        ((waiting,),) = one("SELECT count(*) FROM suspended WHERE status = 'open'")
        ((lost,),) = one("SELECT count(*) FROM lost")
        ((unrated,),) = one(_UNRATED, network_line=int(Role.NETWORK_LINE), first=FIRST_PART)
        return Counts(network, rated, rejected, waiting, lost + unrated)


_REJECTED = """
SELECT count(*), count(*) FILTER (kind IN (1, 2, 4, 5) AND rid NOT IN (SELECT rid FROM lost))
FROM net
"""
_UNRATED = """
SELECT count(*) FROM net WHERE role = {network_line} AND kind IN (0, {first})
    AND rid NOT IN (SELECT rid FROM lost)
"""


def load_files(database: Database, world: World, daily: list[int]) -> None:
    """Put the list of the elements' files, with the faults of some, where SQL finds it."""
    calendar, sites = world.calendar, world.sites
    rows = []
    for day in range(calendar.day_count):
        quota = DayTraffic(world, day, daily[day]).quota
        for element, name in enumerate(ELEMENTS):
            file_no = day * len(ELEMENTS) + element
            fault = sites.faults.get((element, day))
            percent = LOW_PERCENT if fault == FEED_LOW else SHORT_PERCENT
            rows.append(
                {
                    "file_no": file_no,
                    "day": day,
                    "element_no": element,
                    "element": name,
                    "fault": fault,
                    "sequence_no": sites.sequence(element, day),
                    "file_name": file_name(sites, element, day, calendar.date_of(day)),
                    "cut_rid": (file_no * RECORDS_PER_FILE + quota * percent // 100) * PIECES,
                    "is_second": (element, day) in sites.second_copies,
                }
            )
    schema = pa.schema(
        [
            ("file_no", pa.int64()),
            ("day", pa.int64()),
            ("element_no", pa.int64()),
            ("element", pa.utf8()),
            ("fault", pa.utf8()),
            ("sequence_no", pa.int64()),
            ("file_name", pa.utf8()),
            ("cut_rid", pa.int64()),
            ("is_second", pa.bool_()),
        ]
    )
    database.load("file", pa.Table.from_pylist(rows, schema=schema))
    days = range(calendar.day_count + 1)
    database.load(
        "day",
        pa.table(
            {
                "day": list(days),
                "on_date": [calendar.date_of(day) for day in days],
                "start_second": [int(calendar.starts[day]) for day in days],
                "end_second": [int(calendar.starts[day + 1]) for day in days],
                "is_off": [calendar.is_off(day) for day in days],
            }
        ),
    )
