"""Makes the input of the benchmarks: one month of a synthetic operator, straight into raw.

Deterministic in its size alone. Seeded beside the ordinary: 0.3 % of the events lost before
billing, 0.1 % with another quantity, 0.05 % billed twice, 0.025 % recorded twice, 0.1 % known to
billing only, 0.2 % charged a cent too much, 0.2 % long calls in two records, 5 % terminating legs.
The network side lies in the order of time, the billed side in the order of services, so neither
helps the other's cache.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb

from ingestion.contracts import EMPTY_PART, Contract, load_contracts
from ingestion.issued import ISSUED, write_issued
from ingestion.load import PARQUET
from tests.benchmarks.reference import catalogue

MONTH = dt.date(2026, 7, 1)
DAYS = 31
RECORDS_PER_SERVICE = 60
UTC_OFFSET_HOURS = 2

TIEOUT_TABLES = {
    "feeds": "feed varchar, source varchar, is_mapped boolean, row_count bigint, file_count bigint",
    "landed_files": "feed varchar, source_file varchar, file_hash varchar, status varchar, "
    "reason varchar, line_count bigint, header_count bigint, trailer_count bigint, "
    "blank_count bigint, loaded_count bigint, quarantined_count bigint, deleted_count bigint, "
    "ambiguous_time_count bigint, missing_time_count bigint, first_event_on date, "
    "last_event_on date",
    "quarantined_rows": "feed varchar, source_file varchar, source_row bigint, file_hash varchar, "
    "reason_code varchar, column_name varchar, value varchar, natural_key varchar, "
    "record_key bigint, event_on date",
    "control_schedule": "control_id varchar, from_month date, to_month date, state varchar, "
    "reason varchar, approved_by varchar",
}

EVENT = """
    select
        e.i, c.copy_no, e.i % 500 = 1 as is_part,
        case when e.i % 500 = 1 then e.i - 1 else e.i end as j
    from range($first, $last) as e(i), range(1 + (hash(e.i * 16) % 4000 = 0)::int) as c(copy_no)
