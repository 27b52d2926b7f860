"""The one place that knows Great Expectations: our rules in, our results out.

It is imported inside the functions, for it takes seconds to load. Its context lives in memory and
its analytics are off. Frames hold Arrow types, so decimals stay exact.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from expectations.rules import Expect, ExpectationResult

if TYPE_CHECKING:
    import pyarrow as pa

Door = Literal["landing", "published"]


@contextmanager
def _without_spark() -> Iterator[None]:
    """Let no Spark be found for a moment.

    Its connect module ends the process when `__main__` has no file, as in Dagster's run workers,
    and we hand over pandas frames anyway.
    """
    if "pyspark" in sys.modules:
        yield
        return
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pyspark"]


class Validator:
    """Validates tables one after the other in one context."""

    def __init__(self, door: Door) -> None:
        # It tries every engine it knows, and those that are installed warn of one another.
        with warnings.catch_warnings(), _without_spark():
            warnings.simplefilter("ignore")
            import great_expectations as gx

        self.door: Door = door
        self._gx = gx
        self._context = _quiet_context(gx)
        self._source = self._context.data_sources.add_pandas(door)
        self._validated: list[Any] = []

    def validate(
        self, table_name: str, table: pa.Table, rules: Sequence[Expect]
    ) -> list[ExpectationResult]:
        """Hold one table against its rules, all in one validation.

        Args:
            table_name: name of the table in the results.
            table: rows to look at; only columns that the rules name are needed.
            rules: what is expected.

        Returns:
            One result per rule, in their order.
        """
        if not rules:
            return []
        import pandas as pd

        frame = table.to_pandas(types_mapper=pd.ArrowDtype)
        suite = self._gx.ExpectationSuite(name=f"{self.door}.{table_name}")
        for no, rule in enumerate(rules):
            suite.add_expectation(_expectation(self._gx.expectations, rule, no))
        asset = self._source.add_dataframe_asset(table_name)
        batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
        outcome = batch.validate(suite, result_format="BASIC")
        self._validated.append(outcome)
        by_no = {one.expectation_config.meta["no"]: one for one in outcome.results}
        return [
            self._result(suite.name, table_name, rule, by_no[no]) for no, rule in enumerate(rules)
        ]

    def write_docs(self, target: Path) -> None:
        """Write what was validated as one page of HTML for each table."""
        from great_expectations.render.renderer import ValidationResultsPageRenderer
        from great_expectations.render.view import DefaultJinjaPageView

        target.mkdir(parents=True, exist_ok=True)
        for outcome in self._validated:
            document = ValidationResultsPageRenderer().render(outcome)
            page = DefaultJinjaPageView().render(document)
            (target / f"{outcome.suite_name}.html").write_text(page, encoding="utf-8")

    def _result(self, suite: str, table_name: str, rule: Expect, outcome: Any) -> ExpectationResult:
        unexpected = int(outcome.result.get("unexpected_count") or 0)
        count = outcome.result.get("element_count")
        observed = f"{unexpected} of {count} rows" if count is not None else "columns"
        trouble = _trouble(outcome)
        return ExpectationResult(
            suite=suite,
            door=self.door,
            table_name=table_name,
            expectation=outcome.expectation_config.type,
            column_name=", ".join(rule.columns),
            success=bool(outcome.success),
            observed=trouble or observed,
            unexpected_count=unexpected,
        )


def _quiet_context(gx: Any) -> Any:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # Read by Great Expectations, not by us: nothing leaves the machine.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _trouble(outcome: Any) -> str:
    """Return why an expectation could not be looked at, empty when it could."""
    info = outcome.exception_info or {}
    for item in [info, *info.values()]:
        if isinstance(item, dict) and item.get("raised_exception"):
            return f"not checked: {item.get('exception_message')}"[:300]
    return ""


def _expectation(library: Any, rule: Expect, no: int) -> Any:
    make = _MAKERS[rule.kind]
    return make(library, rule, {"meta": {"no": no}, "mostly": _share(rule)})


def _share(rule: Expect) -> Any:
    # Whole where it can be: GX compares shares as floats.
    return 1 if rule.mostly == 1 else rule.mostly.__float__()


def _columns(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    return library.ExpectTableColumnsToMatchSet(
        column_set=list(rule.columns), exact_match=False, meta=common["meta"]
    )


def _not_null(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    return library.ExpectColumnValuesToNotBeNull(column=rule.columns[0], **common)


def _in_set(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    return library.ExpectColumnValuesToBeInSet(
        column=rule.columns[0], value_set=list(rule.values), **common
    )


def _match(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    return library.ExpectColumnValuesToMatchRegex(
        column=rule.columns[0], regex=rule.pattern, **common
    )


def _between(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    return library.ExpectColumnValuesToBeBetween(
        column=rule.columns[0],
        min_value=_bound(rule.minimum),
        max_value=_bound(rule.maximum),
        **common,
    )


def _unique(library: Any, rule: Expect, common: dict[str, Any]) -> Any:
    if len(rule.columns) == 1:
        return library.ExpectColumnValuesToBeUnique(column=rule.columns[0], **common)
    return library.ExpectCompoundColumnsToBeUnique(
        column_list=list(rule.columns), ignore_row_if="never", **common
    )


def _bound(value: Any) -> Any:
    # Bounds are whole; GX takes no Decimal.
    return None if value is None else int(value)


_MAKERS: dict[str, Callable[[Any, Expect, dict[str, Any]], Any]] = {
    "columns": _columns,
    "not_null": _not_null,
    "in_set": _in_set,
    "match": _match,
    "between": _between,
    "unique": _unique,
}
