"""The record match: which records of one side have none, several or another quantity on the other.

All contenders find the same keys, and deliver the records behind them with the columns that a
finding shows. pandas is let off with a few columns: with all of them it needs more memory than the
machine has. The network side leaves out terminating legs and merges long calls.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tests.benchmarks import inputs, product

if TYPE_CHECKING:
    import polars as pl

Facts = dict[str, Any]
Work = Callable[[], Facts]

PER_DAY = ["int_usage__untied_keys", "int_usage__untied_network", "int_usage__untied_rated"]
MODELS = [*PER_DAY, "int_usage__match_pairs", "int_usage__match_results"]
SOURCE = ["_source_file", "_source_row", "_file_hash"]
EVENT = ["service_id", "service_code", "other_party_number", "started_at", "quantity", "unit_code"]
NETWORK_DETAILS = ["usage_file_name", "ne_id", "call_type_code", *EVENT, *SOURCE]
RATED_DETAILS = [
    "rated_usage_id",
    "account_id",
    "subscription_id",
    *EVENT,
    "charge_amount",
    "currency_code",
    "rated_at",
    "invoice_line_id",
    *SOURCE,
]
NETWORK = "mediation__network_usage"
RATED = "billing__rated_usage"


def parts(folder: Path, feed: str) -> str:
    """The glob of a feed's parts."""
    return str(folder / "raw" / feed / "*" / "[0-9a-f]*.parquet")


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set threads = {product.THREADS}")
    connection.execute("set preserve_insertion_order = false")
    return connection


def _records(folder: Path) -> int:
    row = _connect().execute(f"select count(*) from '{parts(folder, NETWORK)}'").fetchone()
    return int(row[0]) if row else 0


def tieout(folder: Path) -> Work:
    """The product's models: keys that do not tie, their records, pairs and results."""
    statements = product.load_statements(folder, MODELS)
    connection = product.open_warehouse(folder)
    records = _records(folder)

    def work() -> Facts:
        product.run_statements(connection, statements, records)
        row = connection.execute(
            "select count(*), sum(abs(quantity_difference)) from bench.int_usage__untied_keys"
        ).fetchone()
        assert row
        return {"keys": row[0], "quantity": int(row[1])}

    return work


def tieout_keys(folder: Path) -> Work:
    """The first pass alone: findings as keys, details joined when somebody asks."""
    statements = product.load_statements(folder, MODELS)[:1]
    connection = product.open_warehouse(folder)
    records = _records(folder)

    def work() -> Facts:
        product.run_statements(connection, statements, records)
        return {}

    return work


def tieout_day(folder: Path) -> Work:
    """One late day: the per-day models for that day, pairs and results anew."""
    statements = product.load_statements(folder, MODELS)
    connection = product.open_warehouse(folder)
    product.run_statements(connection, statements, _records(folder))
    day = inputs.MONTH.replace(day=15)

    def work() -> Facts:
        for one in statements[: len(PER_DAY)]:
            connection.execute(f"delete from bench.{one.name} where event_on = date '{day}'")
            sql = product.between(one.sql, day, day.replace(day=16))
            connection.execute(f"insert into bench.{one.name} {sql}")
        product.run_statements(connection, statements[len(PER_DAY) :], 0)
        return {}

    return work


def tieout_dbt(folder: Path) -> Work:
    """The same models through dbt, its start and tests included."""

    def work() -> Facts:
        connection = product.open_warehouse(folder)
        connection.execute("delete from _by_period")
        connection.close()
        product.build(folder, MODELS, upstream=False)
        return {}

    return work


def floor(folder: Path) -> Work:
    """The least that a layout with string ids allows: read and hash them, sum the figures."""
    connection = _connect()

    def work() -> Facts:
        connection.execute(
            f"""select bit_xor(hash(network_record_id)), sum(quantity)
            from '{parts(folder, NETWORK)}'"""
        ).fetchall()
        connection.execute(
            f"""select bit_xor(hash(network_record_id)), sum(quantity), sum(charge_amount)
            from '{parts(folder, RATED)}'"""
        ).fetchall()
        return {}

    return work


