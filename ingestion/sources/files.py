"""Landed files by format: which columns each has, and the query that names them as text.

A new format is one more function here, and its name in `mapping.Format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from ingestion.contracts import Contract
from ingestion.errors import FileRefusedError
from ingestion.mapping import FeedMapping
from ingestion.scan import BOM, Scan
from ingestion.sources.careful import Records
from ingestion.sources.textformat import TextFormat

# Each query yields _line, _source_row, _file_no, _broken (a reason code or null) and _digits beside
# the source columns; those of text files read them from the view `lines`.


def text_format(
    mapping: FeedMapping,
    width: int,
    numbers: Sequence[int] = (),
    wanted: Sequence[int] = (),
    *,
    careful: bool = False,
) -> TextFormat:
    """Return how the files of a feed fall into lines; an extracted table is JSON lines."""
    kind = "jsonl" if mapping.format == "table" else mapping.format
    layout = mapping.layout
    return TextFormat(
        format=kind,
        delimiter=mapping.delimiter,
        quote=mapping.quote,
        careful=careful,
        width=width,
        escape=layout.escape,
        comment=layout.comment,
        tags=layout.tags,
        slices=layout.fields,
        numbers=tuple(numbers),
        wanted=tuple(wanted),
    )


def lines_before(mapping: FeedMapping, scan: Scan) -> int:
    """Return how many lines come before the first record: skipped ones, comments, the header."""
    skip = mapping.layout.skip_lines
    if mapping.format == "xlsx" or not _has_header(mapping):
        return 0 if mapping.format == "xlsx" else min(skip, scan.lines)
    comment = mapping.layout.comment.encode()
    for line in scan.head.removeprefix(BOM).split(b"\n")[skip:]:
        skip += 1
        if line.strip(b"\r") and not (comment and line.startswith(comment)):
            break
    return min(skip, scan.lines)


def _has_header(mapping: FeedMapping) -> bool:
    return mapping.format == "csv" and mapping.header


def csv_names(mapping: FeedMapping, scan: Scan, where: str) -> tuple[str, ...]:
    """Return the source columns of one CSV file.

    Raises:
        FileRefusedError: its header names a column twice or not at all.
    """
    if not _has_header(mapping):
        return mapping.column_names
    lines = scan.head.removeprefix(BOM).split(b"\n")
    line = lines[lines_before(mapping, scan) - 1].rstrip(b"\r")
    text = line.decode("utf-8", "backslashreplace")
    names = [name.strip() for name in _header(text, mapping)]
    check_names(names, text, where)
    return tuple(names)


def check_names(names: Sequence[str], text: str, where: str) -> None:
    """Refuse a file whose header cannot name its columns.

    Raises:
        FileRefusedError: it names a column twice or not at all.
    """
    if not names or not all(names) or len({name.lower() for name in names}) < len(names):
        raise FileRefusedError(
            f"the header names a column twice or not at all: {text[:200]}",
            where=where,
            effect="no line of it was loaded",
            fix="set header = false and column_names, or ask for a file with a header",
        )


def _header(text: str, mapping: FeedMapping) -> list[str]:
    # Some exports open their header as a comment.
    if not text.startswith("#" + mapping.delimiter):
        text = text.removeprefix("#")
    spec = text_format(mapping, 1)
    if not mapping.quote or mapping.quote not in text:
        return text.split(mapping.delimiter)
    _, _, values, _ = next(iter(Records(text.encode(), spec, is_last=True)), (0, "", [], ""))
    return values or []


def fields_sql(names: Sequence[str]) -> str:
    """Return the query that names the fields of lines and elements."""
    named = _named((f"c{no}", name) for no, name in enumerate(names, start=1))
    return f"SELECT _line, _source_row, _file_no, _broken, _digits, {named} FROM lines"  # noqa: S608


def json_names(contract: Contract, mapping: FeedMapping) -> list[str]:
    """Return the keys that a mapping may ask of a JSON line: contract columns and names it uses."""
    names = {column.name.lower(): column.name for column in contract.columns}
    for expression in mapping.expressions:
        bare = re.sub(r"'(?:[^']|'')*'", " ", expression)
        for name in re.findall(r'"([^"]+)"', bare):
            names.setdefault(name.lower(), name)
        for name in re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", re.sub(r'"[^"]+"', " ", bare)):
            names.setdefault(name.lower(), name)
    return list(names.values())


def jsonl_sql(names: Sequence[str]) -> str:
    """Return the query that names the keys of JSON lines.

    A name with dots is a key inside an object, or the place of an item in a list, if there is no
    key of just that name.
    """
    paths = {name: f'$."{name}"' for name in names}
    inner = {name: _inner_path(name) for name in names if "." in name}
    at = {path: no for no, path in enumerate([*paths.values(), *inner.values()], start=1)}

    def value(name: str) -> str:
        plain = f"_a[{at[paths[name]]}]"
        deep = f"coalesce({plain}, _a[{at[inner[name]]}])" if name in inner else plain
        return f"nullif({deep}, '')"

    named = _named((value(name), name) for name in names)
    listed = ", ".join(map(_quoted, at))
    return (
        "SELECT _line, _source_row, _file_no,"  # noqa: S608
        f" CASE WHEN _a IS NULL THEN 'json' END AS _broken, _digits, {named}"
        " FROM (SELECT *, CASE WHEN starts_with(ltrim(_line), '{')"
        f" THEN TRY(json_extract_string(_line, [{listed}])) END AS _a FROM lines)"
    )


def _inner_path(name: str) -> str:
    steps = (f"[{step}]" if step.isdecimal() else f'."{step}"' for step in name.split("."))
    return "$" + "".join(steps)


def parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    """Return name and DuckDB type of the columns of a Parquet file."""
    described = connection.execute(
        "DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}
    ).fetchall()
    return [(row[0], row[1]) for row in described]


def parquet_sql(path: Path, columns: Sequence[tuple[str, str]], contract: Contract) -> str:
    """Return the query that reads the columns of a Parquet file as text.

    A double is brought to the decimals its column is meant to have: it has no others to lose.
    """
    decimals = {c.name: c.sql_type for c in contract.columns if c.type.startswith("decimal")}
    values = [
        (
            f'TRY_CAST("{name}" AS {decimals[name]})'
            if kind in ("DOUBLE", "FLOAT") and name in decimals
            else f'"{name}"'
        )
        for name, kind in columns
    ]
    texts = (f"nullif({value}::VARCHAR, '')" for value in values)
    named = _named(zip(texts, (name for name, _ in columns), strict=True))
    packed = ", ".join(f'{_quoted(name)}: "{name}"' for name, _ in columns)
    return (
        f"SELECT to_json({{{packed}}})::VARCHAR AS _line,"  # noqa: S608
        f" file_row_number + 1 AS _source_row, 0 AS _file_no, NULL::VARCHAR AS _broken,"
        f" 0::BIGINT AS _digits, {named}"
        f" FROM read_parquet({_quoted(str(path))}, file_row_number = true)"
    )


def _named(fields: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f'{field} AS "{name.replace(chr(34), chr(34) * 2)}"' for field, name in fields)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
