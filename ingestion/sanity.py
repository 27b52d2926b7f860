"""Sanity checks of a mapping: conditions that lines keep when they were read as they were meant.

A line that breaks one loads all the same: the sender may be wrong, or the mapping. It is a warning
with a count and places, never silence.
"""

# ruff: noqa: S608 - the SQL is made from presets and tieout.toml, which are the operator's own

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from ingestion.errors import Message
from ingestion.mapping import FeedMapping

_PLACES = 3


def doubtful_lines(
    connection: duckdb.DuckDBPyConnection,
    mapping: FeedMapping,
    named: str,
    source_files: Sequence[str],
) -> list[tuple[int, Message]]:
    """Count the lines of each file that break a check, and name the first of them.

    Args:
        connection: where the lines are registered; they are read once.
        mapping: what declares the checks, over source columns.
        named: query that names the source columns.
        source_files: name by _file_no.

    Returns:
        _file_no and warning. A condition that cannot be answered for a line (an empty field) is
        not broken; one that names a column the files lack is a warning itself.
    """
    found: list[tuple[int, Message]] = []
    checks = dict(mapping.checks)
    columns = _columns(connection, named)
    for name, condition in mapping.checks.items():
        problem = _problem(connection, columns, condition)
        if problem:
            del checks[name]
            found.append((0, _unanswered(mapping, name, problem, source_files[0])))
    if not checks:
        return found
    for file_no, *counts in connection.execute(_count(checks.values(), named)).fetchall():
        for (name, condition), count, rows in zip(
            checks.items(), counts[::2], counts[1::2], strict=True
        ):
            if count:
                said = (name, condition, count, rows)
                found.append((file_no, _warning(mapping, said, source_files[file_no])))
    return found


def _columns(connection: duckdb.DuckDBPyConnection, named: str) -> list[tuple[Any, ...]]:
    # Described, not run: the lines can be read only once.
    return connection.execute(f"DESCRIBE {named}").fetchall()


def _problem(
    connection: duckdb.DuckDBPyConnection, columns: list[tuple[Any, ...]], condition: str
) -> str:
    """Return why a condition cannot be asked of these columns, empty when it can."""
    typed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind, *_ in columns)
    try:
        connection.execute(f"SELECT ({condition})::BOOLEAN FROM (SELECT {typed})").fetchall()
    except duckdb.Error as error:
        return str(error).split("\n")[0]
    return ""


def _count(conditions: Iterable[str], named: str) -> str:
    conditions = list(conditions)
    asked = ", ".join(
        f"TRY(({condition})::BOOLEAN) IS FALSE AS b_{no}" for no, condition in enumerate(conditions)
    )
    counted = ", ".join(
        f"count(*) FILTER (b_{no}), min(_source_row, {_PLACES}) FILTER (b_{no})"
        for no, _ in enumerate(conditions)
    )
    return (
        f"SELECT _file_no, {counted} FROM (SELECT _file_no, _source_row, {asked}"
        f" FROM ({named}) WHERE _broken IS NULL) GROUP BY _file_no ORDER BY _file_no"
    )


def _warning(
    mapping: FeedMapping, said: tuple[str, str, int, Sequence[int]], source_file: str
) -> Message:
    name, condition, count, rows = said
    places = ", ".join(map(str, rows))
    return Message(
        "TIE-3007",
        f"{count} {'line breaks' if count == 1 else 'lines break'} the check {name}: {condition}",
        f"{mapping.feed}, {source_file}, line {places}{' ...' if count > len(rows) else ''}",
        "the lines were loaded; their figures may not mean what the mapping takes them for",
        f"compare them with `tieout feed preview {mapping.feed}`; correct the mapping, or set the"
        f" check in [feeds.{mapping.feed}.checks] to what is true of these files",
        "warning",
    )


def _unanswered(mapping: FeedMapping, name: str, problem: str, source_file: str) -> Message:
    return Message(
        "TIE-3008",
        f"the check {name} cannot be asked: {problem}",
        f"tieout.toml [feeds.{mapping.feed}.checks], {source_file}",
        "the lines were loaded without it",
        "correct the condition: it may use the columns of the file only",
        "warning",
    )
