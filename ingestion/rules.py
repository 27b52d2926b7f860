"""The SQL of one feed: source columns to contract columns, and lines that break the contract."""

# ruff: noqa: S608 - the SQL is made from contracts and tieout.toml, which are the operator's own

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.clock_changes import ambiguous_spans, count_sql, missing_spans
from ingestion.contracts import Column, Contract
from ingestion.errors import FileRefusedError
from ingestion.expressions import bare_name
from ingestion.identities import identity_sql
from ingestion.mapping import FeedMapping, Operator
from ingestion.numbers import Numbering, e164_sql, head_sql
from ingestion.times import DATE_PATTERN, local_sql, naive_sql, offset_sql, quoted, utc_sql

# Stands for a null that an expression returned, so that null itself means the expression failed.
_NULL = "chr(26)"
_CARRIED = "_line, _source_row, _file_no, _broken, _digits"
_ROWS_WORTH_A_TREE = 50_000
_BOOLEANS = "true|false|t|f|1|0|yes|no|y|n"


@dataclass(frozen=True)
class Rule:
    """One rule of one column: SQL that is true when a line breaks it, and its opposite."""

    column: str
    reason_code: str
    broken: str
    kept: str


class FeedSql:
    """Builds the two queries of a feed: rows that load, and lines that do not."""

    def __init__(
        self,
        contract: Contract,
        mapping: FeedMapping,
        operator: Operator,
        source_columns: Sequence[str],
        *,
        where: str,
        rows: int,
    ) -> None:
        self.contract, self.mapping, self.operator = contract, mapping, operator
        self.where, self.as_tree = where, rows > _ROWS_WORTH_A_TREE
        self.source_columns = {name.lower(): name for name in source_columns}
        self.positions = {name.lower(): no for no, name in enumerate(source_columns)}
        self.rules = [rule for column in contract.columns for rule in self._rules(column)]

    def good(
        self, named: str, files: Sequence[tuple[str, str]], *, by_day: bool, by_file: bool
    ) -> str:
        """Return the query of the rows that keep every rule.

        Args:
            named: query that yields the carried columns and the source columns as text.
            files: source_file and file_hash by _file_no.
            by_day: adds _part, the day or month of the row.
            by_file: adds _part, the number of the file, or of file and day.
        """
        there = ["NOT _deleted"] if self.mapping.deleted_when else []
        kept = " AND ".join(
            [*there, "_broken IS NULL", *(rule.kept for rule in self.rules if rule.kept)]
        )
        outputs = self._outputs(files, alone=not by_file)
        part = " || '_' || ".join(["_file_no"] * by_file + [self._day()] * by_day)
        if part:
            outputs.append(f"{part} AS _part")
        return f"SELECT {', '.join(outputs)} FROM ({self._typed(named)}) WHERE {kept}"

    def shown(self, named: str) -> str:
        """Return the query of all lines as they would load; a value that breaks a rule is null."""
        columns = self.contract.columns
        values = ", ".join(f'{_value_of(column)} AS "{column.name}"' for column in columns)
        return f"SELECT _source_row, {values} FROM ({self._typed(named)}) ORDER BY _source_row"

    def days(self, named: str) -> str:
        """Return the query of the days or months that some lines belong to."""
        day = self._day()
        return f"SELECT DISTINCT {day} FROM ({self._typed(named)}) WHERE {day} IS NOT NULL"

    def day_of(self, moment: str) -> str:
        """Return SQL for the day or month that a UTC moment belongs to."""
        partition = self.contract.partition
        if partition is None:
            return "NULL::DATE"
        local = local_sql(moment, self.operator.time_zone, as_tree=self.as_tree)
        if partition.by == "month":
            return f"date_trunc('month', {local})::DATE"
        return f"({local})::DATE"

    def bad(self, named: str) -> str:
        """Return the query of the lines that break a rule: the first rule each one breaks."""
        broken = [f"WHEN {rule.broken} THEN {no}" for no, rule in enumerate(self.rules, start=1)]
        gone = "WHEN _deleted THEN NULL " if self.mapping.deleted_when else ""
        which = f"CASE {gone}WHEN _broken IS NOT NULL THEN 0 {' '.join(broken)} END"
        return f"""
            SELECT _file_no, _source_row, _line,
                CASE WHEN _rule = 0 THEN _broken ELSE {_pick([r.reason_code for r in self.rules])}
                END AS reason_code,
                {_pick([rule.column for rule in self.rules])} AS column_name,
                {self._masked()} AS value,
                {self._natural_key()} AS natural_key,
                {self._record_key()} AS record_key, {self._day()} AS event_on,
                {self._total()} AS total
            FROM (SELECT *, {which} AS _rule FROM ({self._typed(named)}))
            WHERE _rule IS NOT NULL ORDER BY _file_no, _source_row"""

    def aside(self, named: str) -> str:
        """Return the query, by file, of what its rows do not tell once they are loaded.

        Deleted rows and what a trailer adds up of them; local times that happen twice, or never.
        """
        zone = self.mapping.time_zone
        stamps = [f"z_{name}" for name in self.local_columns]
        gone = "_deleted" if self.mapping.deleted_when else "false"
        return (
            f"SELECT _file_no, count(*) FILTER ({gone}), sum({self._total()}) FILTER ({gone}),"
            f" {count_sql(stamps, ambiguous_spans(zone))},"
            f" {count_sql(stamps, missing_spans(zone))}"
            f" FROM ({self._typed(named)}) GROUP BY _file_no"
        )

    @property
    def local_columns(self) -> list[str]:
        """Return the columns whose times are delivered as local times of a zone."""
        told = self.mapping.timestamp_format
        if self.mapping.time_zone == "UTC" or (told and re.search("%z", told)):
            return []
        return [column.name for column in self.contract.columns if column.type == "timestamp"]

    def _typed(self, named: str) -> str:
        columns = self.contract.columns
        raw = ", ".join(self._raw(column) for column in columns)
        carried_on = _CARRIED
        if self.mapping.deleted_when:
            gone = f"TRY(({self.mapping.deleted_when})::BOOLEAN)"
            raw = f"coalesce(_broken IS NULL AND {gone}, false) AS _deleted, {raw}"
            carried_on = f"{_CARRIED}, _deleted"
        mapped = ", ".join(self._mapped(column) for column in columns)
        typed = ", ".join(filter(None, (self._value(column) for column in columns)))
        timed = ", ".join(filter(None, (self._moment(column) for column in columns)))
        query = f"SELECT {_CARRIED}, {raw} FROM ({named})"
        carried = ", ".join(f"r_{column.name}" for column in columns if self._expression(column))
        carried = f"{carried_on}, {carried}" if carried else carried_on
        query = f"SELECT {carried}, {mapped} FROM ({query})"
        if typed:
            query = f"SELECT *, {typed} FROM ({query})"
        return f"SELECT *, {timed} FROM ({query})" if timed else query

    def _source(self, column: Column) -> str | None:
        """Return the source column that a column is taken from as it is."""
        name = bare_name(self.mapping.columns.get(column.name, column.name))
        return self.source_columns.get(name) if name else None

    def _expression(self, column: Column) -> str | None:
        return None if self._source(column) else self.mapping.columns.get(column.name)

    @property
    def number_positions(self) -> tuple[int, ...]:
        """Return which source columns, counted from 0, are taken as telephone numbers."""
        sources = (self._source(column) for column in self.contract.columns if column.number)
        return tuple(sorted({self.positions[name.lower()] for name in sources if name}))

    def _raw(self, column: Column) -> str:
        expression = self._expression(column)
        if expression:
            text = self._as_text(expression, column)
            return f"TRY(coalesce({text}, {_NULL})) AS r_{column.name}"
        source = self._source(column)
        if source:
            return f'"{source}" AS r_{column.name}'
        if column.required:
            raise FileRefusedError(
                f"column {column.name} is missing, which {self.contract.feed} requires",
                where=self.where,
                effect="no line of it was loaded",
                fix=f"map it in [feeds.{self.contract.feed}.columns], or ask for the file again",
            )
        return f"NULL::VARCHAR AS r_{column.name}"

    def _mapped(self, column: Column) -> str:
        text = f"r_{column.name}"
        if self._expression(column):
            text = f"nullif(nullif({text}, {_NULL}), '')"
        codes = self.mapping.code_lists.get(column.name)
        if codes:
            whens = " ".join(
                f"WHEN {quoted(raw)} THEN {quoted(value)}" for raw, value in codes.items()
            )
            text = f"CASE {text} {whens} ELSE {text} END"
        if not self._expression(column) and self._has_comma(column):
            text = _comma_to_point(text)
        return f"{text} AS m_{column.name}"

    def _has_comma(self, column: Column) -> bool:
        return self.mapping.decimal_separator == "," and column.type.startswith("decimal")

    def _as_text(self, expression: str, column: Column) -> str:
        text = f"({expression})::VARCHAR"
        if not self._has_comma(column):
            return text
        # What is a figure already has its point; only delivered text has the comma.
        return (
            f"CASE typeof({expression}) WHEN 'VARCHAR' THEN {_comma_to_point(text)} ELSE {text} END"
        )

    def _value(self, column: Column) -> str | None:
        text = f"m_{column.name}"
        if column.number:
            home = Numbering(self.operator.home_country_code)
            numbering = self.mapping.numbers or home
            value = e164_sql(text, numbering)
            source = self._source(column)
            is_coded = column.name in self.mapping.code_lists
            if source and numbering.is_told_by_zero and not is_coded:
                bit = 1 << self.positions[source.lower()]
                value = f"CASE WHEN _digits & {bit} = {bit} THEN {text} ELSE {value} END"
        elif column.allowed:
            value = f"TRY_CAST({text} AS {_enum(column.allowed)})"
        elif column.is_figure:
            value = f"TRY_CAST({text} AS {column.sql_type})"
        elif column.type == "date":
            local = local_sql(offset_sql(text), self.operator.time_zone, as_tree=False)
            value = (
                f"CASE WHEN regexp_full_match({text}, '{DATE_PATTERN}')"
                f" THEN TRY_CAST({text} AS DATE) ELSE CAST({local} AS DATE) END"
            )
        elif column.type == "boolean":
            value = (
                f"CASE WHEN regexp_full_match(lower({text}), '{_BOOLEANS}')"
                f" THEN TRY_CAST({text} AS BOOLEAN) END"
            )
        elif column.type == "timestamp":
            return f"{naive_sql(text, self.mapping.timestamp_format)} AS z_{column.name}"
        else:
            return None
        return f"{value} AS t_{column.name}"

    def _moment(self, column: Column) -> str | None:
        if column.type != "timestamp":
            return None
        stamp, text = f"z_{column.name}", f"m_{column.name}"
        told = self.mapping.timestamp_format
        if told and re.search("%z", told):
            return f"timezone('UTC', {stamp}) AS t_{column.name}"
        utc = utc_sql(stamp, self.mapping.time_zone, as_tree=self.as_tree)
        if told and not self._expression(column):
            return f"{utc} AS t_{column.name}"
        return (
            f"CASE WHEN {stamp} IS NOT NULL THEN {utc} ELSE {offset_sql(text)} END"
            f" AS t_{column.name}"
        )

    def _rules(self, column: Column) -> list[Rule]:
        text, name = f"m_{column.name}", column.name
        rules: list[Rule] = []
        if self._expression(column):
            rules.append(Rule(name, "type", f"r_{name} IS NULL", f"r_{name} IS NOT NULL"))
        checks = _checks(column)
        if column.required:
            # What has a value of its type is there: asking again costs as much as the answer.
            kept = "" if checks else f"{text} IS NOT NULL"
            rules.append(Rule(name, "required", f"{text} IS NULL", kept))
        rules += [
            Rule(
                name,
                code,
                f"{text} IS NOT NULL AND ({fits}) IS NOT TRUE",
                fits if column.required else f"({text} IS NULL OR {fits})",
            )
            for code, fits in checks
        ]
        return rules

    def _outputs(self, files: Sequence[tuple[str, str]], *, alone: bool) -> list[str]:
        landed = [f'{_value_of(column)} AS "{column.name}"' for column in self.contract.columns]
        landed += [
            f"{_by_file([name for name, _ in files], alone=alone)} AS _source_file",
            "_source_row",
            f"{_by_file([digest for _, digest in files], alone=alone)} AS _file_hash",
        ]
        if self.contract.match_key:
            landed.append(f"{self._record_key()} AS _record_key")
        for column in self.contract.columns:
            if column.number:
                landed.append(f"m_{column.name} AS {column.name}_raw")
            if column.prefix_head:
                landed.append(f"{head_sql(f't_{column.name}')} AS {column.name}_head")
        return landed

    def _day(self) -> str:
        partition = self.contract.partition
        return self.day_of(f"t_{partition.column}" if partition else "NULL::TIMESTAMP")

    def _record_key(self) -> str:
        if not self.contract.match_key:
            return "NULL::BIGINT"
        key = self.contract.match_key
        for column in sorted(self.contract.columns, key=lambda c: -len(c.name)):
            key = re.sub(rf"(?<!\w){column.name}\b", f"{_value_of(column)}::VARCHAR", key)
        # The same as (md5_number_lower(key) >> 1)::BIGINT at a quarter of its price: in DuckDB 2.0
        # md5_number_lower is the upper half of md5_number.
        return f"(md5_number({key}) >> 65)::BIGINT"

    def _natural_key(self) -> str:
        parts, needed = [], []
        for name in self.contract.key:
            column = self.contract.column(name)
            value = f"t_{name}" if column.number else f"m_{name}"
            parts.append(f"coalesce({value}, '')")
            if column.required:
                needed.append(f"{value} IS NOT NULL")
        joined = " || '|' || ".join(parts)
        return f"CASE WHEN {' AND '.join(needed) or 'true'} THEN {joined} END"

    def _masked(self) -> str:
        """Return SQL for the value that broke the rule; personal data shows its last two signs."""
        whens = []
        for no, rule in enumerate(self.rules, start=1):
            value = f"left(m_{rule.column}, 200)"
            is_masked = self.contract.column(rule.column).is_masked
            value = mask_sql(value) if is_masked else _hide_figures_sql(value)
            whens.append(f"WHEN {no} THEN {value}")
        return f"CASE _rule {' '.join(whens)} END"

    def _total(self) -> str:
        trailer = self.mapping.trailer
        if trailer is None or trailer.total_column is None:
            return "NULL::DECIMAL(38,6)"
        return f"t_{trailer.total_column}::DECIMAL(38,6)"