def full_outer_join(folder: Path) -> Work:
    """The usual SQL: one full outer join on the string id, and a group by for the doubles."""
    connection = _connect()

    def work() -> Facts:
        connection.execute(
            f"""
            create view net as select * from '{parts(folder, NETWORK)}'
            where call_type_code <> 'terminating';
            create view rated as select * from '{parts(folder, RATED)}';
            create table doubles as
                select network_record_id as id from net where partial_of_record_id is null
                group by 1 having count(*) > 1
                union all
                select network_record_id from rated group by 1 having count(*) > 1;
            create table result as
            with parts as (
                select partial_of_record_id as id, sum(quantity) as more from net
                where partial_of_record_id is not null group by 1
            ),
            whole as (
                select n.* replace (n.quantity + coalesce(p.more, 0) as quantity)
                from net as n left join parts as p on n.network_record_id = p.id
                where n.partial_of_record_id is null
            )
            select coalesce(n.network_record_id, r.network_record_id) as id,
                {", ".join(f"n.{name} as network_{name}" for name in NETWORK_DETAILS)},
                {", ".join(f"r.{name} as rated_{name}" for name in RATED_DETAILS)}
            from whole as n
            full outer join rated as r on n.network_record_id = r.network_record_id
            where n.network_record_id is null or r.network_record_id is null
                or n.quantity <> r.quantity
            """
        )
        row = connection.execute(
            """select count(*) from (
                select id from result union select id from doubles)"""
        ).fetchone()
        assert row
        return {"keys": row[0]}

    return work


def polars_thin(folder: Path) -> Work:
    """The product's algorithm in polars, streaming: count and sum by id, then the details."""
    import polars as pl

    def side(feed: str) -> pl.LazyFrame:
        frame = pl.scan_parquet(parts(folder, feed))
        return frame.with_columns((pl.col("quantity") * 1000).cast(pl.Int64).alias("milli"))

    def work() -> Facts:
        net = side(NETWORK).filter(pl.col("call_type_code") != "terminating")
        net = net.with_columns(
            pl.coalesce("partial_of_record_id", "network_record_id").alias("id"),
            pl.col("partial_of_record_id").is_null().cast(pl.Int64).alias("count"),
        )
        rated = side(RATED).with_columns(pl.col("network_record_id").alias("id"))
        both = pl.concat(
            [
                net.select("id", "count", "milli"),
                rated.select("id", pl.lit(1 << 32).alias("count"), -pl.col("milli")),
            ]
        )
        untied = (
            both.group_by("id")
            .agg(pl.col("count").sum(), pl.col("milli").sum())
            .filter((pl.col("count") != (1 << 32) + 1) | (pl.col("milli") != 0))
            .collect(engine="streaming")
        )
        for one, columns in ((net, NETWORK_DETAILS), (rated, RATED_DETAILS)):
            one.join(untied.lazy(), on="id", how="semi").select("id", *columns).collect(
                engine="streaming"
            )
        return {"keys": untied.height, "quantity": int(untied["milli"].abs().sum()) // 1000}

    return work


PANDAS_NETWORK = ["service_id", "started_at", "ne_id", "quantity"]
PANDAS_RATED = ["service_id", "started_at", "rated_usage_id", "quantity", "charge_amount"]


def pandas_merge(folder: Path) -> Work:
    """The usual pandas: merge(how='outer') and duplicated()."""
    import pandas as pd
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    def side(feed: str, columns: list[str]) -> pd.DataFrame:
        files = sorted((folder / "raw" / feed).glob("*/[0-9a-f]*.parquet"))
        table = ds.dataset(files).to_table(columns=columns)
        milli = pc.cast(pc.multiply(table["quantity"], 1000), "int64")
        table = table.set_column(table.schema.get_field_index("quantity"), "quantity", milli)
        return table.to_pandas(types_mapper=pd.ArrowDtype)

    def work() -> Facts:
        net = side(
            NETWORK,
            ["network_record_id", "partial_of_record_id", "call_type_code", *PANDAS_NETWORK],
        )
        net = net[net["call_type_code"] != "terminating"]
        more = net[net["partial_of_record_id"].notna()].groupby("partial_of_record_id")["quantity"]
        whole = net[net["partial_of_record_id"].isna()].copy()
        whole["quantity"] += whole["network_record_id"].map(more.sum()).fillna(0)
        rated = side(RATED, ["network_record_id", *PANDAS_RATED])
        doubles = set(whole.loc[whole["network_record_id"].duplicated(), "network_record_id"])
        doubles |= set(rated.loc[rated["network_record_id"].duplicated(), "network_record_id"])
        merged = whole.merge(rated, on="network_record_id", how="outer", indicator=True)
        differs = (merged["_merge"] != "both") | (merged["quantity_x"] != merged["quantity_y"])
        found = set(merged.loc[differs.fillna(True), "network_record_id"]) | doubles
        return {"keys": len(found)}

    return work
