"""Money and quantities are exact: no binary fraction in contracts, models or the code around."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection

from tests.house import tree

FLOAT_TYPE = re.compile(r"\b(float\d?|double|real)\b", re.IGNORECASE)
# Functions that give a binary fraction whatever they are given.
FLOAT_FUNCTION = re.compile(
    r"\b(power|pow|sqrt|cbrt|exp|ln|log|log2|log10|avg|mean|median|quantile\w*|percentile\w*|"
    r"stddev\w*|variance|var_\w+|corr|regr_\w+|random|rand|pi|sin|cos|tan)\s*\(",
    re.IGNORECASE,
)


def test_contracts_know_no_floats() -> None:
    exact = re.compile(r"text|integer|date|timestamp|boolean|decimal\(\d+, ?\d+\)")
    astray = [
        f"{name}.{column['name']}: {column['type']}"
        for name, contract in tree.contracts().items()
        for column in contract["columns"]
        if not exact.fullmatch(str(column["type"]))
    ]
    tree.assert_none(astray)


def test_models_declare_no_floats() -> None:
    astray = [
        f"{model.name}.{name}"
        for model in tree.models()
        for name, column in model.columns.items()
        if FLOAT_TYPE.search(str(column.get("data_type") or ""))
    ]
    tree.assert_none(astray)


def test_sql_casts_to_no_floats() -> None:
    tree.assert_none(_in_sql(FLOAT_TYPE, tree.without_comments))


def test_sql_calls_no_function_that_gives_a_float() -> None:
    # The median number of records of a feed.
    counts = {"dbt/models/intermediate/data_quality/int_data_quality__feed_days.sql"}
    tree.assert_none(_in_sql(FLOAT_FUNCTION, _without_strings, counts))


def test_sql_divides_only_through_macros() -> None:
    # `/` on decimals gives a double in DuckDB and another scale in Spark.
    slash = re.compile(r"[\w)}]\s*/\s*[\w({]")
    # It counts records, rounded to whole ones a thousand times coarser than what it divides.
    counts = {"dbt/macros/matching/match_by_key.sql"}
    tree.assert_none(_in_sql(slash, _without_strings, counts))


def _in_sql(
    pattern: re.Pattern[str], strip: Callable[[str], str], but: Collection[str] = ()
) -> list[str]:
    """Where a pattern stands in SQL files, but those that only count with it."""
    return [
        hit
        for path in tree.sql_files()
        if tree.relative(path) not in but
        for hit in tree.find_words(path, pattern, strip(tree.read(path)))
    ]


def _without_strings(sql: str) -> str:
    return re.sub(r"'[^'\n]*'", "''", tree.without_comments(sql))


def test_python_makes_no_floats() -> None:
    # Seconds for people and the statistics of churn are no money.
    free = re.compile(r"dagster_project/lib/churn/.*")
    astray = [
        f"{tree.relative(path)}:{node.lineno}"
        for path in tree.python_files("ingestion", "dagster_project", "dashboards")
        if not free.fullmatch(tree.relative(path))
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "np.float64")
    ]
    tree.assert_none(astray)


def test_billing_names_and_writes_no_float() -> None:
    # Amounts come from the models as Decimal and go into every document as such.
    astray = [
        f"{tree.relative(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in tree.python_files("dagster_project/lib/billing")
        for node in ast.walk(tree.parse(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in ("float", "math"))
    ]
    tree.assert_none(astray)


def test_decimals_are_not_taken_through_pandas() -> None:
    # .df() turns DECIMAL into float64; Arrow keeps it.
    astray = [
        f"{tree.relative(path)}:{node.lineno}"
        for path in tree.python_files("ingestion", "dagster_project", "dashboards")
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Attribute) and node.attr in ("df", "fetchdf", "fetch_df")
    ]
    tree.assert_none(astray)
