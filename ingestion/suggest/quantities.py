"""Which unit a quantity is delivered in, and the SQL that brings it to base units."""

# ruff: noqa: S608 - the SQL is made of constants and quoted names

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingestion.macros import add_macros
from ingestion.suggest.names import words_of
from ingestion.suggest.profile import Profile
from ingestion.suggest.readings import read_figure, read_time

# word of a name -> (SQL that brings it to the base unit, base unit)
_UNITS = {
    "second": ("{}", "second"),
    "minute": ("minutes_to_seconds({})", "second"),
    "millisecond": ("cast({} as decimal(18, 3)) * 0.001", "second"),
    "byte": ("{}", "byte"),
    "kilobyte": ("kb_to_bytes({})", "byte"),
    "megabyte": ("mb_to_bytes({})", "byte"),
    "gigabyte": ("gb_to_bytes({})", "byte"),
    "kibibyte": ("kib_to_bytes({})", "byte"),
    "mebibyte": ("mib_to_bytes({})", "byte"),
    "gibibyte": ("gib_to_bytes({})", "byte"),
}
_DECIMAL = {"kilobyte": "1,000", "megabyte": "1,000,000", "gigabyte": "1,000,000,000"}
_SECONDS_IN = {"second": 1.0, "minute": 1 / 60, "millisecond": 1000.0}


@dataclass(frozen=True)
class Quantity:
    """A source column in a unit: SQL for base units, how sure, and why."""

    profile: Profile
    unit: str
    base: str
    expression: str | None
    has_comma: bool
    sureness: float
    why: str


def quantity_of(profile: Profile, sample: pa.Table, profiles: Sequence[Profile]) -> Quantity | None:
    """Tell how a column measures time or volume; None when it holds no figures."""
    if profile.share("span") > 0.9 and profile.share("clock") <= 1:
        sql = f"clock_seconds({profile.sql})"
        return Quantity(profile, "span", "second", sql, False, 0.9, "written as HH:MM:SS")
    figure = read_figure(profile)
    if figure is None:
        return None
    unit, sureness, why = _unit(profile, sample, profiles, has_comma=figure.has_comma)
    pattern, base = _UNITS[unit]
    if pattern == "{}":
        return Quantity(profile, unit, base, figure.expression, figure.has_comma, sureness, why)
    text = figure.expression or profile.sql
    expression = pattern.format(f"decimal_comma({text})" if figure.has_comma else text)
    if unit in _DECIMAL:
        why += f"; a {unit} is taken for {_DECIMAL[unit]} bytes"
    return Quantity(profile, unit, base, expression, False, sureness, why)


def _unit(
    profile: Profile, sample: pa.Table, profiles: Sequence[Profile], *, has_comma: bool
) -> tuple[str, float, str]:
    proven = _unit_by_times(profile, sample, profiles, has_comma=has_comma)
    if proven:
        return proven, 0.99, f"start to end of the lines says {proven}s"
    named = next((word for word in words_of(profile.name) if word in _UNITS), None)
    if named:
        return named, 0.9, f"the name says {named}s"
    if profile.share("point", "comma") > 0.3:
        return "minute", 0.5, "fractions: taken for minutes"
    return "second", 0.6, "whole figures: taken for seconds"


def _unit_by_times(
    profile: Profile, sample: pa.Table, profiles: Sequence[Profile], *, has_comma: bool
) -> str | None:
    """Compare the figures with the time between a start and an end column."""
    moments = {one: _moment(one) for one in profiles}
    starts = [one for one, sql in moments.items() if sql and "start" in words_of(one.name)]
    ends = [one for one, sql in moments.items() if sql and "end" in words_of(one.name)]
    if not starts or not ends:
        return None
    figure = f"decimal_comma({profile.sql})" if has_comma else profile.sql
    seconds = f"date_part('epoch', {moments[ends[0]]} - {moments[starts[0]]})"
    with duckdb.connect(config={"threads": 1}) as connection:
        add_macros(connection)
        connection.register("sample", sample)
        ratio = connection.execute(
            f"SELECT median(TRY({figure}::DOUBLE / nullif({seconds}, 0))),"
            f" count_if({seconds} > 0) FROM sample"
        ).fetchall()[0]
    if ratio[0] is None or ratio[1] < 3:
        return None
    for unit, share in _SECONDS_IN.items():
        if abs(ratio[0] - share) <= 0.1 * share:
            return unit
    return None


def _moment(profile: Profile) -> str | None:
    reading = read_time(profile)
    if reading is None or reading.fit < 0.9:
        return None
    if reading.time_format:
        return f"try_strptime({profile.sql}, '{reading.time_format}')"
    # A zone of any kind will do: only the time between two moments is asked for.
    return f"TRY(({reading.expression or profile.sql})::TIMESTAMPTZ)"
