"""Files and functions stay small enough to be read in one go (STYLE §6)."""

from __future__ import annotations

import ast

from tests.house import tree

FILE_LINES = 400
FUNCTION_LINES = 50


def test_no_file_is_longer_than_it_may_be() -> None:
    files = [*tree.python_files(), *tree.python_files("tests"), *tree.sql_files("dbt")]
    long = [
        f"{tree.relative(path)}: {count} lines"
        for path in files
        if (count := tree.read(path).count("\n")) > FILE_LINES
    ]
    tree.assert_none(long)


def test_no_function_is_longer_than_it_may_be() -> None:
    long = [
        f"{tree.relative(path)}:{node.lineno}: {node.name} has {length} lines"
        for path in [*tree.python_files(), *tree.python_files("tests")]
        for node in ast.walk(tree.parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    tree.assert_none(long)
