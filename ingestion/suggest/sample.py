"""The first lines of an unknown file as a table of texts, read by the road's own readers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.layout import Layout
from ingestion.mapping import FeedMapping, Project
from ingestion.sources.formats import ELEMENTS
from ingestion.suggest.documents import element_sample
from ingestion.suggest.profile import sql_name
from ingestion.suggest.sniff import Dialect
from ingestion.trial import source_lines

# Any feed will do: only the columns of the file are looked at.
_FEED = "network_usage"


def read_sample(project: Project, path: Path, dialect: Dialect, limit: int) -> pa.Table:
    """Return the first lines, one text column for each column of the file.

    Raises:
        FileRefusedError: the file cannot be read.
    """
    if dialect.format in ELEMENTS:
        return element_sample(path, dialect.format, layout_of(dialect), limit)
    mapping = FeedMapping(
        _FEED,
        format=dialect.format,  # type: ignore[arg-type]
        layout=layout_of(dialect),
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header=dialect.header,
        column_names=dialect.column_names,
    )
    keys: list[str] = []
    if dialect.format == "jsonl":
        keys = _keys(path)
        # Named in conditions, all keys are read.
        mapping = replace(mapping, checks={key: sql_name(key) for key in keys})
    tried = replace(project, feeds={_FEED: mapping})
    found = source_lines(tried, _FEED, path, limit)
    return found.select(keys) if keys else found


def layout_of(dialect: Dialect) -> Layout:
    """Return the options of a format that were found."""
    encoding = dialect.encoding if dialect.encoding == "latin-1" else None
    return Layout(encoding=encoding, comment=dialect.comment, records=dialect.records)


def _keys(path: Path) -> list[str]:
    """Return the keys of JSON lines, in the order in which they first appear."""
    with duckdb.connect(config={"threads": 1}) as connection:
        lines = pa.table({"line": path.read_text(encoding="utf-8").splitlines()})
        connection.register("lines", lines)
        rows = connection.execute(
            "SELECT k FROM (SELECT unnest(json_keys(line)) AS k, row_number() OVER () AS n"
            " FROM lines WHERE json_valid(line)) GROUP BY k ORDER BY min(n)"
        ).fetchall()
    return [row[0] for row in rows]
