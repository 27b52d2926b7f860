"""Feed contracts: the one declaration that reader, quarantine and expectations are made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.errors import ContractError
from ingestion.own_yaml import read_yaml

_TYPE = re.compile(r"text|integer|date|timestamp|boolean|decimal\((\d{1,2}),(\d{1,2})\)")
_COLUMN_FIELDS = frozenset(
    ["name", "type", "required", "allowed", "pattern", "minimum", "maximum", "number"]
    + ["prefix_head", "check", "personal", "meaning", "minimum_unless"]
)
# How much is asked of an identity: its shape, or its check digit too.
CHECKS = ("imsi", "imei", "imei_luhn", "iccid", "iccid_luhn")
_FEED_FIELDS = frozenset(
    ["feed", "source", "group", "description", "grain", "key", "match_key", "partition", "columns"]
)


@dataclass(frozen=True)
class Column:
    """One column of a feed and every rule that a value in it must keep."""

    name: str
    type: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    minimum_unless: str | None = None
    number: bool = False
    prefix_head: bool = False
    check: str | None = None
    personal: bool = False
    meaning: str = ""

    @property
    def sql_type(self) -> str:
        """Return the DuckDB type of the landed column."""
        plain = {"text": "VARCHAR", "integer": "BIGINT"}
        return plain.get(self.type, self.type.upper())

    @property
    def is_masked(self) -> bool:
        """Tell whether its values are shown to nobody whole; a telephone number never is."""
        return self.personal or self.number

    @property
    def is_figure(self) -> bool:
        """Tell whether the column holds a number to count with."""
        return self.type == "integer" or self.type.startswith("decimal")


@dataclass(frozen=True)
class Partition:
    """How the parts of a feed are laid out: one folder per local day or month of a timestamp."""

    by: str
    column: str
    name: str

    @property
    def empty_value(self) -> str:
        """Return the folder value that holds the zero-row part.

        It comes after all others: the engine takes the rows of a feed to be as many as its first
        part holds, times the parts, and plans its joins by that.
        """
        return "9999-12-31"


# The part without rows of every feed; it, too, sorts behind the parts that are named by hashes.
EMPTY_PART = "none.parquet"


@dataclass(frozen=True)
class Contract:
    """What one feed must look like once it is mapped."""

    feed: str
    source: str
    group: str
    description: str
    grain: str
    key: tuple[str, ...]
    match_key: str | None
    partition: Partition | None
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """Return the name of the raw table."""
        return f"{self.source}__{self.feed}"

    def column(self, name: str) -> Column:
        """Return one column; KeyError names the feed when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.feed}.{name}")

    def landed_columns(self) -> tuple[tuple[str, str], ...]:
        """Return name and DuckDB type of every column of a part, in order."""
        landed = [(column.name, column.sql_type) for column in self.columns]
        landed += [
            ("_source_file", "VARCHAR"),
            ("_source_row", "BIGINT"),
            ("_file_hash", "VARCHAR"),
        ]
        if self.match_key:
            landed.append(("_record_key", "BIGINT"))
        for column in self.columns:
            if column.number:
                landed.append((f"{column.name}_raw", "VARCHAR"))
            if column.prefix_head:
                landed.append((f"{column.name}_head", "BIGINT"))
        return tuple(landed)


def parse_contract(text: str, name: str) -> Contract:
    """Read one contract.

    Args:
        text: YAML of the contract.
        name: file name, for the error.

    Raises:
        ContractError: names the file and the field that is wrong.
    """
    try:
        raw = read_yaml(text)
    except yaml.YAMLError as error:
        raise _bad(name, "the file", f"is not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise _bad(name, "the file", "holds no mapping")
    _reject_unknown(raw, _FEED_FIELDS, name, "")
    for field in ("feed", "source", "group", "description", "grain", "key", "columns"):
        if not raw.get(field):
            raise _bad(name, field, "is missing")
    columns = tuple(_column(item, name, no) for no, item in enumerate(raw["columns"]))
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise _bad(name, "columns", "names a column twice")
    key = tuple(raw["key"])
    for part in key:
        if part not in names:
            raise _bad(name, "key", f"names {part!r}, which is no column")
    return Contract(
        feed=raw["feed"],
        source=raw["source"],
        group=raw["group"],
        description=raw["description"],
        grain=raw["grain"],
        key=key,
        match_key=raw.get("match_key"),
        partition=_partition(raw, columns, name),
        columns=columns,
    )


@lru_cache(maxsize=1)
def load_contracts() -> dict[str, Contract]:
    """Return every contract of the product, keyed by feed name, in the order of the file names."""
    folder = Path(__file__).parent
    contracts: dict[str, Contract] = {}
    for path in sorted(folder.glob("*.yml")):
        contract = parse_contract(path.read_text(encoding="utf-8"), path.name)
        if path.name != f"{contract.table}.yml":
            raise _bad(path.name, "feed", f"should lie in {contract.table}.yml")
        if contract.feed in contracts:
            raise _bad(path.name, "feed", f"{contract.feed!r} is declared twice")
        contracts[contract.feed] = contract
    return contracts


def _partition(raw: dict[str, Any], columns: tuple[Column, ...], name: str) -> Partition | None:
    spec = raw.get("partition")
    if spec is None:
        return None
    if not isinstance(spec, dict) or set(spec) != {"by", "column", "name"}:
        raise _bad(name, "partition", "needs by, column and name")
    if spec["by"] not in ("day", "month"):
        raise _bad(name, "partition.by", f"is {spec['by']!r}, not day or month")
    for column in columns:
        if column.name == spec["column"] and column.type == "timestamp" and column.required:
            return Partition(**spec)
    raise _bad(name, "partition.column", f"{spec['column']!r} is no required timestamp")


def _column(item: Any, name: str, no: int) -> Column:
    if not isinstance(item, dict) or not item.get("name"):
        raise _bad(name, f"columns[{no}]", "has no name")
    where = f"columns.{item['name']}"
    _reject_unknown(item, _COLUMN_FIELDS, name, where + ".")
    if not _TYPE.fullmatch(str(item.get("type"))):
        raise _bad(name, f"{where}.type", f"{item.get('type')!r} is not known")
    if item.get("pattern"):
        try:
            re.compile(item["pattern"])
        except re.error as error:
            raise _bad(name, f"{where}.pattern", f"is no regular expression: {error}") from error
    if item.get("prefix_head") and not item.get("number"):
        raise _bad(name, f"{where}.prefix_head", "needs number: true")
    if item.get("check") not in (None, *CHECKS):
        raise _bad(name, f"{where}.check", f"is {item['check']!r}, not {', '.join(CHECKS)}")
    is_read_as_text = any(item.get(field) for field in ("number", "pattern", "check", "allowed"))
    if is_read_as_text and item["type"] != "text":
        raise _bad(name, f"{where}.type", "must be text with number, pattern, check or allowed")
    values = dict(item)
    values["allowed"] = tuple(str(value) for value in item.get("allowed") or ())
    for bound in ("minimum", "maximum"):
        if item.get(bound) is not None:
            values[bound] = Decimal(str(item[bound]))
    return Column(**values)


def _reject_unknown(raw: dict[str, Any], known: frozenset[str], name: str, where: str) -> None:
    for field in raw:
        if field not in known:
            raise _bad(name, f"{where}{field}", "is not a field of a contract")


def _bad(name: str, field: str, what: str) -> ContractError:
    return ContractError(
        f"{field} {what}",
        where=f"ingestion/contracts/{name}, {field}",
        effect="no feed can be read until the contract is whole",
        fix=f"correct {field} in {name}",
    )
