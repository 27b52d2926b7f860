"""What the values of an unknown file look like, column by column, from its first lines."""

# ruff: noqa: S608 - the SQL is made of constants and quoted names

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import duckdb
import pyarrow as pa

from ingestion.times import quoted

_TOP = 12
# How time is written when it is not ISO 8601; what is tried first wins a tie.
FORMATS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d %H%M%S",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M:%S", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%m/%d/%Y",
    "%d-%b-%Y", "%d/%m/%y", "%d.%m.%y",
)  # fmt: skip
_KINDS = {
    "integer": r"-?[0-9]+",
    "point": r"-?[0-9]*\.[0-9]+",
    "comma": r"-?[0-9]+,[0-9]+",
    "dotted": r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?",
    "grouped": r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?",
    "symbol": r"-?[^0-9A-Za-z.,-]{1,3} ?-?[0-9][0-9.,]*",
    "iso_date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "iso_time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?",
    "offset": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+ ?(Z|[+-][0-9]{2}:?([0-9]{2})?)",
    "clock": r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?",
    "span": r"[0-9]{1,4}:[0-5][0-9]:[0-5][0-9]",
    "second": r"1[0-9]{9}",
    "milli": r"1[0-9]{12}",
    "micro": r"1[0-9]{15}",
    "nano": r"1[0-9]{18}",
    "phone": r"(\+|00)?[0-9]{7,15}",
    "currency": r"[A-Z]{3}",
    "boolean": r"(?i)true|false|t|f|yes|no|y|n|si|s|0|1",
}


@dataclass(frozen=True, eq=False)
class Profile:
    """The values of one source column in the sample.

    `shares` says for each kind which part of the filled values is of it, 0 to 1.
    """

    name: str
    row_count: int
    filled: int
    distinct: int
    shares: Mapping[str, float]
    top: tuple[str, ...] = ()
    is_listed: bool = False
    lengths: Mapping[int, int] = field(default_factory=dict)

    def share(self, *kinds: str) -> float:
        """Return the part of the filled values that is of one of these kinds."""
        return min(1.0, sum(self.shares.get(kind, 0) for kind in kinds))

    @cached_property
    def time_format(self) -> str | None:
        """Return the strptime format that all values keep, None when there is none."""
        return next((one for one in FORMATS if self.shares.get(one, 0) > 0.98), None)

    @cached_property
    def is_ambiguous(self) -> bool:
        """Tell whether day and month could be swapped."""
        told = self.time_format
        return (
            told is not None
            and told.startswith("%d/%m")
            and self.shares.get(told.replace("%d/%m", "%m/%d"), 0) > 0.98
        )

    @cached_property
    def is_unique(self) -> bool:
        """Tell whether the column could number the rows."""
        return self.filled == self.row_count and self.distinct >= 0.98 * self.filled

    @property
    def sql(self) -> str:
        """Return the name as SQL."""
        return sql_name(self.name)


def profile(sample: pa.Table) -> list[Profile]:
    """Describe every column of a table of texts, in its order."""
    names = [name for name in sample.column_names if not name.startswith("_")]
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("sample", sample.select(names))
        connection.execute(
            "CREATE TEMP TABLE cells AS SELECT name, trim(v) AS v FROM (UNPIVOT (SELECT"
            " CAST(COLUMNS(*) AS VARCHAR) FROM sample) ON COLUMNS(*) INTO NAME name VALUE v)"
        )
        found = {row[0]: row[1:] for row in connection.execute(_shares()).fetchall()}
        top = dict(connection.execute(_top()).fetchall())
        lengths = dict(connection.execute(_lengths()).fetchall())
    kinds = [*_KINDS, *FORMATS]
    profiles = []
    for name in names:
        filled, distinct, *shares = found.get(name, (0, 0))
        profiles.append(
            Profile(
                name,
                sample.num_rows,
                filled,
                distinct,
                dict(zip(kinds, shares, strict=False)),
                tuple(top.get(name, ())),
                distinct <= _TOP,
                {item["l"]: item["n"] for item in lengths.get(name, ())},
            )
        )
    return profiles


def sql_name(name: str) -> str:
    """Return a column name as SQL: quoted where it must be."""
    if name.isidentifier() and name.isascii() and name.lower() not in _keywords():
        return name
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=1)
def _keywords() -> frozenset[str]:
    with duckdb.connect(config={"threads": 1}) as connection:
        return frozenset(
            row[0]
            for row in connection.execute(
                "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
            ).fetchall()
        )


def _shares() -> str:
    tests = [f"regexp_full_match(v, {quoted(pattern)})" for pattern in _KINDS.values()]
    tests += [f"try_strptime(v, {quoted(one)}) IS NOT NULL AND length(v) > 5" for one in FORMATS]
    asked = ", ".join(f"count_if({test}) / count(*)" for test in tests)
    return (
        f"SELECT name, count(*), count(DISTINCT v), {asked} FROM cells WHERE v <> '' GROUP BY name"
    )


def _top() -> str:
    return (
        "SELECT name, list(v ORDER BY n DESC, v) FROM (SELECT name, v, count(*) AS n FROM cells"
        " WHERE v <> '' GROUP BY name, v QUALIFY row_number() OVER"
        f" (PARTITION BY name ORDER BY count(*) DESC, v) <= {_TOP}) GROUP BY name"
    )


def _lengths() -> str:
    return (
        "SELECT name, list({'l': l, 'n': n} ORDER BY n DESC) FROM (SELECT name, length(v) AS l,"
        " count(*) AS n FROM cells WHERE v <> '' GROUP BY ALL) GROUP BY name"
    )
