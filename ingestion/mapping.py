"""The operator's own settings: which files and tables fill which feed, and how they are read."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from ingestion.contracts import Contract, load_contracts
from ingestion.delivery import (
    Incremental,
    Location,
    NameSequence,
    Secrets,
    take_incremental,
    take_location,
    take_sequence,
    take_settle_seconds,
)
from ingestion.errors import ConfigError
from ingestion.layout import OPTIONS, Format, Layout, take_layout
from ingestion.numbers import Numbering, take_numbering
from ingestion.packed import Limits
from ingestion.presets import with_preset
from ingestion.sections import Section

# Raised when a change of the reader changes the parts it writes: every file then gets a new part.
READER_VERSION = 1

# What a mapping says beside how bytes become rows: a change of it makes no new parts.
_NOT_IN_PARTS = (
    "path",
    "on_change",
    "url",
    "query",
    "order_by",
    "shares_files",
    "location",
    "settle_seconds",
    "sequence",
    "incremental",
    "preset",
    "checks",
)

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_CONTROL = re.compile(r"[A-Z]{2,3}-\d{2}")


@dataclass(frozen=True)
class Operator:
    """Who is billed for, in which zone, currency and country."""

    name: str
    time_zone: str
    currency_code: str
    home_country_code: str


@dataclass(frozen=True)
class Trailer:
    """The last line of a file, in which its sender states what it holds; fields count from 1."""

    starts_with: str
    count_field: int | None = None
    total_field: int | None = None
    total_column: str | None = None


@dataclass(frozen=True)
class FeedMapping:
    """How the files or the table of one feed become its contract columns."""

    feed: str
    path: tuple[str, ...] = ()
    format: Format = "csv"
    delimiter: str = ","
    header: bool = True
    column_names: tuple[str, ...] = ()
    quote: str = ""
    time_zone: str = "UTC"
    timestamp_format: str | None = None
    decimal_separator: str = "."
    trailer: Trailer | None = None
    layout: Layout = field(default_factory=Layout)
    on_change: Literal["refuse", "replace"] = "refuse"
    preset: str | None = None
    shares_files: bool = False
    location: Location | None = None
    settle_seconds: int = 0
    sequence: NameSequence | None = None
    numbers: Numbering | None = None
    deleted_when: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    code_lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    table: str | None = None
    query: str | None = None
    order_by: tuple[str, ...] = ()
    incremental: Incremental | None = None

    @property
    def expressions(self) -> tuple[str, ...]:
        """Return every SQL expression over source columns."""
        deleted = (self.deleted_when,) if self.deleted_when else ()
        return (*self.columns.values(), *self.checks.values(), *deleted)


@dataclass(frozen=True)
class ScheduleEntry:
    """A control that is off or waived for some months, and who said so."""

    control_id: str
    from_month: date
    to_month: date
    state: Literal["disabled", "waived"]
    reason: str
    approved_by: str


@dataclass(frozen=True)
class Project:
    """Everything that tieout.toml says."""

    folder: Path
    operator: Operator
    feeds: Mapping[str, FeedMapping]
    schedule: tuple[ScheduleEntry, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    landing_folder: Path | None = None
    secrets: Secrets = lambda name: None

    @property
    def landing(self) -> Path:
        """Return the folder that outsiders put their files in."""
        return self.landing_folder or self.folder / "landing"

    def fingerprint(self, contract: Contract) -> str:
        """Return a digest of all that decides how bytes of a feed become rows."""
        mapping = asdict(self.feeds[contract.feed])
        for name in _NOT_IN_PARTS:
            mapping.pop(name)
        said = [
            READER_VERSION,
            mapping,
            self.operator.time_zone,
            self.operator.home_country_code,
            asdict(contract)["columns"],
            contract.key,
            contract.match_key,
            contract.partition and asdict(contract.partition),
        ]
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_project(project_dir: Path, secrets: Secrets = lambda name: None) -> Project:
    """Read tieout.toml of a project folder.

    Args:
        project_dir: the folder.
        secrets: returns the value of an environment variable that a mapping names.

    Raises:
        ConfigError: names the section and the field that cannot be used.
    """
    path = project_dir / "tieout.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            "there is no tieout.toml",
            where=str(path),
            effect="nothing was read",
            fix="run `tieout init`, or name the project folder",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"tieout.toml is not TOML: {error}",
            where=str(path),
            effect="nothing was read",
            fix="correct the line that is named",
        ) from error
    top = Section(raw, "at the top")
    operator = _operator(Section(top.take("operator", dict), "[operator]"))
    feeds = {name: feed_mapping(name, spec) for name, spec in top.take("feeds", dict, {}).items()}
    controls = Section(top.take("controls", dict, {}), "[controls]")
    schedule = tuple(
        _schedule(Section(item, f"[[controls.schedule]] no {no}"))
        for no, item in enumerate(controls.take("schedule", list, []), start=1)
    )
    parameters = controls.take("parameters", dict, {})
    controls.done()
    limits = _limits(Section(top.take("limits", dict, {}), "[limits]"))
    top.done()
    return Project(project_dir, operator, feeds, schedule, parameters, limits, secrets=secrets)


def _limits(section: Section) -> Limits:
    said = {one.name: section.take(one.name, int, one.default) for one in fields(Limits)}
    for name, value in said.items():
        if value < 1:
            section.fail(name, f"is {value}", "use a whole number above 0")
    section.done()
    return Limits(**said)


def _operator(section: Section) -> Operator:
    operator = Operator(
        name=section.take("name", str),
        time_zone=section.zone("time_zone"),
        currency_code=section.take("currency_code", str),
        home_country_code=section.take("home_country_code", str),
    )
    if not re.fullmatch(r"[A-Z]{3}", operator.currency_code):
        section.fail("currency_code", f"is {operator.currency_code!r}", "use ISO 4217, such as EUR")
    if not re.fullmatch(r"[1-9]\d{0,3}", operator.home_country_code):
        section.fail("home_country_code", f"is {operator.home_country_code!r}", "use digits: 49")
    section.done()
    return operator


def feed_mapping(name: str, spec: Any) -> FeedMapping:
    """Read one [feeds.X].

    Raises:
        ConfigError: names the field that cannot be used.
    """
    where = f"[feeds.{name}]"
    section = Section(with_preset(name, spec, where) if isinstance(spec, dict) else {}, where)
    contracts = load_contracts()
    if name not in contracts:
        near = get_close_matches(name, contracts, n=3, cutoff=0)
        section.fail(f"feed {name!r}", "has no contract", f"use a feed such as {', '.join(near)}")
    kind = section.choice("format", tuple(OPTIONS), "csv")
    layout = take_layout(section, kind)
    mapping = FeedMapping(
        feed=name,
        path=section.texts("path"),
        format=kind,
        layout=layout,
        delimiter=section.take("delimiter", str, "|" if kind == "flatstore" else ","),
        header=section.take("header", bool, kind != "flatstore"),
        column_names=section.texts("column_names"),
        quote=section.take("quote", str, ""),
        time_zone=section.zone("time_zone", "UTC"),
        timestamp_format=section.take("timestamp_format", str, None),
        decimal_separator=section.choice("decimal_separator", (".", ","), "."),
        trailer=_trailer(section, contracts[name]),
        on_change=section.choice("on_change", ("refuse", "replace"), "refuse"),
        preset=section.take("preset", str, None),
        shares_files=section.take("shares_files", bool, False),
        location=take_location(section),
        settle_seconds=take_settle_seconds(section),
        sequence=take_sequence(section),
        numbers=take_numbering(section),
        deleted_when=section.take("deleted_when", str, None),
        columns=section.take("columns", dict, {}),
        code_lists=section.take("code_lists", dict, {}),
        checks=section.take("checks", dict, {}),
        url=section.take("url", str, None),
        table=section.take("table", str, None),
        query=section.take("query", str, None),
        order_by=section.texts("order_by"),
        incremental=take_incremental(section),
    )
    section.done()
    _check_feed(section, mapping, contracts[name])
    return mapping


def _trailer(section: Section, contract: Contract) -> Trailer | None:
    raw = section.take("trailer", dict, None)
    if raw is None:
        return None
    inner = Section(raw, f"{section.where} trailer")
    trailer = Trailer(
        starts_with=inner.take("starts_with", str),
        count_field=inner.take("count_field", int, None),
        total_field=inner.take("total_field", int, None),
        total_column=inner.take("total_column", str, None),
    )
    inner.done()
    if not trailer.starts_with:
        inner.fail("starts_with", "is empty", "write what the trailer line begins with")
    if (trailer.total_field is None) != (trailer.total_column is None):
        inner.fail("total_field", "and total_column belong together", "set both or neither")
    if trailer.total_column is not None:
        _known_column(inner, contract, trailer.total_column)
        if not contract.column(trailer.total_column).type.startswith(("decimal", "integer")):
            inner.fail("total_column", "holds no figures", "name an integer or decimal column")
    return trailer


def _check_feed(section: Section, mapping: FeedMapping, contract: Contract) -> None:
    _check_source(section, mapping)
    _check_text(section, mapping)
    for column in (*mapping.columns, *mapping.code_lists):
        _known_column(section, contract, column)
    for kind, expressions in (("columns", mapping.columns), ("checks", mapping.checks)):
        for column, expression in expressions.items():
            if not isinstance(expression, str) or not expression.strip():
                section.fail(f"{kind}.{column}", "is no SQL expression", "write a text")
    for column, codes in mapping.code_lists.items():
        _check_codes(section, contract, column, codes)


def _check_source(section: Section, mapping: FeedMapping) -> None:
    if mapping.format == "table":
        if not mapping.url or bool(mapping.table) == bool(mapping.query):
            section.fail("format", '"table" needs url and one of table, query', "set them")
        if not mapping.order_by:
            section.fail("order_by", "is missing", "name columns that put the rows in one order")
        if mapping.location or mapping.sequence:
            section.fail("format", '"table" has no files', "remove location and sequence")
    elif mapping.incremental:
        section.fail("incremental", "is for tables", 'set format = "table", or remove it')
    elif not mapping.path:
        section.fail("path", "is missing", f'set path = "{mapping.feed}/*.csv"')


def _check_text(section: Section, mapping: FeedMapping) -> None:
    if not mapping.delimiter or set(mapping.delimiter) & set("\r\n\0"):
        section.fail("delimiter", f"is {mapping.delimiter!r}", "use one or more characters")
    if len(mapping.quote) > 1 or (mapping.quote and mapping.quote in mapping.delimiter):
        section.fail("quote", f"is {mapping.quote!r}", 'use one character, or "" for none')
    if mapping.layout.escape and mapping.layout.escape in ("", mapping.quote, mapping.delimiter):
        section.fail("escape", f"is {mapping.layout.escape!r}", "use another sign than quote")
    if mapping.layout.escape and not mapping.quote:
        section.fail("escape", "is for quoted fields", "set quote too")
    named = mapping.format in ("csv", "flatstore", "xlsx")
    if named and mapping.header == bool(mapping.column_names):
        section.fail("column_names", "is for header = false, and needed there", "set one of both")


def _check_codes(section: Section, contract: Contract, column: str, codes: Any) -> None:
    if not isinstance(codes, dict) or not all(isinstance(code, str) for code in codes.values()):
        section.fail(f"code_lists.{column}", "is no list of codes", 'write "RAW" = "value"')
    allowed = contract.column(column).allowed
    for raw, value in codes.items():
        if allowed and value not in allowed:
            section.fail(
                f"code_lists.{column}.{raw}", f"is {value!r}", f"use one of {', '.join(allowed)}"
            )


def _known_column(section: Section, contract: Contract, name: str) -> None:
    names = [column.name for column in contract.columns]
    if name not in names:
        section.fail(
            f"column {name!r}",
            f"is not in the contract of {contract.feed}",
            f"use one of {', '.join(names)}",
        )


def _schedule(section: Section) -> ScheduleEntry:
    control_id = section.take("control_id", str)
    if not _CONTROL.fullmatch(control_id):
        section.fail("control_id", f"is {control_id!r}", "write it like USG-05")
    entry = ScheduleEntry(
        control_id=control_id,
        from_month=_month(section, "from_month"),
        to_month=_month(section, "to_month"),
        state=section.choice("state", ("disabled", "waived")),
        reason=section.take("reason", str),
        approved_by=section.take("approved_by", str),
    )
    if entry.to_month < entry.from_month:
        section.fail("to_month", "lies before from_month", "swap them")
    section.done()
    return entry


def _month(section: Section, name: str) -> date:
    value = section.take(name, str)
    if not _MONTH.fullmatch(value):
        section.fail(name, f"is {value!r}", "write it like 2026-05")
    return date(int(value[:4]), int(value[5:]), 1)
