"""The walls of the house: who may import whom, and what may know of the answer key."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house import tree

LIB = "dagster_project.lib"
LIB_BASE = tuple(f"{LIB}.{name}" for name in ("money", "periods", "errors", "warehouse"))
ENTRANCES = ("dagster_project.cli", "dagster_project.commands", "dagster_project.definitions")

# package -> what of ours it may import besides itself
MAY_IMPORT = {
    "ingestion": (),
    LIB: (),
    "expectations": ("ingestion.contracts",),
    "dagster_project.resources": ("ingestion", LIB),
    "dagster_project.defs": ("ingestion", LIB, "expectations", "dagster_project.resources"),
    "dashboards": (f"{LIB}.store", f"{LIB}.snapshot", *LIB_BASE[:3]),
}
# The CLI and the definitions are the doors of the building: all behind them may be called.
BEHIND_THE_DOORS = ("ingestion", "expectations", "dagster_project")

# Where the answer key is written, where it is read, and where the demo ties the two together.
IN_RAW = re.compile(
    r"read_parquet\('\{home\}/raw/\{identifier\}/[*/]*\*\.parquet'(, \w+ = [^'\[\]/]*)*\)"
)
KNOWS_THE_ANSWERS = re.compile(
    r"ingestion/simulator/.*|dagster_project/lib/controls/scoring\.py|dagster_project/(.*/)?demo\.py"
)


def our_package(name: str) -> str | None:
    """The package of ours that a dotted name lies in."""
    return name if name.split(".")[0] in (*tree.PACKAGES, "tests") else None


def walls_of(path: Path) -> tuple[str, tuple[str, ...]]:
    module = tree.module_name(path)
    if any(tree.is_within(module, door) for door in ENTRANCES) or module == "dagster_project":
        return "dagster_project", BEHIND_THE_DOORS
    package = next((p for p in MAY_IMPORT if tree.is_within(module, p)), None)
    assert package, f"{tree.relative(path)} lies in no package that STYLE knows"
    return package, MAY_IMPORT[package]


def test_every_package_keeps_to_its_walls() -> None:
    crossed = []
    for path in tree.python_files():
        own, allowed = walls_of(path)
        crossed += [
            f"{tree.relative(path)}:{line}: {name}"
            for line, name in tree.imported_modules(path)
            if our_package(name) and not any(tree.is_within(name, p) for p in (own, *allowed))
        ]
    tree.assert_none(crossed)


def test_packages_of_lib_do_not_import_each_other() -> None:
    crossed = []
    for path in tree.python_files("dagster_project/lib"):
        own = ".".join(tree.module_name(path).split(".")[:3])
        crossed += [
            f"{tree.relative(path)}:{line}: {name}"
            for line, name in tree.imported_modules(path)
            if tree.is_within(name, LIB)
            and not any(tree.is_within(name, p) for p in (own, *LIB_BASE))
        ]
    tree.assert_none(crossed)


@pytest.mark.parametrize(
    "folder", ["ingestion", "dagster_project/lib", "expectations", "dashboards"]
)
def test_dagster_stays_in_its_rooms(folder: str) -> None:
    crossed = [
        f"{tree.relative(path)}:{line}: {name}"
        for path in tree.python_files(folder)
        for line, name in tree.imported_modules(path)
        if name.split(".")[0].startswith("dagster") and not name.startswith("dagster_project")
    ]
    tree.assert_none(crossed)


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        f"{tree.relative(path)}: {ast.unparse(node)}"
        for path in tree.python_files()
        if tree.relative(path) != "dagster_project/resources/settings.py"
        for node in ast.walk(tree.parse(path))
        if _reads_environment(node)
    ]
    tree.assert_none(readers)


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        text = ast.unparse(node)
        return text in ("os.environ.get", "os.getenv", "environ.get")
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return ast.unparse(node.value) in ("os.environ", "environ")
    return False


def test_only_the_demo_knows_the_answer_key() -> None:
    word = re.compile(r"answer[ _-]?key", re.IGNORECASE)
    told = [
        hit
        for path in tree.python_files()
        if not KNOWS_THE_ANSWERS.fullmatch(tree.relative(path))
        for hit in tree.find_words(path, word, tree.read(path))
    ]
    tree.assert_none(told)


def test_only_the_demo_imports_the_simulator() -> None:
    crossed = [
        f"{tree.relative(path)}:{line}: {name}"
        for path in tree.python_files()
        if not KNOWS_THE_ANSWERS.fullmatch(tree.relative(path))
        for line, name in tree.imported_modules(path)
        if tree.is_within(name, "ingestion.simulator")
    ]
    tree.assert_none(crossed)


def test_nothing_in_dbt_knows_the_answer_key() -> None:
    word = re.compile(r"answer[ _-]?key", re.IGNORECASE)
    files = [
        p for kind in ("*.sql", "*.yml", "*.csv", "*.md") for p in (tree.ROOT / "dbt").rglob(kind)
    ]
    told = [
        hit
        for path in sorted(files)
        if "target" not in path.parts
        for hit in tree.find_words(path, word, tree.read(path))
    ]
    tree.assert_none(told)


def test_every_source_lies_in_raw_and_has_a_contract() -> None:
    known = set(tree.contracts())
    astray = []
    for path, source, table in tree.source_tables():
        meta = {**_meta(source), **_meta(table)}
        identifier = table.get("identifier") or table["name"]
        location = str(meta.get("external_location", ""))
        if not IN_RAW.fullmatch(location.strip()):
            astray.append(f"{tree.relative(path)}: {identifier} is read from {location!r}")
        if source["name"] != "tieout" and identifier not in known:
            astray.append(f"{tree.relative(path)}: {identifier} has no contract")
    tree.assert_none(astray)


def _meta(part: dict[str, object]) -> dict[str, object]:
    config = part.get("config")
    nested = config.get("meta") if isinstance(config, dict) else None
    return {**_mapping(part.get("meta")), **_mapping(nested)}


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def test_only_staging_reads_sources_and_only_upward() -> None:
    order = ["staging", "intermediate", "marts", "controls"]
    layer_of = {model.name: model.layer for model in tree.models()}
    crossed = []
    for model in tree.models():
        if model.layer != "staging" and re.search(r"\bsource\(", model.sql):
            crossed.append(f"{model.name} reads a source")
        crossed += [
            f"{model.name} ({model.layer}) reads {ref} ({layer_of[ref]})"
            for ref in model.refs
            if ref in layer_of and order.index(layer_of[ref]) > order.index(model.layer)
        ]
    tree.assert_none(crossed)


def test_the_dbt_folder_holds_no_python() -> None:
    held = [tree.relative(p) for p in (tree.ROOT / "dbt").rglob("*.py") if "target" not in p.parts]
    tree.assert_none(held)


def test_importing_dagster_project_imports_nothing() -> None:
    body = tree.parse(tree.ROOT / "dagster_project" / "__init__.py").body
    assert all(isinstance(node, ast.Expr) for node in body), "only a docstring may stand there"
