"""Same input, same bytes: nothing that computes reads the clock or unseeded chance."""

from __future__ import annotations

import ast
import re

from tests.house import tree

FOLDERS = ("ingestion", "dagster_project/lib", "dagster_project/defs", "expectations")
CALLS = re.compile(
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)|pd\.Timestamp\.(now|today)"
    r"|time\.(time|time_ns|localtime|gmtime|ctime|strftime)"
    r"|uuid\.uuid[14]|uuid[14]|random\.(random|randint|choice|shuffle|sample)|secrets\.\w+"
    r"|os\.urandom|np\.random\.(rand|randn|randint|random|choice)"
)
SQL_WORDS = re.compile(
    r"\b(current_date|current_timestamp|current_time|localtime|localtimestamp)\b"
    r"|\b(now|today|random|rand|uuid|gen_random_uuid|get_current_timestamp|setseed)\(\s*\)"
    r"|\b(run_started_at|invocation_id)\b",
    re.IGNORECASE,
)


def test_python_reads_no_clock() -> None:
    readers = [
        f"{tree.relative(path)}:{node.lineno}: {ast.unparse(node.func)}"
        for path in tree.python_files(*FOLDERS)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Call) and CALLS.fullmatch(ast.unparse(node.func))
    ]
    tree.assert_none(readers)


def test_random_generators_are_seeded() -> None:
    makers = ("random.Random", "Random", "np.random.default_rng", "default_rng")
    unseeded = [
        f"{tree.relative(path)}:{node.lineno}"
        for path in tree.python_files(*FOLDERS)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in makers
        if not node.args and not node.keywords
    ]
    tree.assert_none(unseeded)


def test_sql_reads_no_clock() -> None:
    models = [(path, tree.without_comments(tree.read(path))) for path in tree.sql_files()]
    readers = [hit for path, sql in models for hit in tree.find_words(path, SQL_WORDS, sql)]
    tree.assert_none(readers)


def test_sql_in_python_reads_no_clock() -> None:
    readers = [
        f"{tree.relative(path)}:{node.lineno}: {found[0]}"
        for path in tree.python_files(*FOLDERS)
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (found := SQL_WORDS.search(node.value))
    ]
    tree.assert_none(readers)
