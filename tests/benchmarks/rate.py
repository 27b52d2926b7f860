"""Rating: zone, plan, band, price, increments, allowance, tiers, discount, rounding, comparison.

The loop is also the proof: written apart from the product's SQL, in Decimal, it must reach the same
charge for every record of its sample.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.benchmarks import product
from tests.benchmarks.inputs import UTC_OFFSET_HOURS
from tests.benchmarks.reference import PEAK_FROM, PEAK_TO, TIERS

Facts = dict[str, Any]
Work = Callable[[], Facts]

DETAILED = [
    f"int_usage__detailed_{step}" for step in ("events", "allotments", "charges", "ratings")
]
RATED, EVIDENCE = "int_usage__rerated", "int_usage__rating_differences"
MODELS = [*DETAILED, RATED, EVIDENCE]
# One block of five subscriptions (one of each plan) in so many is rated by the loop, and its
# time scaled up.
SAMPLE_OF = 20
MICRO = Decimal("0.000001")


def tieout(folder: Path) -> Work:
    """The product's models: all events rated and compared, the records behind differences."""
    return _models(folder, MODELS)


def tieout_rated(folder: Path) -> Work:
    """The first of them alone: rated and compared, which is what the other contenders do."""
    return _models(folder, [*DETAILED, RATED])


def _models(folder: Path, models: list[str]) -> Work:
    statements = product.load_statements(folder, models)
    connection = product.open_warehouse(folder)
    records = count_events(folder)

    def work() -> Facts:
        product.run_statements(connection, statements, records)
        row = connection.execute(
            f"""select sum(event_count)::bigint, sum(charge_micros)::bigint,
                sum(event_count) filter (is_difference)::bigint from bench.{RATED}"""
        ).fetchone()
        assert row
        facts = {"records": row[0], "micros": row[1], "differences": row[2]}
        if EVIDENCE in models:
            found = connection.execute(f"select count(*) from bench.{EVIDENCE}").fetchone()
            assert found == (row[2],)
        return facts

    return work


def polars_columns(folder: Path) -> Work:
    """The product's algorithm in polars, from the same prepared reference data."""
    import polars as pl

    connection = duckdb.connect(str(product.warehouse_path(folder)), read_only=True)
    ranges, plans, terms, discounts = (
        pl.from_arrow(connection.sql(f"from {name}").to_arrow_table()).lazy()  # type: ignore[union-attr]
        for name in REFERENCE
    )
    path = folder / "raw" / "billing__rated_usage" / "*" / "[0-9a-f]*.parquet"

    def work() -> Facts:
        events = pl.scan_parquet(path, hive_partitioning=True).with_columns(
            (pl.col("quantity") * 1000).cast(pl.Int64).alias("milli")
        )
        zones = _polars_zones(events, ranges, pl)
        rated = (
            events.join(zones, left_on="other_party_number_head", right_on="head", how="left")
            .join(plans, on="subscription_id", how="left")
            .filter(pl.col("event_on").is_between("valid_from_on", "valid_to_on", closed="left"))
            .with_columns(
                pl.col("zone").fill_null("(none)"),
                pl.col("product_offering_id_right").alias("plan"),
            )
            .with_columns(_polars_band(pl).alias("band"))
            .join(
                _polars_terms(terms, pl),
                left_on=["plan", "service_code", "zone", "band"],
                right_on=["product_offering_id", "service_code", "event_zone_code", "hours"],
                how="left",
                suffix="_term",
            )
            .join(discounts, on="subscription_id", how="left", suffix="_discount")
            .with_columns(_rounded_up(pl).alias("wanted"))
            .sort("subscription_id", "allowance_id", "started_at", "rated_usage_id")
            .with_columns(
                pl.col("wanted").cum_sum().over("subscription_id", "allowance_id").alias("until")
            )
            .with_columns(_polars_chargeable(pl).alias("paid"))
            .sort("subscription_id", "price_rule_id_term", "started_at", "rated_usage_id")
            .with_columns(
                pl.col("paid").cum_sum().over("subscription_id", "price_rule_id_term").alias("used")
            )
        )
        return _polars_facts(rated.with_columns(_polars_charge(pl).alias("micros")), pl)

    return work