def _hide_figures_sql(text: str) -> str:
    # In a line whose fields are shifted, a number or an IMSI stands where nothing personal should.
    return f"regexp_replace({text}, '[0-9]{{7,}}([0-9]{{2}})', '*******\\1', 'g')"


def mask_sql(text: str) -> str:
    """Return SQL that hides all but the last two signs of a text."""
    return (
        f"CASE WHEN length({text}) > 4"
        f" THEN repeat('*', length({text}) - 2) || right({text}, 2)"
        f" ELSE repeat('*', length({text})) END"
    )


def _comma_to_point(text: str) -> str:
    return f"replace(replace({text}, '.', ''), ',', '.')"


def _value_of(column: Column) -> str:
    typed = column.number or column.allowed or column.type != "text"
    return f"t_{column.name}" if typed else f"m_{column.name}"


def _checks(column: Column) -> list[tuple[str, str]]:
    """Return reason code and SQL that holds for a value that keeps the rule."""
    text, typed = f"m_{column.name}", f"t_{column.name}"
    checks: list[tuple[str, str]] = []
    if column.is_figure:
        # A cast rounds what the type has no decimals for; the wider cast keeps it.
        checks.append(("type", f"{typed} = TRY_CAST({text} AS DECIMAL(38,18))"))
    elif column.allowed:
        checks.append(("allowed", f"{typed} IS NOT NULL"))
    elif column.number or column.type != "text":
        checks.append(("type", f"{typed} IS NOT NULL"))
    if column.pattern:
        checks.append(("pattern", f"regexp_matches({text}, {quoted(column.pattern)})"))
    if column.check:
        checks.append(("pattern", identity_sql(text, column.check)))
    if column.minimum is not None:
        unless = f" OR t_{column.minimum_unless}" if column.minimum_unless else ""
        checks.append(("range", f"({typed} >= {column.minimum}{unless})"))
    if column.maximum is not None:
        checks.append(("range", f"{typed} <= {column.maximum}"))
    return checks


def _enum(values: Sequence[str]) -> str:
    # Half the price of a text to check and to write; Parquet holds it as text all the same.
    return f"ENUM({', '.join(map(quoted, dict.fromkeys(values)))})"


def _pick(values: list[str]) -> str:
    listed = ", ".join(map(quoted, values))
    return f"CASE WHEN _rule > 0 THEN ([{listed}])[_rule] END"


def _by_file(values: Sequence[str], *, alone: bool) -> str:
    # Parquet would hold all values of an ENUM in each part: the others of a batch must not show.
    if alone:
        return f"{quoted(values[0])}::{_enum(values)}"
    return f"([{', '.join(map(quoted, values))}])[_file_no + 1]"
