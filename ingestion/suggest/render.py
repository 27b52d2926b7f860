"""A proposal as the TOML that goes into tieout.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ingestion.contracts import Contract
from ingestion.mapping import Operator
from ingestion.presets import Preset
from ingestion.suggest.match import Match, Sheet
from ingestion.suggest.names import split_name
from ingestion.suggest.profile import sql_name
from ingestion.suggest.sniff import Dialect

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def mapping_toml(
    contract: Contract,
    sheet: Sheet,
    dialect: Dialect,
    operator: Operator,
    matches: Sequence[Match],
    missing: Sequence[str],
    *,
    is_shared: bool = False,
) -> str:
    """Return [feeds.X] with what was found; what is missing stands in it as a comment."""
    one_format = _one_format(matches)
    has_comma = _all_commas(matches, sheet)
    lines = [f"[feeds.{contract.feed}]", f"path = {_text(path_pattern(sheet.name))}"]
    if is_shared:
        lines.append("shares_files = true  # another feed takes the same file")
    lines += _dialect(dialect)
    lines += _times(matches, sheet, operator, one_format)
    lines += _numbers(matches, operator)
    if has_comma:
        lines.append('decimal_separator = ","')
    columns = [
        *_columns(matches, one_format, has_comma=has_comma),
        *_absent(contract, missing),
    ]
    if columns:
        lines += [f"[feeds.{contract.feed}.columns]", *columns]
    for one in matches:
        lines += _codes(contract, one)
    return "\n".join(lines) + "\n"


def preset_toml(preset: Preset, source_file: str, operator: Operator) -> str:
    """Return [feeds.X] with a preset."""
    lines = [f"[feeds.{preset.feed}]  # {preset.title}"]
    lines += [f'preset = "{preset.preset}"', f"path = {_text(path_pattern(source_file))}"]
    answers = {
        "time_zone": operator.time_zone,
        "columns.currency_code": f"'{operator.currency_code}'",
    }
    for key, meaning in preset.asks.items():
        answer = answers.get(key, "'?'")
        lines.append(f"{key} = {_text(answer)}  # is it so? {meaning}")
    return "\n".join(lines) + "\n"


def path_pattern(source_file: str) -> str:
    """Return a pattern for files like this one: digits in its name stand for any."""
    path = PurePosixPath(source_file)
    name = re.sub(r"([\[\]?*])", r"[\1]", path.name)
    name = re.sub(r"\d{2,}([-_.]?\d{2,})*", "*", name)
    return str(path.with_name(name)) if name != "*" else source_file


def _dialect(dialect: Dialect) -> Iterator[str]:
    yield f'format = "{dialect.format}"'
    if dialect.records:
        yield f"records = {_text(dialect.records)}"
    if dialect.encoding == "latin-1":
        yield 'encoding = "latin-1"'
    if dialect.comment:
        yield f"comment = {_text(dialect.comment)}"
    if dialect.format != "csv":
        return
    yield f"delimiter = {_text(dialect.delimiter)}"
    if dialect.quote:
        yield f"quote = {_text(dialect.quote)}"
    if not dialect.header:
        yield "header = false"
        yield f"column_names = {json.dumps(list(dialect.column_names))}"
    if dialect.trailer:
        yield f"trailer = {{ starts_with = {_text(dialect.trailer)} }}"


def _times(
    matches: Sequence[Match], sheet: Sheet, operator: Operator, one_format: str | None
) -> Iterator[str]:
    moments = [one for one in matches if one.column.type == "timestamp"]
    if not moments:
        return
    profiles = [sheet.profile(name) for one in moments for name in one.sources]
    says_utc = any({"utc", "gmt"} & set(split_name(one.name)) for one in profiles)
    if says_utc:
        yield 'time_zone = "UTC"  # as the column names say'
    elif all(one.share("offset", "second", "milli", "micro", "nano") > 0.9 for one in profiles):
        yield 'time_zone = "UTC"  # the times carry their own offset'
    else:
        yield f"time_zone = {_text(operator.time_zone)}  # taken from [operator]: is it so?"
    if one_format:
        yield f"timestamp_format = {_text(one_format)}"


def _numbers(matches: Sequence[Match], operator: Operator) -> Iterator[str]:
    lengths = sorted({one.reading.national_length for one in matches} - {0})
    if lengths:
        code = operator.home_country_code
        yield (
            f'numbers = {{ home_country_code = "{code}", national_prefix = "",'
            f" national_lengths = {lengths} }}  # of these lengths, a number is national"
        )


def _one_format(matches: Sequence[Match]) -> str | None:
    """Return the format of all moments, None when they differ or need none."""
    moments = [one for one in matches if one.column.type == "timestamp"]
    formats = {one.reading.time_format for one in moments}
    plain = all(one.expression is None for one in moments)
    return next(iter(formats)) if plain and len(formats) == 1 else None


def _all_commas(matches: Sequence[Match], sheet: Sheet) -> bool:
    """Tell whether plain decimals are written with a comma, and none with a point."""
    figures = [
        one
        for one in matches
        if one.column.type.startswith("decimal") and one.expression is None and one.sources
    ]
    points = any(
        sheet.profile(one.sources[0]).share("point") > 0.02 and not one.reading.has_comma
        for one in figures
    )
    return any(one.reading.has_comma for one in figures) and not points


def _columns(matches: Sequence[Match], one_format: str | None, *, has_comma: bool) -> Iterator[str]:
    for one in matches:
        expression = one.expression
        if expression is None:
            name = sql_name(one.sources[0])
            expression = name
            if one.reading.time_format and not one_format:
                expression = f"strptime({name}, '{one.reading.time_format}')"
            elif one.reading.has_comma and not has_comma:
                expression = f"decimal_comma({name})"
        why = "; ".join(one.notes)
        said = f"{one.confidence:.2f} {why}".strip()
        yield f"{one.column.name} = {_text(expression)}  # {said}"


def _absent(contract: Contract, missing: Sequence[str]) -> Iterator[str]:
    for name in missing:
        yield f'# {name} = ""  # required: {contract.column(name).meaning}'


def _codes(contract: Contract, one: Match) -> Iterator[str]:
    if not one.reading.codes and not one.reading.unknown_codes:
        return
    yield f"[feeds.{contract.feed}.code_lists.{one.column.name}]"
    for raw, value in one.reading.codes.items():
        yield f"{_key(raw)} = {_text(value)}"
    for raw in one.reading.unknown_codes:
        yield f"# {_key(raw)} = ?  # one of {', '.join(one.column.allowed)}"


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _text(text)


def _text(text: str) -> str:
    # A TOML basic string is a JSON string.
    return json.dumps(text, ensure_ascii=False)
