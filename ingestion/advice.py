"""What to do about lines that break a contract, in words of the mapping."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.contracts import Column
from ingestion.mapping import FeedMapping

_LINES = {
    "column_count": "the line has another number of fields than the header: look at delimiter, and"
    " set quote if fields are quoted; a last line with totals is a trailer",
    "quote": "a quote that does not wrap a whole field: set quote in the mapping, or ask for the"
    " line again",
    "encoding": "the bytes are not UTF-8: have the file written in UTF-8, or set its encoding",
    "json": "the record is no JSON object, or has a key twice: look at format and records",
    "record_type": "the line begins with no known tag: add it to tags",
    "cut_off": "the record has no end: the file was cut, or two were put together",
    "heading": "the record has no heading with a time: look at format, or ask for the file again",
    "structure": "the elements inside the record do not fit: return it (RAP, severe)",
    "tag": "the record holds an element that is in no known release: return it (RAP, severe)",
    "value": "a value is not written as its type is: return the record (RAP, severe)",
    "time": "the time of the event has not fourteen digits: return the record (RAP, severe)",
    "utc_offset": "the file does not say the UTC offset of the event: return it (RAP, severe)",
    "exchange_rate": "the file has no exchange rate of this code: return the record (RAP, severe)",
    "charge": "no charge of type 00 says what the record costs in all: return it (RAP, severe)",
    "negative": "a volume, time or charge is below zero: return the record (RAP, severe)",
    "attribute": "a line of the record is no attribute: ask for the file again",
}
_TYPES = {
    "timestamp": "no time it knows: set timestamp_format (strptime), or map an expression",
    "date": "no ISO date: map strptime(COLUMN, FORMAT)::date",
    "boolean": "neither true nor false: map an expression, such as COLUMN = 'Y'",
    "integer": "no whole number: map an expression that makes it one",
    "text": "no value of its kind: map an expression that makes it one",
}


def advise(
    reason_code: str, column: Column | None, mapping: FeedMapping, values: Sequence[str]
) -> str:
    """Return what mends lines that broke one rule.

    Args:
        reason_code: of the rule.
        column: that broke it; None where the line itself is broken.
        mapping: that the lines were read with.
        values: some that broke it, masked where personal.
    """
    if column is None:
        return _LINES.get(reason_code, "ask for the line again")
    expression = mapping.columns.get(column.name)
    if expression and reason_code == "type" and not values:
        return (
            f"{expression} has no answer for these lines: a cast that fails, perhaps;"
            f" `tieout feed preview {mapping.feed}` shows what the file says"
        )
    place = f"[feeds.{mapping.feed}.columns] {column.name}"
    if reason_code == "required":
        return f"it may not be empty: map another column or an expression in {place}"
    if reason_code == "allowed":
        codes = ", ".join(f'"{value}" = "..."' for value in values[:4])
        return (
            f"say what these codes mean: [feeds.{mapping.feed}.code_lists.{column.name}] {codes}"
            f" (one of {', '.join(column.allowed)})"
        )
    if reason_code == "pattern":
        return f"it must match {column.pattern}: map an expression in {place}"
    if reason_code == "range":
        return f"it must be {_bounds(column)}: look at sign and unit in {place}"
    if column.is_figure and column.type != "integer":
        return (
            f"no {column.type}: set decimal_separator if it has a comma; a thousands separator or"
            f" more decimals need an expression in {place}"
        )
    if column.number:
        return f"no telephone number: map an expression that keeps its digits in {place}"
    return f"{_TYPES[column.type]} in {place}"


def _bounds(column: Column) -> str:
    least = f"at least {column.minimum}" if column.minimum is not None else ""
    most = f"at most {column.maximum}" if column.maximum is not None else ""
    return " and ".join(filter(None, (least, most)))
