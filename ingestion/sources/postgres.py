"""The fast path for PostgreSQL: rows leave it as JSON lines by COPY, never as Python objects."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from ingestion.sources.increments import Bound

# JSON escapes control characters, so these two never occur and COPY has nothing to quote.
_COPY = r"COPY ({query}) TO STDOUT (FORMAT csv, DELIMITER E'\x1f', QUOTE E'\x1e', ENCODING 'UTF8')"


def is_fast(engine: sa.Engine) -> bool:
    """Tell whether the database and its driver can do this."""
    return engine.dialect.name == "postgresql" and engine.dialect.driver == "psycopg"


def copy_rows(
    connection: sa.Connection, query: str, order: str, bound: Bound | None, stream: IO[bytes]
) -> None:
    """Write the rows of a query as JSON lines of texts, in order.

    Args:
        connection: to PostgreSQL by psycopg.
        query: selects the rows; `:bound` stands for the bound.
        order: what to order by.
        bound: from where on, None for all rows.
        stream: gets the lines.
    """
    for setting in ("datestyle = 'ISO, YMD'", "timezone = 'UTC'", "extra_float_digits = 1"):
        connection.execute(sa.text(f"SET LOCAL {setting}"))
    given = {"bound": bound.value} if bound else {}
    empty = connection.execute(sa.text(f"SELECT * FROM ({query}) AS e LIMIT 0"), given)
    quote = connection.dialect.identifier_preparer.quote
    names = [quote(name) for name in tuple(empty.keys())]
    texts = ", ".join(f"t.{name}::text AS {name}" for name in names)
    # Every value becomes a text in the database: a JSON number would be read as a double.
    rows = f"SELECT {texts} FROM ({query}) AS t ORDER BY {order}"
    statement = _COPY.format(query=f"SELECT row_to_json(r) FROM ({rows}) AS r")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        copied = statement.replace("%", "%%").replace(":bound", "%(bound)s") if bound else statement
        with cursor.copy(copied, given or None) as copy:
            for block in copy:
                stream.write(block)
