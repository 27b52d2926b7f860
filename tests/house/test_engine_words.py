"""What differs between the engines is written once, in dbt/macros/cross_db."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import tree

CROSS_DB = tree.ROOT / "dbt" / "macros" / "cross_db"
MATERIALIZATIONS = tree.ROOT / "dbt" / "macros" / "materializations"
# Functions, types and operators that only one of DuckDB and Spark has, or that mean two things.
ENGINE_WORDS = re.compile(
    r"""\b(
        md5_number\w*|hash|xxhash64|list_\w+|array_agg|collect_list|string_agg|listagg|struct_pack|
        named_struct|json_object|to_json|get_json_object|read_parquet|read_csv|read_json\w*|timezone|
        from_utc_timestamp|to_utc_timestamp|epoch|epoch_ms|epoch_us|unix_\w+|strftime|strptime|
        date_format|to_timestamp|datediff|date_diff|date_add|date_sub|generate_series|sequence|unnest|
        explode|arg_min|arg_max|regexp_\w+|positional|ifnull|nvl
    )\s*\(
    |\b(asof|qualify|hugeint|uhugeint|ubigint|pivot|unpivot)\b
    |\bat\s+time\s+zone\b
    |\bexclude\s*\(
    |::
    |(?<![:/'\"])//(?!\s*%)
    |\btarget\.(type|name)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# dbt brings these along for every engine; ours stands in their place on the engine it names alone.
BROUGHT_ALONG = {"table", "view"}
DISPATCH = re.compile(r"adapter\.dispatch\(\s*'(\w+)'")


def jinja_free(sql: str) -> str:
    """SQL without the calls of our macros, whose names may be those of functions."""
    return re.sub(r"\{\{(?!\s*target).*?\}\}", "", sql, flags=re.DOTALL)


def _files() -> list[Path]:
    return [
        path for path in tree.sql_files() if not {CROSS_DB, MATERIALIZATIONS} & set(path.parents)
    ]


def test_engine_words_stay_in_cross_db() -> None:
    leaked = [
        hit
        for path in _files()
        for hit in tree.find_words(
            path, ENGINE_WORDS, jinja_free(tree.without_comments(tree.read(path)))
        )
    ]
    tree.assert_none(leaked)


def test_no_model_asks_which_engine_it_runs_on() -> None:
    word = re.compile(r"\btarget\.\w+|\badapter\.(type|dispatch)\b")
    leaked = [
        hit
        for path in _files()
        for hit in tree.find_words(path, word, tree.without_comments(tree.read(path)))
    ]
    tree.assert_none(leaked)


def test_no_text_waits_for_concat_to_be_empty() -> None:
    """With nothing among its texts concat is a text on DuckDB and nothing on Spark; || is alike."""
    waiting = re.compile(r"coalesce\(\s*concat\(")
    leaked = [
        f"{tree.relative(path)}: coalesce(concat(...)): join by ||"
        for path in tree.sql_files()
        if waiting.search(tree.read(path))
    ]
    tree.assert_none(leaked)


def test_every_materialization_is_written_for_both_engines() -> None:
    found = [
        (name, engine)
        for path in sorted(MATERIALIZATIONS.glob("*.sql"))
        for name, engine in re.findall(
            r"materialization (\w+), adapter=['\"](\w+)['\"]", tree.read(path)
        )
    ]
    names = {name for name, _ in found} - BROUGHT_ALONG
    wanted = {(name, engine) for name in names for engine in ("duckdb", "spark")}
    tree.assert_none([f"{name} for {engine}" for name, engine in sorted(wanted - set(found))])


def test_every_cross_db_macro_is_written_for_both_engines() -> None:
    incomplete = []
    for path in sorted(CROSS_DB.glob("*.sql")):
        text = tree.read(path)
        macros = set(re.findall(r"\{%-?\s*macro\s+(\w+)\(", text))
        names = set(DISPATCH.findall(text))
        if path.stem not in names:
            incomplete.append(f"{tree.relative(path)} does not dispatch {path.stem}")
        for name in names:
            wanted = {name, f"default__{name}", f"duckdb__{name}", f"spark__{name}"}
            incomplete += [f"{tree.relative(path)}: {macro}" for macro in sorted(wanted - macros)]
            default = re.search(rf"macro default__{name}\(.*?endmacro", text, re.DOTALL)
            if default and "raise_compiler_error" not in default[0]:
                incomplete.append(f"{tree.relative(path)}: default__{name} raises no error")
    tree.assert_none(incomplete)
    assert list(CROSS_DB.glob("*.sql"))
