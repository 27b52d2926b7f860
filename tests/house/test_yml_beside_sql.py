"""A model and its description lie side by side and say the same."""

from __future__ import annotations

import re

from tests.house import tree

UNIQUE = ("unique", "unique_combination_of_columns")
LIMIT_LINES = 120
WORDS = r"\{\{.*?\}\}|'[^']*'|\w+|[^\w\s]|\s+"


def test_every_model_has_its_yml_beside_it() -> None:
    alone = [tree.relative(model.path) for model in tree.models() if not model.spec]
    tree.assert_none(alone)


def test_a_yml_describes_the_one_model_beside_it() -> None:
    astray = []
    for path in tree.yml_files():
        content = tree.load_yaml(path) or {}
        if path.name.startswith("_"):
            if not path.name.endswith("__sources.yml") or "models" in content:
                astray.append(tree.relative(path))
        else:
            described = [model.get("name") for model in content.get("models") or []]
            if described != [path.stem] or not path.with_suffix(".sql").is_file():
                astray.append(tree.relative(path))
    tree.assert_none(astray)


def test_every_model_tells_its_grain_and_proves_it() -> None:
    astray = []
    for model in tree.models():
        if not re.match(r"\s*Grain: one row per \w", str(model.spec.get("description", ""))):
            astray.append(f"{model.name}: the description does not begin with 'Grain: one row per'")
        if not _has_uniqueness_test(model):
            astray.append(f"{model.name}: no test that a row is unique")
    tree.assert_none(astray)


def _has_uniqueness_test(model: tree.Model) -> bool:
    parts = [model.spec, *model.columns.values()]
    tests = [test for part in parts for test in part.get("data_tests") or part.get("tests") or []]
    names = [test if isinstance(test, str) else next(iter(test)) for test in tests]
    return any(name in UNIQUE for name in names)


def test_every_column_is_described() -> None:
    bare = [
        f"{model.name}.{name}"
        for model in tree.models()
        for name, column in model.columns.items()
        if not str(column.get("description", "")).strip()
    ]
    tree.assert_none(bare)


def test_published_tables_enforce_their_contract() -> None:
    loose = [
        model.name
        for model in tree.models()
        if model.is_published
        and (
            (model.config.get("contract") or {}).get("enforced") is not True
            or any("data_type" not in column for column in model.columns.values())
        )
    ]
    tree.assert_none(loose)


def test_the_only_tag_is_published() -> None:
    others = [
        model.name for model in tree.models() if set(model.config.get("tags") or []) - {"published"}
    ]
    tree.assert_none(others)


def test_declared_columns_are_the_selected_ones() -> None:
    differ = []
    # the others are compared with the warehouse itself, in tests/integration/test_model_columns.py
    for model in tree.models():
        selected = selected_columns(model.sql)
        if selected is not None and selected != list(model.columns):
            extra = [name for name in selected if name not in model.columns]
            missing = [name for name in model.columns if name not in selected]
            differ.append(f"{model.name}: not described {extra}, not selected {missing}, or order")
    tree.assert_none(differ)


def selected_columns(sql: str) -> list[str] | None:
    """Column names of the CTE `final`; None where Jinja or a star writes the list."""
    start = re.search(r"\bfinal as \(\s*select( distinct)?\b", sql)
    if not start:
        return None
    names: list[str] = []
    depth, item = 0, ""
    for word in re.findall(WORDS, sql[start.end() :], re.DOTALL):
        depth += (word == "(") - (word == ")")
        ends = depth < 0 or (depth == 0 and word.lower() == "from")
        if ends or (depth == 0 and word == ","):
            names.append(item.split()[-1].split(".")[-1] if item.split() else "")
            item = ""
        else:
            item += word
        if ends:
            break
    readable = all(re.fullmatch(r"\w+", name) for name in names)
    return names if readable and "{%" not in sql[start.start() :] else None


def test_models_end_with_final_and_stay_short() -> None:
    astray = []
    for model in tree.models():
        text = tree.read(model.path)
        if text.count("\n") > LIMIT_LINES:
            astray.append(f"{model.name}: {text.count(chr(10))} lines are two models")
        if not re.search(r"select \* from final\s*$", model.sql):
            astray.append(f"{model.name}: the last line is not that of STYLE")
    tree.assert_none(astray)