REFERENCE = (
    "int_catalogue__zone_ranges",
    "int_customers__plan_periods",
    "int_catalogue__usage_terms",
    "int_billing__percent_discounts",
)


def _rounded_up(pl: Any) -> Any:
    first, step = pl.col("first_increment_milli"), pl.col("next_increment_milli")
    more = pl.max_horizontal(pl.lit(0), pl.col("milli") - first)
    return first + (more + step - 1) // step * step


def _polars_zones(events: Any, ranges: Any, pl: Any) -> Any:
    """The zone of each distinct head of a number."""
    heads = events.select(pl.col("other_party_number_head").alias("head")).drop_nulls()
    return (
        heads.unique()
        .sort("head")
        .join_asof(ranges.sort("from_head"), left_on="head", right_on="from_head")
        .filter(pl.col("head") < pl.col("to_head"))
        .select("head", pl.col("zone_code").alias("zone"))
    )


def _polars_band(pl: Any) -> Any:
    start = pl.col("started_at").dt.offset_by(f"{UTC_OFFSET_HOURS}h")
    second = start.dt.hour().cast(pl.Int32) * 3600
    is_peak = (start.dt.weekday() <= 5) & (second >= PEAK_FROM) & (second < PEAK_TO)
    return pl.when(is_peak).then(pl.lit("PEAK")).otherwise(pl.lit("OFF"))


def _polars_terms(terms: Any, pl: Any) -> Any:
    """A row for the peak hours and one for the others; a price for every hour is both."""
    own = ["product_offering_id", "service_code", "event_zone_code"]
    general = terms.filter(pl.col("time_band_code").is_null())
    peak = terms.filter(pl.col("time_band_code") == "PEAK")
    return pl.concat(
        [
            general.with_columns(pl.lit("OFF").alias("hours")),
            general.join(peak, on=own, how="anti").with_columns(pl.lit("PEAK").alias("hours")),
            peak.with_columns(pl.lit("PEAK").alias("hours")),
        ]
    )


def _polars_chargeable(pl: Any) -> Any:
    left = pl.col("allowance_milli") - (pl.col("until") - pl.col("wanted"))
    free = pl.max_horizontal(pl.lit(0), pl.min_horizontal("wanted", left))
    has_none = pl.col("allowance_id").is_null()
    return pl.col("wanted") - pl.when(has_none).then(0).otherwise(free)


def _polars_cost(quantity: Any, pl: Any) -> Any:
    """What a quantity of a month costs by tiers, in micro-units."""
    unit, lower, cost = 1_000_000_000, 0, pl.lit(0)
    for upper, price in TIERS:
        inside = quantity if upper is None else pl.min_horizontal(quantity, pl.lit(upper * 1000))
        part = pl.max_horizontal(pl.lit(0), inside - lower)
        cost, lower = cost + part * int(Decimal(price) / MICRO), (upper or 0) * 1000
    return (2 * cost + unit) // (2 * unit)


def _polars_charge(pl: Any) -> Any:
    chargeable, unit = pl.col("paid"), pl.col("unit_milli")
    by_unit = (2 * chargeable * pl.col("price_micros") + unit) // (2 * unit)
    used = pl.col("used")
    by_month = _polars_cost(used, pl) - _polars_cost(used - chargeable, pl)
    full = pl.when(pl.col("is_tiered")).then(by_month).otherwise(by_unit) + pl.col("connect_micros")
    charge = pl.when(chargeable == 0).then(0).otherwise(full)
    rest = ((1 - pl.col("rate_ratio")) * 1_000_000).cast(pl.Int64)
    reduced = (2 * charge * rest + 1_000_000) // 2_000_000
    return pl.when(pl.col("rate_ratio").is_null()).then(charge).otherwise(reduced)