"""
# What an event is follows from the number of its first record, so both sides agree without a table.
SHAPED = """
    select
        *,
        (hash(j * 16 + 1) % $services)::bigint as service_no,
        case when hash(j * 16 + 2) % 100 < 35 then 'voice'
             when hash(j * 16 + 2) % 100 < 60 then 'sms' else 'data' end as service,
        case hash(j * 16 + 3) % 20 when 0 then 'terminating' when 1 then 'forwarded'
             else 'originating' end as leg,
        case when hash(j * 16 + 4) % 10 < 7
            then '49'
                || (1500000000 + hash(hash(j * 16 + 5) % 400000) % 400000000)::varchar
            else (10 + hash(hash(j * 16 + 5) % 90000) % 90)::varchar
                || lpad((hash(hash(j * 16 + 5) % 90000) % 1000000000)::varchar, 9, '0')
        end as party,
        ($day::timestamp - interval ($offset) hour)
            + to_microseconds(((j - $first) * 86400000000 // ($last - $first))::bigint) as start_at
    from ({event})
"""
QUANTITY = """
    case when service = 'sms' then 1
         when service = 'voice' then 1 + hash({i} * 16 + 6) % 600
         else 1000 + hash({i} * 16 + 6) % 50000000 end::bigint
"""
UNIT = "case service when 'voice' then 'second' when 'sms' then 'event' else 'byte' end"
RECORD_ID = "'NE' || lpad((j % 20)::varchar, 2, '0') || '-' || lpad({i}::varchar, 12, '0')"


def make_inputs(folder: Path, records: int) -> None:
    """Write raw/ with everything that matching and rating read; an earlier one is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = true")
    raw = folder / "raw"
    for contract in load_contracts().values():
        _write_empty(connection, raw, contract)
    for name, select in catalogue(max(1, records // RECORDS_PER_SERVICE)).items():
        _write_table(connection, raw, load_contracts()[name], select)
    for day in range(DAYS):
        _write_day(connection, raw, day, records)
    _write_ledger(connection, raw)


def price_events(folder: Path, warehouse: Path) -> None:
    """Put the charges that the product computes on the billed events; some a cent too high."""
    connection = duckdb.connect()
    connection.execute(f"attach '{warehouse}' as w (read_only)")
    for part in sorted((folder / "raw" / "billing__rated_usage").glob("*/[0-9a-f]*.parquet")):
        aside = part.with_suffix(".aside")
        connection.execute(
            f"""copy (
                select r.* replace (
                    (coalesce(c.charge_micros, 0)::decimal(18, 0) * 0.000001
                    + case when hash(r._source_row) % 500 = 0 then 0.01 else 0 end)::decimal(18, 6)
                        as charge_amount)
                from read_parquet('{part}', hive_partitioning = false) as r
                left join w.int_usage__rerated as c
                    on r.rated_usage_id = c.event_id and c.is_difference
                order by r._source_row
            ) to '{aside}' (format parquet, compression zstd)"""
        )
        aside.replace(part)


def write_csv(folder: Path) -> None:
    """The network's records as a file a day, as an operator would deliver them."""
    landing = folder / "landing" / "network"
    shutil.rmtree(landing, ignore_errors=True)
    landing.mkdir(parents=True)
    names = [column.name for column in load_contracts()["network_usage"].columns]
    connection = duckdb.connect()
    for part in sorted((folder / "raw" / "mediation__network_usage").glob("*/[0-9a-f]*.parquet")):
        day = part.parent.name.partition("=")[2]
        connection.execute(
            f"""copy (
                select {", ".join(names)} from read_parquet('{part}') order by _source_row
            ) to '{landing / f"usage_{day}.csv"}'
            (format csv, header, quote '', timestampformat '%Y-%m-%d %H:%M:%S')"""
        )


def _write_day(connection: duckdb.DuckDBPyConnection, raw: Path, day: int, records: int) -> None:
    on = MONTH + dt.timedelta(days=day)
    values: dict[str, object] = {
        "first": day * records // DAYS,
        "last": (day + 1) * records // DAYS,
        "services": max(1, records // RECORDS_PER_SERVICE),
        "day": on.isoformat(),
        "offset": UTC_OFFSET_HOURS,
    }
    shaped = SHAPED.format(event=EVENT)
    for name, value in values.items():
        text = f"'{value}'" if isinstance(value, str) else str(value)
        shaped = shaped.replace(f"${name}", text)
    for feed, select in (("network_usage", NETWORK), ("rated_usage", RATED)):
        contract = load_contracts()[feed]
        folder = raw / contract.table / f"event_on={on}"
        folder.mkdir(parents=True, exist_ok=True)
        digest = _text(connection, f"left(md5('{feed}{on}'), 16)")
        query = f"""
            with shaped as ({shaped}), rows as ({select})
            select *, '{feed}_{on}.csv' as _source_file, '{digest}' as _file_hash,
                1 + row_number() over (order by sort_key, sort_id) as _source_row from rows"""
        path = folder / f"{digest}.parquet"
        _copy(connection, contract, f"{query} order by _source_row", path)


NETWORK = f"""
    select {RECORD_ID.format(i="i")} as network_record_id,
        case when is_part then {RECORD_ID.format(i="j")} end as partial_of_record_id,
        null::varchar as session_id,
        'NE' || lpad((j % 20)::varchar, 2, '0') || '.dat' as usage_file_name,
        'NE' || lpad((j % 20)::varchar, 2, '0') as ne_id,
        '4917' || lpad(service_no::varchar, 9, '0') as service_id, service as service_code,
        leg as call_type_code, case when service <> 'data' then party end as other_party_number,
        start_at as started_at, {QUANTITY.format(i="i")} as quantity,
        {UNIT} as unit_code,
        start_at as sort_key, i * 2 + copy_no as sort_id
    from shaped
"""
RATED = f"""
    select 'R' || lpad((i * 4 + billed_no)::varchar, 13, '0') as rated_usage_id,
        case when billed_no < 2 then {RECORD_ID.format(i="j")}
             else 'XX' || {RECORD_ID.format(i="j")} end as network_record_id,
        'A' || service_no as account_id,
        'S' || lpad(service_no::varchar, 9, '0') as subscription_id,
        '4917' || lpad(service_no::varchar, 9, '0') as service_id, service as service_code,
        case when service <> 'data' then party end as other_party_number,
        start_at as started_at,
        {QUANTITY.format(i="i")}
            + case when i % 500 = 0 then {QUANTITY.format(i="(i + 1)")} else 0 end
            + case when hash(i * 16 + 7) % 1000 = 0 then 7 else 0 end as quantity,
        {UNIT} as unit_code,
        0 as charge_amount, 'EUR' as currency_code, start_at + interval 1 hour as rated_at,
        service_no as sort_key, i * 4 + billed_no as sort_id
    from shaped, unnest(
        case when hash(i * 16 + 8) % 333 = 0 then []::int[] else [0] end
        || case when hash(i * 16 + 9) % 2000 = 0 then [1] else []::int[] end
        || case when hash(i * 16 + 10) % 1000 = 0 then [2] else []::int[] end
    ) as b(billed_no)
    where not is_part and copy_no = 0 and leg <> 'terminating'
"""


def _write_table(
    connection: duckdb.DuckDBPyConnection, raw: Path, contract: Contract, select: str
) -> None:
    digest = _text(connection, f"left(md5('{contract.feed}'), 16)")
    query = f"""
        select *, '{contract.feed}.csv' as _source_file, '{digest}' as _file_hash,
            1 + row_number() over () as _source_row from ({select})"""
    _copy(connection, contract, query, raw / contract.table / f"{digest}.parquet")


def _write_empty(connection: duckdb.DuckDBPyConnection, raw: Path, contract: Contract) -> None:
    folder = raw / contract.table
    if contract.partition:
        folder = folder / f"{contract.partition.name}={contract.partition.empty_value}"
    folder.mkdir(parents=True, exist_ok=True)
    _copy(connection, contract, "select 1 as nothing where false", folder / EMPTY_PART)


def _copy(
    connection: duckdb.DuckDBPyConnection, contract: Contract, query: str, path: Path
) -> None:
    """Write a part with exactly the columns of the contract; what the query lacks is null."""
    have = {row[0] for row in connection.execute(f"describe {query}").fetchall()}
    made: dict[str, str] = {}
    if contract.match_key:
        made["_record_key"] = f"md5_number_lower({contract.match_key}) >> 1"
    for column in contract.columns:
        made[f"{column.name}_raw"] = column.name
        made[f"{column.name}_head"] = f"rpad(left({column.name}, 9), 9, '0')"
    wanted = {name: name if name in have else made.get(name, "null") for name in _names(contract)}
    if contract.columns[0].name not in have:
        wanted = dict.fromkeys(wanted, "null")
    types = dict(contract.landed_columns())
    columns = [f"cast({wanted[name]} as {types[name]}) as {name}" for name in wanted]
    connection.execute(f"copy (select {', '.join(columns)} from ({query})) to '{path}' ({PARQUET})")


def _names(contract: Contract) -> list[str]:
    return [name for name, _ in contract.landed_columns()]


def _write_ledger(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """The tables that ingestion keeps about itself, made from what lies in raw."""
    for name, columns in TIEOUT_TABLES.items():
        connection.execute(f"create table {name} ({columns})")
    for contract in load_contracts().values():
        parts = sorted((raw / contract.table).rglob("[0-9a-f]*.parquet"))
        total = 0
        for part in parts:
            rows = int(_text(connection, f"(select count(*) from read_parquet('{part}'))"))
            total += rows
            on = part.parent.name.partition("=")[2] or None
            connection.execute(
                "insert into landed_files values"
                " (?, ?, ?, 'loaded', null, ?, 1, 0, 0, ?, 0, 0, 0, 0, ?, ?)",
                [contract.feed, f"{part.stem}.csv", part.stem, rows + 1, rows, on, on],
            )
        connection.execute(
            "insert into feeds values (?, ?, ?, ?, ?)",
            [contract.feed, contract.source, bool(parts), total, len(parts)],
        )
    for name in TIEOUT_TABLES:
        folder = raw / f"tieout__{name}"
        folder.mkdir(parents=True)
        connection.execute(
            f"copy (from {name} order by all) to '{folder / 'part.parquet'}' (format parquet)"
        )
    for name in ISSUED:
        write_issued(raw.parent, name, [])


def _text(connection: duckdb.DuckDBPyConnection, expression: str) -> str:
    row = connection.execute(f"select {expression}").fetchone()
    return str(row[0]) if row else ""
