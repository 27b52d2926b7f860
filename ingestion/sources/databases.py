"""Tables of an operator's database, extracted to a landed file and read like any other."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from ingestion.contracts import Contract
from ingestion.delivery import Secrets
from ingestion.errors import SourceError
from ingestion.land import Found
from ingestion.mapping import FeedMapping
from ingestion.sources import postgres
from ingestion.sources.increments import Bound, Extracts

_FETCH = 10_000
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def extract(
    mapping: FeedMapping, contract: Contract, folder: Path, home: Path, secrets: Secrets
) -> list[Found]:
    """Write the rows of a table, in their stated order, as JSON lines of texts.

    Args:
        mapping: names the database, the table or query, and the order.
        contract: of the feed; its key tells which row a changed one replaces.
        folder: project folder, which the path of an SQLite file starts from.
        home: TIEOUT_HOME, below which the extracts lie.
        secrets: returns the value of an environment variable that the URL names as ${NAME}.

    Returns:
        The extracts. Rows that did not change give the same bytes, so nothing is loaded again.

    Raises:
        SourceError: the database cannot be reached, went away or refuses the query. What was
            extracted before stays as it is; no secret is in the message.
    """
    table = _Table(mapping, folder, secrets)
    extracts = Extracts(home / "landing_extracts" / mapping.feed, mapping, contract)
    if mapping.incremental:
        extracts.add(lambda path, bound: table.write(path, bound))
    else:
        extracts.replace(lambda path: table.write(path, None))
    found = []
    for path in extracts.files():
        stat = path.stat()
        name = f"table:{path.stem}"
        found.append(Found(mapping.feed, path, name, stat.st_size, stat.st_mtime_ns, replaces=True))
    return found


class _Table:
    """The table or query of one feed."""

    def __init__(self, mapping: FeedMapping, folder: Path, secrets: Secrets) -> None:
        self.mapping = mapping
        self.hidden: list[str] = []
        self.url = self._url(folder, secrets)

    def write(self, path: Path, bound: Bound | None) -> None:
        """Write its rows, or those from a bound on, to a file; remove it when that fails.

        Raises:
            SourceError: says what the database said.
        """
        try:
            self._write(path, bound)
        except Exception as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError | SourceError):
                raise
            # A driver raises its own errors beside those of SQLAlchemy.
            raise self._failed(str(getattr(error, "orig", None) or error)) from error

    def _write(self, path: Path, bound: Bound | None) -> None:
        engine = sa.create_engine(self.url)
        try:
            with engine.connect() as connection, path.open("wb") as stream:
                query = self._query(engine, bound)
                if postgres.is_fast(engine):
                    postgres.copy_rows(connection, query, self._order(), bound, stream)
                    return
                given = {"bound": bound.value} if bound else {}
                result = connection.execution_options(yield_per=_FETCH).execute(
                    sa.text(f"{query} ORDER BY {self._order()}"), given
                )
                keys = list(result.keys())
                for rows in result.partitions(_FETCH):
                    stream.write(b"".join(_line(keys, row) for row in rows))
        finally:
            engine.dispose()

    def _url(self, folder: Path, secrets: Secrets) -> URL:
        url = make_url(self.mapping.url or "")
        parts = {
            name: _VARIABLE.sub(lambda found: self._secret(found[1], secrets), str(value))
            for name in ("username", "password", "host", "database")
            if (value := getattr(url, name)) and _VARIABLE.search(str(value))
        }
        url = url.set(**parts)  # type: ignore[arg-type]
        if url.password:
            self.hidden.append(str(url.password))
        if url.get_backend_name() == "sqlite" and url.database:
            # An absolute path stands as it is.
            path = folder / url.database
            if not path.is_file():
                # SQLite would make an empty database of that name.
                raise self._failed(
                    f"there is no database {url.database}",
                    "correct url; its path starts at the project folder",
                )
            return url.set(database=str(path))
        return url

    def _secret(self, name: str, secrets: Secrets) -> str:
        value = secrets(name)
        if not value:
            raise self._failed(
                f"the environment variable {name} is not set",
                f"set {name} for the user that runs Tieout",
            )
        self.hidden.append(value)
        return value

    def _query(self, engine: sa.Engine, bound: Bound | None) -> str:
        quote = engine.dialect.identifier_preparer.quote
        if self.mapping.query:
            query = f"SELECT * FROM ({self.mapping.query}) AS q"
        else:
            table = ".".join(quote(part) for part in (self.mapping.table or "").split("."))
            query = f"SELECT * FROM {table}"
        if bound:
            column = quote(bound.column)
            query = f"{query} WHERE {column} >= :bound OR {column} IS NULL"
        return query

    def _order(self) -> str:
        return ", ".join(self.mapping.order_by)

    def _failed(self, what: str, fix: str = "") -> SourceError:
        text = what.strip().split("\n")[0]
        for value in self.hidden:
            text = text.replace(value, "***")
        name = self.mapping.table or "query"
        return SourceError(
            f"{name} cannot be read: {text}",
            where=f"tieout.toml [feeds.{self.mapping.feed}]",
            effect="the feed keeps what was loaded before; nothing new was read",
            fix=fix or "correct url, table or order_by; a missing driver is installed with pip",
        )


def _line(keys: list[str], row: Any) -> bytes:
    values = {key: text_of(value) for key, value in zip(keys, row, strict=True)}
    return (json.dumps(values, ensure_ascii=False) + "\n").encode()


def text_of(value: Any) -> str | None:
    """Return a value of a database as the text it is landed as, exact."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)