def _polars_facts(rated: Any, pl: Any) -> Facts:
    charged = (pl.col("charge_amount") * 1_000_000).cast(pl.Int64)
    found = rated.select(
        pl.len().alias("records"),
        pl.col("micros").sum(),
        (pl.col("micros") != charged).sum().alias("differences"),
    ).collect(engine="streaming")
    return {name: int(found[name][0]) for name in found.columns}


class Price(NamedTuple):
    """One row of the price book."""

    first: Decimal
    next: Decimal
    unit: Decimal
    amount: Decimal
    connect: Decimal
    tiers: str | None


class Event(NamedTuple):
    """One event as billing received it; it starts at a local time."""

    event_id: str
    subscription_id: str
    service_code: str
    number: str | None
    at: dt.datetime
    quantity: Decimal
    charged: Decimal


class Book(NamedTuple):
    """The reference data of the loop."""

    prefixes: dict[str, str]
    plans: dict[str, list[tuple[dt.date, str]]]
    prices: dict[tuple[str, str, str | None, str | None], Price]
    allowances: dict[tuple[str, str, str | None], tuple[str, Decimal]]
    discounts: dict[str, Decimal]


def python_loop(folder: Path) -> Work:
    """A loop over the records with Decimal, as a billing engine reads, rates and writes them."""
    book, total = read_book(folder), count_events(folder)
    source, target = folder / "sample.csv", folder / "sample_rated.csv"
    write_sample(folder, source)

    def work() -> Facts:
        used: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        count, wrong, sum_of = 0, 0, Decimal(0)
        with source.open(encoding="utf-8") as records, target.open("w", encoding="utf-8") as out:
            for line in records:
                event = parse_event(line)
                charge = rate_event(event, book, used)
                out.write(f"{event.event_id},{charge},{event.charged}\n")
                count, wrong, sum_of = count + 1, wrong + (charge != event.charged), sum_of + charge
        return {"sample": count, "of": total, "micros": int(sum_of / MICRO), "differences": wrong}

    return work


def parse_event(line: str) -> Event:
    """A line of the sample."""
    event_id, subscription, service, number, at, quantity, charged = line.rstrip("\n").split(",")
    start = dt.datetime.fromisoformat(at) + dt.timedelta(hours=UTC_OFFSET_HOURS)
    return Event(
        event_id, subscription, service, number or None, start, Decimal(quantity), Decimal(charged)
    )


def rate_event(event: Event, book: Book, used: dict[tuple[str, str], Decimal]) -> Decimal:
    """The charge of one event; what it takes from an allowance is added to `used`."""
    zone = find_zone(event.number, book.prefixes)
    periods = book.plans[event.subscription_id]
    plan = periods[bisect_right(periods, (event.at.date(), "~")) - 1][1]
    key = (plan, event.service_code, zone)
    price = find_price(book, key, find_band(event.at))
    quantity = round_up(event.quantity, price)
    found = book.allowances.get(key) or book.allowances.get((plan, event.service_code, None))
    if found:
        counter = (event.subscription_id, found[0])
        left = max(Decimal(0), found[1] - used[counter])
        used[counter] += quantity
        quantity -= min(quantity, left)
    if not quantity:
        return Decimal(0)
    if price.tiers:
        counter = (event.subscription_id, price.tiers)
        before = used[counter]
        used[counter] = before + quantity
        charge = cost_by_tiers(before + quantity, price) - cost_by_tiers(before, price)
    else:
        charge = (quantity * price.amount / price.unit).quantize(MICRO, ROUND_HALF_UP)
    charge += price.connect
    discount = book.discounts.get(event.subscription_id)
    return (charge * (1 - discount)).quantize(MICRO, ROUND_HALF_UP) if discount else charge


def find_band(at: dt.datetime) -> str | None:
    """The band of the hour; none off peak."""
    is_peak = at.weekday() < 5 and PEAK_FROM <= at.hour * 3600 < PEAK_TO
    return "PEAK" if is_peak else None


