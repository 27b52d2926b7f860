"""What the house tests read: files, imports, and the models, sources and contracts of the road."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "dagster_project", "expectations", "dashboards")
MODELS = ROOT / "dbt" / "models"


def relative(path: Path) -> str:
    """The path from the root of the checkout, with slashes."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """The Python files below the folders (all packages when none is given), in order."""
    files = []
    for folder in folders or PACKAGES:
        found = [path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts]
        assert len(found) >= 3, f"only {len(found)} Python files below {folder}/"
        files += found
    return sorted(files)


def assert_none(found: list[str]) -> None:
    """Fail with every offender on a line of its own."""
    assert not found, f"{len(found)} found:\n" + "\n".join(found)


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path) -> str:
    """`dagster_project.lib.money` for dagster_project/lib/money.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of all that a file imports, wherever in it; `from a import b` is a.b."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def is_within(name: str, package: str) -> bool:
    """Whether a dotted name is the package or lies in it."""
    return name == package or name.startswith(package + ".")


def sql_files(folder: str = "dbt") -> list[Path]:
    """The SQL files of the dbt project, without what dbt writes itself."""
    skipped = {"target", "logs", "dbt_packages"}
    found = (ROOT / folder).rglob("*.sql")
    return sorted(path for path in found if not skipped & set(path.relative_to(ROOT).parts))


def without_comments(sql: str) -> str:
    """SQL with its Jinja and SQL comments blanked, lines kept."""

    def blank(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n")

    sql = re.sub(r"\{#.*?#\}", blank, sql, flags=re.DOTALL)
    sql = re.sub(r"/\*.*?\*/", blank, sql, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", sql)


def find_words(path: Path, pattern: re.Pattern[str], text: str) -> list[str]:
    """`path:line: match` for every match of the pattern in a file's text."""
    return [
        f"{relative(path)}:{text.count(chr(10), 0, found.start()) + 1}: {found[0].strip()}"
        for found in pattern.finditer(text)
    ]


@dataclass(frozen=True)
class Model:
    """A dbt model: its SQL, and what the yml of the same name beside it says."""

    path: Path
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        """The model's name."""
        return self.path.stem

    @property
    def layer(self) -> str:
        """staging, intermediate, marts or controls."""
        return self.path.relative_to(MODELS).parts[0]

    @property
    def sql(self) -> str:
        """The SQL without comments."""
        return without_comments(self.path.read_text(encoding="utf-8"))

    @property
    def config(self) -> dict[str, Any]:
        """The `config` block of the yml."""
        return dict(self.spec.get("config") or {})

    @property
    def is_published(self) -> bool:
        """Whether the model is part of the snapshot."""
        return "published" in (self.config.get("tags") or [])

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """The declared columns by name, in order."""
        return {column["name"]: column for column in self.spec.get("columns") or []}

    @property
    def refs(self) -> list[str]:
        """The models it reads."""
        return re.findall(r"\bref\(\s*['\"](\w+)['\"]", self.sql)


@cache
def load_yaml(path: Path) -> Any:
    """A yml file; None when it is empty."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def yml_files(folder: Path = MODELS) -> list[Path]:
    """The yml files below a folder."""
    return sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")])


@cache
def models() -> tuple[Model, ...]:
    """Every model, with an empty spec when its yml is not there or is about something else."""
    found = []
    for path in sql_files("dbt/models"):
        beside = path.with_suffix(".yml")
        listed = (load_yaml(beside) or {}).get("models") or [] if beside.is_file() else []
        spec: dict[str, Any] = next((one for one in listed if one.get("name") == path.stem), {})
        found.append(Model(path, spec))
    # a check that sees nothing proves nothing
    assert len(found) >= 90, f"only {len(found)} models below {MODELS}"
    return tuple(found)


def controls() -> tuple[Model, ...]:
    """The models that are controls (`ctl_*`)."""
    found = tuple(model for model in models() if model.name.startswith("ctl_"))
    assert len(found) >= 14, f"only {len(found)} controls"
    return found


def source_tables() -> list[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Every source table of dbt: its file, its source, itself."""
    found = [
        (path, source, table)
        for path in yml_files()
        for source in (load_yaml(path) or {}).get("sources") or []
        for table in source.get("tables") or []
    ]
    assert len(found) >= 20, f"only {len(found)} source tables"
    return found


def contracts() -> dict[str, dict[str, Any]]:
    """The feed contracts by `source__feed`."""
    found = {path.stem: load_yaml(path) for path in yml_files(ROOT / "ingestion" / "contracts")}
    assert len(found) >= 48, f"only {len(found)} contracts"
    return found
