"""Carriers: what was exchanged with them, what they declare of it, and what is wrong with that.

Amounts are reckoned here once more, apart from the models: a day of a band costs its rated seconds
times the price of a minute, rounded half up to six decimals.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.calendar import Calendar
from ingestion.simulator.files import Delivery, csv_head, csv_line
from ingestion.simulator.traffic import World
from ingestion.simulator.warehouse import Database

# partner, direction, whether it declares by day, increment in seconds
_LEGS = (
    ("ALPHA", "incoming", True, 1),
    ("ALPHA", "outgoing", True, 1),
    ("BRAVO", "outgoing", True, 60),
    ("CHARLIE", "incoming", False, 1),
    ("CHARLIE", "outgoing", False, 1),
    ("DELTA", "outgoing", False, 30),
    ("ECHO", "outgoing", True, 1),
    ("FOXTROT", "incoming", False, 1),
)
_LOW, _NEAR, _HIGH, _SILENT, _DEAR, _PORTED, _AHEAD, _EXPIRED = range(len(_LEGS))
# band, prefix, micro-units a minute before what each leg adds
_BANDS = (("FIX", "4930", 8_000), ("MOBILE", "49171", 15_000), ("ABROAD", "44", 40_000))
_LEG_MICROS = 700
_DAY_SECONDS, _RECORDS_A_CALL = 86_400, 60_000

_CALLS = """
CREATE TABLE carrier_call AS
WITH calls AS (
    SELECT leg, day, n, false AS is_evening FROM carrier_leg CROSS JOIN carrier_day
    CROSS JOIN generate_series(1, {daily}) AS n(n)
    UNION ALL
    SELECT {ahead}, {mid_to}, n, true FROM generate_series(1, 9 * {daily}) AS n(n)
),
drawn AS (
    SELECT *, md5_number_lower(concat_ws('|', {seed}, leg, day, n, is_evening)) AS luck FROM calls
)
SELECT row_number() OVER (ORDER BY c.leg, c.day, is_evening, n)::BIGINT AS rid,
    c.leg, c.day, d.month, l.direction, l.increment, (luck % 3)::INTEGER AS band,
    CASE WHEN is_evening THEN 79300 + luck // 7 % 6000 ELSE luck // 7 % 80000 END::BIGINT AS second,
    d.start_second, 20 + (luck // 100003 % 900)::BIGINT AS q,
    CASE WHEN c.day NOT BETWEEN {astray} AND {astray} + 1 THEN l.trunk
        WHEN c.leg = {low} THEN 'TG-NEW' WHEN c.leg = {dear} THEN 'TG-CHARLIE-I'
        WHEN c.leg = {near} AND n = 1 THEN 'TG-TEST' ELSE l.trunk END AS trunk
FROM drawn AS c JOIN carrier_leg AS l USING (leg) JOIN carrier_day AS d USING (day)
"""
_SETTLED = """
CREATE TABLE carrier_settled AS
SELECT c.*, b.micros + leg * {leg_micros} AS price,
    (q + increment - 1) // increment * increment AS rated,
    day + CASE WHEN second + 3 * 3600 >= {day_seconds} THEN 1 ELSE 0 END AS day_ahead
FROM carrier_call AS c JOIN carrier_band AS b USING (band)
WHERE trunk NOT IN ('TG-NEW', 'TG-TEST') AND NOT (leg = {expired} AND month = {last})
"""
_OWN = """
CREATE TABLE carrier_own AS
SELECT leg, band, month, day, ((2 * sum(rated) * price + 60) // 120)::BIGINT AS micros
FROM carrier_settled GROUP BY leg, band, month, day, price
"""
# In one month ECHO counts by a clock that is three hours ahead, DELTA takes ported numbers by
# their prefix, and the others lose, double or overprice a band.
_DECLARED = """
CREATE TABLE carrier_declared AS
WITH dated AS (
    SELECT leg, band, day, price, sum(rated)::BIGINT AS q FROM (
        SELECT leg, band, day, price, rated FROM carrier_settled
        WHERE NOT (leg = {ahead} AND month = {mid})
        UNION ALL
        SELECT leg, band, day_ahead, price, rated FROM carrier_settled
        WHERE leg = {ahead} AND day_ahead BETWEEN {mid_from} AND {mid_to}
    ) GROUP BY ALL
),
spoilt AS (
    SELECT t.leg, d.month, d.day, t.band = 0 AND d.month = {mid} AS is_spoilt,
        is_spoilt AND leg = {ported} AND d.day < {mid_from} + 12 AS is_ported,
        CASE WHEN is_ported THEN 1 ELSE t.band END AS band,
        CASE WHEN is_spoilt AND leg = {low} THEN q // 2 WHEN is_spoilt AND leg = {high} THEN 2 * q
            ELSE q END AS q,
        CASE WHEN is_ported THEN leg * {leg_micros} + (SELECT micros FROM carrier_band WHERE band=1)
            WHEN is_spoilt AND leg = {dear} THEN price * 13 // 10
            WHEN is_spoilt AND leg = {near} THEN price * 1005 // 1000 ELSE price END AS price
    FROM dated AS t JOIN carrier_day AS d USING (day)
    WHERE NOT (leg = {silent} AND d.month = {last})
)
SELECT leg, band, month, day, sum(q)::BIGINT AS q,
    sum((2 * q * price + 60) // 120)::BIGINT AS micros
FROM spoilt GROUP BY leg, band, month, day
"""
_LINES = """
SELECT {line} FROM (
    SELECT *, row_number() OVER (PARTITION BY leg, month ORDER BY day, band) AS line_no FROM (
        SELECT leg, band, month, CASE WHEN l.is_daily THEN day ELSE m.first END AS day,
            sum(q)::BIGINT AS q, sum(s.micros)::BIGINT AS micros
        FROM carrier_declared AS s JOIN carrier_leg AS l USING (leg)
        JOIN (SELECT month, min(day) AS first FROM carrier_day GROUP BY month) AS m USING (month)
        GROUP BY ALL
    )
) AS d JOIN carrier_leg AS l USING (leg) JOIN carrier_band AS b USING (band)
ORDER BY leg, month, line_no
"""
_AMOUNT = "({}::DECIMAL(18, 0) * 0.000001::DECIMAL(7, 6))::DECIMAL(18, 6)"
_LINE = {
    "statement_id": "concat(l.partner, '-', upper(l.direction[1]), '-', month)",
    "line_no": "line_no",
    "partner_id": "l.partner",
    "direction_code": "l.direction",
    "service_code": "'voice'",
    "band_code": "b.code",
    "statement_on": "DATE '{begin}' + day::INTEGER",
    "quantity": "q",
    "statement_amount": _AMOUNT.format("d.micros"),
    "currency_code": "'EUR'",
}
_RECORD = {
    "interconnect_record_id": "'X' || (100000000 + rid)",
    "trunk_group_id": "trunk",
    "direction_code": "direction",
    "service_code": "'voice'",
    "called_number": "concat('+', b.prefix, 1000000 + rid)",
    "started_at": "make_timestamp((start_second + second) * 1000000)::VARCHAR || 'Z'",
    "quantity": "q",
    "unit_code": "'second'",
}
_MASTER = {
    "partners": (
        ("partner_id", "partner_name", "partner_type", "currency_code"),
        "SELECT DISTINCT partner, partner || ' Telecom', 'carrier', 'EUR' FROM carrier_leg"
        " ORDER BY 1",
    ),
    "partner_agreements": (
        ("agreement_id", "version_no", "partner_id", "direction_code", "currency_code")
        + ("valid_from_on", "valid_to_on"),
        "SELECT agreement, 1, partner, direction, 'EUR', DATE '{begin}' - 400,"
        " CASE leg WHEN {expired} THEN DATE '{last_first}' END FROM carrier_leg ORDER BY leg",
    ),
    "partner_rates": (
        ("partner_rate_id", "agreement_id", "version_no", "service_code", "band_code")
        + ("price_amount", "unit_quantity", "next_increment_quantity", "currency_code")
        + ("valid_from_on",),
        "SELECT concat(agreement, '-', code), agreement, 1, 'voice', code, "
        + _AMOUNT.format("(micros + leg * {leg_micros})")
        + ", 60, increment, 'EUR', DATE '{begin}' - 400 FROM carrier_leg CROSS JOIN carrier_band"
        " ORDER BY leg, band",
    ),
    "partner_routes": (
        ("trunk_group_id", "partner_id", "direction_code", "is_test", "valid_from_on"),
        "SELECT trunk, partner, direction, false, DATE '{begin}' - 400 FROM carrier_leg UNION ALL"
        " SELECT 'TG-TEST', 'ALPHA', NULL, true, DATE '{begin}' - 400 ORDER BY 1",
    ),
    "partner_destinations": (
        ("partner_id", "prefix", "band_code", "valid_from_on"),
        "SELECT DISTINCT partner, prefix, code, DATE '{begin}' - 400"
        " FROM carrier_leg CROSS JOIN carrier_band"
        " ORDER BY 1, 2",
    ),
}

_ANSWERS = """
INSERT INTO answer BY NAME
WITH cells AS (
    SELECT leg, band, month, sum(d)::BIGINT AS declared, sum(o)::BIGINT AS own FROM (
        SELECT leg, band, month, micros AS d, 0 AS o FROM carrier_declared UNION ALL
        SELECT leg, band, month, 0, micros FROM carrier_own
    ) GROUP BY ALL
),
spoilt AS (
    SELECT *, declared - own AS more, CASE
        WHEN leg IN ({low}, {high}, {dear}, {near}) THEN band = 0 WHEN leg = {ported} THEN band < 2
        ELSE false END AS is_spoilt
    FROM cells WHERE month = {mid}
)
SELECT CASE leg WHEN {near} THEN 'decoy' ELSE 'leak' END AS kind, 'PAR-02' AS control_id,
    CASE leg WHEN {low} THEN 'DECLARED_LOW' WHEN {high} THEN 'DECLARED_HIGH'
        WHEN {ported} THEN 'BAND_DIFF' ELSE 'RATE_DIFF' END AS category,
    concat_ws('|', l.partner, l.direction, 'voice', b.code) AS value_key,
    CASE WHEN leg = {low} THEN -more ELSE 0 END AS under_micros,
    CASE WHEN leg IN ({high}, {ported}, {dear}) THEN greatest(more, 0) ELSE 0 END AS cost_micros,
    CASE leg WHEN {near} THEN 'half a per cent: tolerated' ELSE 'declared otherwise' END AS note,
    DATE '{mid_first}' AS period
FROM spoilt JOIN carrier_leg AS l USING (leg) JOIN carrier_band AS b USING (band) WHERE is_spoilt
UNION ALL
SELECT 'leak', 'PAR-02', 'PERIOD_SHIFT', concat_ws('|', l.partner, l.direction, 'voice', b.code),
    0, 0,
    'the month ends three hours early', DATE '{mid_first}'
FROM carrier_leg AS l CROSS JOIN carrier_band AS b WHERE leg = {ahead}
UNION ALL
SELECT 'leak', 'PAR-02', 'MISSING_STATEMENT', concat_ws('|', partner, direction), 0, 0,
    'nothing was declared', DATE '{last_first}' FROM carrier_leg WHERE leg = {silent}
UNION ALL
SELECT 'leak', 'PAR-05', category, concat_ws('|', trunk, direction),
    CASE category WHEN 'WRONG_DIRECTION' THEN 0 ELSE sum(micros) END::BIGINT, 0,
    'register of routes', first
FROM (
    SELECT trunk, direction, day, CASE trunk WHEN 'TG-NEW' THEN 'ROUTE_UNMAPPED'
            WHEN 'TG-CHARLIE-I' THEN 'WRONG_DIRECTION' ELSE 'AGREEMENT_EXPIRED' END AS category,
        CASE month WHEN {mid} THEN DATE '{mid_first}' ELSE DATE '{last_first}' END AS first,
        (2 * sum(q) * (SELECT min(micros) FROM carrier_band) + 60) // 120 AS micros
    FROM carrier_call
    WHERE trunk = 'TG-NEW' OR trunk = 'TG-CHARLIE-I' AND leg = {dear}
        OR leg = {expired} AND month = {last}
    GROUP BY trunk, direction, day, month
) GROUP BY trunk, direction, category, first
UNION ALL
SELECT 'decoy', 'PAR-05', 'ROUTE_UNMAPPED', 'TG-TEST|outgoing', 0, 0, 'tests on the register',
    DATE '{mid_first}'
"""


@dataclass(frozen=True)
class Carriers:
    """The carriers of an operator; spoilt statements are of one month in the middle."""

    database: Database
    calendar: Calendar
    names: dict[str, object]

    @classmethod
    def build(cls, database: Database, world: World) -> Carriers:
        """Draw what is exchanged with each, the same for the same seed."""
        calendar = world.calendar
        last, mid = calendar.months, max(1, calendar.months - 1)
        days = calendar.month_days(mid)
        names: dict[str, object] = {
            "seed": world.seed,
            "daily": max(2, world.size.record_count // _RECORDS_A_CALL),
            "low": _LOW, "near": _NEAR, "high": _HIGH, "silent": _SILENT, "dear": _DEAR,
            "ported": _PORTED, "ahead": _AHEAD, "expired": _EXPIRED, "leg_micros": _LEG_MICROS,
            "day_seconds": _DAY_SECONDS, "mid": mid, "mid_from": days.start, "mid_to": days[-1],
            "astray": days.start + 20, "last": last, "mid_first": calendar.month_first(mid),
            "last_first": calendar.month_first(last), "begin": calendar.first_month,
        }  # fmt: skip
        carriers = cls(database, calendar, names)
        carriers._load()
        for text in (_CALLS, _SETTLED, _OWN, _DECLARED):
            database.run(text, **names)
        return carriers

    def _load(self) -> None:
        legs = [
            {
                "leg": number,
                "partner": partner,
                "direction": direction,
                "is_daily": is_daily,
                "increment": increment,
                "agreement": f"IC-{partner}-{direction[0].upper()}",
                "trunk": f"TG-{partner}-{direction[0].upper()}",
            }
            for number, (partner, direction, is_daily, increment) in enumerate(_LEGS)
        ]
        bands = [
            {"band": number, "code": code, "prefix": prefix, "micros": micros}
            for number, (code, prefix, micros) in enumerate(_BANDS)
        ]
        days = [
            {"day": day, "month": month, "start_second": self.calendar.start_second(day)}
            for month in range(1, self.calendar.months + 1)
            for day in self.calendar.month_days(month)
        ]
        for name, rows in (("carrier_leg", legs), ("carrier_band", bands), ("carrier_day", days)):
            self.database.load(name, pa.Table.from_pylist(rows))

    def write(self, delivery: Delivery) -> None:
        """Write master data, records month by month, and what the carriers declare."""
        second = self.calendar.cutoff_second(self.calendar.months)
        for feed, (columns, text) in _MASTER.items():
            line = csv_line([f'"{name}"' for name in columns])
            renamed = f"SELECT {line} FROM ({text}) AS t({', '.join(columns)})"
            path = f"partners/{feed}.csv"
            delivery.query(self.database, path, second, renamed, csv_head(columns), **self.names)
        records = (
            "SELECT {line} FROM carrier_call JOIN carrier_band AS b USING (band) "
            "WHERE month = {month} ORDER BY rid"
        )
        for month in range(1, self.calendar.months + 1):
            delivery.query(
                self.database,
                f"interconnect/{self.calendar.month_first(month):%Y-%m}.csv",
                self.calendar.cutoff_second(month),
                records,
                csv_head(list(_RECORD)),
                line=csv_line(list(_RECORD.values())),
                month=month,
            )
        line = csv_line([one.format(**self.names) for one in _LINE.values()])
        delivery.query(
            self.database,
            "partners/partner_statements.csv",
            second,
            _LINES,
            csv_head(list(_LINE)),
            line=line,
        )

    def answer(self, key: AnswerKey) -> None:
        """Add what is wrong with routes and statements."""
        key.database.run(_ANSWERS, **self.names)