def find_price(book: Book, key: tuple[str, str, str | None], band: str | None) -> Price:
    """The price for the zone and hour, else for every hour, else for every zone."""
    plan, service, zone = key
    for found in ((*key, band), (*key, None), (plan, service, None, None)):
        if found in book.prices:
            return book.prices[found]
    raise KeyError(f"no price of {plan} for {service} to {zone}")


def cost_by_tiers(quantity: Decimal, price: Price) -> Decimal:
    """What a quantity of a month costs."""
    lower, cost = Decimal(0), Decimal(0)
    for upper, amount in TIERS:
        inside = quantity if upper is None else min(quantity, Decimal(upper))
        cost += max(Decimal(0), inside - lower) * Decimal(amount)
        lower = Decimal(upper or 0)
    return (cost / price.unit).quantize(MICRO, ROUND_HALF_UP)


def find_zone(number: str | None, prefixes: dict[str, str]) -> str | None:
    """The zone of the longest prefix; data has none."""
    if not number:
        return None
    lengths = range(min(9, len(number)), 0, -1)
    return next((prefixes[number[:n]] for n in lengths if number[:n] in prefixes), None)


def round_up(quantity: Decimal, price: Price) -> Decimal:
    """First increment, then whole next increments."""
    more = max(Decimal(0), quantity - price.first)
    # Decimal's // cuts off toward zero, so the ceiling is asked for by name
    return price.first + (more / price.next).to_integral_value(ROUND_CEILING) * price.next


def read_book(folder: Path) -> Book:
    """Prices, plans, allowances, zones and discounts from raw."""
    prices = rows(
        folder,
        "crm__approved_prices",
        "product_offering_id, service_code, zone_code, time_band_code, first_increment_quantity, "
        "next_increment_quantity, unit_quantity, price_amount, coalesce(connect_amount, 0), "
        "case when charge_model = 'graduated' then price_rule_id end",
    )
    allowances = rows(
        folder,
        "billing__allowances",
        "product_offering_id, service_code, zone_code, allowance_id, allowance_quantity",
    )
    plans: dict[str, list[tuple[dt.date, str]]] = defaultdict(list)
    columns = "subscription_id, valid_from_on, product_offering_id"
    for subscription_id, start, plan in sorted(rows(folder, "crm__crm_services", columns)):
        plans[subscription_id].append((start, plan))
    return Book(
        prefixes=dict(rows(folder, "billing__destination_zones", "prefix, zone_code")),
        plans=plans,
        prices={(r[0], r[1], r[2], r[3]): Price(*r[4:]) for r in prices},
        allowances={(r[0], r[1], r[2]): (r[3], r[4]) for r in allowances},
        discounts=dict(rows(folder, "billing__discounts", "subscription_id, rate_ratio")),
    )


def write_sample(folder: Path, target: Path) -> None:
    """The events of every SAMPLE_OF-th subscription, in the order in which allowances are used."""
    path = folder / "raw" / "billing__rated_usage" / "*" / "[0-9a-f]*.parquet"
    duckdb.execute(
        f"""copy (
            select rated_usage_id, subscription_id, service_code, other_party_number, started_at,
                quantity, charge_amount
            from read_parquet('{path}', hive_partitioning = true)
            where substr(subscription_id, 2)::bigint // 5 % {SAMPLE_OF} = 0
            order by subscription_id, started_at, rated_usage_id
        ) to '{target}' (format csv, header false)"""
    )


def count_events(folder: Path) -> int:
    """How many events there are in all."""
    return int(rows(folder, "billing__rated_usage", "count(*)")[0][0])


def rows(folder: Path, feed: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    """Columns of a raw feed."""
    path = folder / "raw" / feed / "**" / "*.parquet"
    query = f"select {columns} from read_parquet('{path}', hive_partitioning = true) {rest}"
    return duckdb.connect().execute(query).fetchall()
