"""Tables of an operator's database, extracted to a landed file and read like any other."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from ingestion.errors import SourceError
from ingestion.land import Found
from ingestion.mapping import FeedMapping

_FETCH = 10_000


def extract(mapping: FeedMapping, folder: Path, home: Path) -> Found:
    """Write the rows of a table, in their stated order, as JSON lines of texts.

    Args:
        mapping: names the database, the table or query, and the order.
        folder: project folder, which the path of an SQLite file starts from.
        home: TIEOUT_HOME, below which the extract lies.

    Returns:
        The extract. Rows that did not change give the same bytes, so nothing is loaded again.

    Raises:
        SourceError: the database cannot be reached or the query fails; no secret is in it.
    """
    name = mapping.table or "query"
    target = home / "landing_extracts" / mapping.feed / f"{name}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".tmp")
    try:
        _write(_url(mapping, folder), mapping, aside)
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        aside.unlink(missing_ok=True)
        what = str(getattr(error, "orig", None) or error).split("\n")[0]
        raise SourceError(
            f"{name} cannot be read: {what}",
            where=f"tieout.toml [feeds.{mapping.feed}]",
            effect="nothing was loaded",
            fix="correct url, table or order_by; a missing driver is installed with pip",
        ) from error
    if target.is_file() and _digest(target) == _digest(aside):
        aside.unlink()
    else:
        aside.replace(target)
    stat = target.stat()
    return Found(
        mapping.feed, target, f"table:{name}", stat.st_size, stat.st_mtime_ns, replaces=True
    )


def _write(url: URL, mapping: FeedMapping, path: Path) -> None:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection, path.open("wb") as stream:
            result = connection.execution_options(yield_per=_FETCH).execute(
                sa.text(_query(mapping, engine))
            )
            keys = list(result.keys())
            for rows in result.partitions(_FETCH):
                stream.write(b"".join(_line(keys, row) for row in rows))
    finally:
        engine.dispose()


def _url(mapping: FeedMapping, folder: Path) -> URL:
    url = make_url(mapping.url or "")
    if url.get_backend_name() == "sqlite" and url.database:
        # An absolute path stands as it is.
        path = folder / url.database
        if not path.is_file():
            # SQLite would make an empty database of that name.
            raise SourceError(
                f"there is no database {url.database}",
                where=f"tieout.toml [feeds.{mapping.feed}]",
                effect="nothing was loaded",
                fix="correct url; its path starts at the project folder",
            )
        return url.set(database=str(path))
    return url


def _query(mapping: FeedMapping, engine: sa.Engine) -> str:
    order = ", ".join(mapping.order_by)
    if mapping.query:
        return f"SELECT * FROM ({mapping.query}) AS q ORDER BY {order}"  # noqa: S608
    quote = engine.dialect.identifier_preparer.quote
    table = ".".join(quote(part) for part in (mapping.table or "").split("."))
    return f"SELECT * FROM {table} ORDER BY {order}"  # noqa: S608


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


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
