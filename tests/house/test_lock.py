"""What is installed is what was proven: pinned, hashed, declared, and from no named host."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import tree

LOCKS = ("requirements.lock", "requirements-spark.lock")
# import name -> name on the registry, where they differ
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "great_expectations": "great-expectations",
    "dbt": "dbt-core",
    "pycrate_asn1dir": "pycrate",
}


def declared(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with the extras named."""
    table = tomllib.loads(tree.read(tree.ROOT / "pyproject.toml"))["project"]
    lines = list(table["dependencies"])
    for extra in extras:
        lines += table["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def pins(lock: str) -> dict[str, set[str]]:
    """Locked versions by package; a package has two where Python versions need different ones."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.\[\]-]+)==([^\s;\\]+)", tree.read(tree.ROOT / lock), re.MULTILINE
    ):
        found.setdefault(canonicalize_name(name.split("[")[0]), set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_everything(lock: str) -> None:
    lines = [
        line
        for line in tree.read(tree.ROOT / lock).splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    entries = [line for line in lines if not line.startswith(" ")]
    tree.assert_none([line for line in entries if not re.match(r"[\w.\[\]-]+==\S+ .*\\$", line)])
    hashes = [line for line in lines if line.startswith(" ")]
    tree.assert_none(
        [line for line in hashes if not re.match(r" +--hash=sha256:[0-9a-f]{64}( \\)?$", line)]
    )
    assert len(entries) >= 100
    assert len(hashes) >= len(entries)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    hosts = re.findall(
        r".*(?:://|--(?:extra-)?index-url|--find-links).*", tree.read(tree.ROOT / lock)
    )
    tree.assert_none([line for line in hosts if not line.startswith("#    uv pip compile")])
    assert "://" not in tree.read(tree.ROOT / lock)


@pytest.mark.parametrize(("lock", "extra"), list(zip(LOCKS, ("dev", "spark"), strict=True)))
def test_a_lock_holds_what_the_project_asks_for(lock: str, extra: str) -> None:
    locked = pins(lock)
    astray = [
        f"{wanted}: {locked.get(canonicalize_name(wanted.name))}"
        for wanted in declared(extra)
        if not any(
            wanted.specifier.contains(v) for v in locked.get(canonicalize_name(wanted.name), ())
        )
    ]
    tree.assert_none(astray)


def test_both_locks_agree() -> None:
    base, spark = pins(LOCKS[0]), pins(LOCKS[1])
    tree.assert_none(
        [
            f"{name}: {base[name]} and {spark[name]}"
            for name in base
            if spark.get(name, base[name]) != base[name]
        ]
    )


def test_every_import_is_declared() -> None:
    product = {canonicalize_name(wanted.name) for wanted in declared("remote")}
    extras = declared("dev", "spark", "servers", "tap")
    tools = product | {canonicalize_name(wanted.name) for wanted in extras}
    spark = {canonicalize_name(wanted.name) for wanted in declared("spark")}
    astray = []
    for path in [*tree.python_files(), *tree.python_files("tests")]:
        allowed = tools if path.is_relative_to(tree.ROOT / "tests") else product
        if path.name == "spark.py":
            allowed = allowed | spark
        astray += [
            f"{tree.relative(path)}:{line}: {name}"
            for line, name in tree.imported_modules(path)
            if (top := name.split(".")[0])
            not in (*sys.stdlib_module_names, *tree.PACKAGES, "tests")
            and canonicalize_name(DISTRIBUTIONS.get(top, top)) not in allowed
        ]
    tree.assert_none(astray)


def test_no_file_names_this_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=tree.ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    word = re.compile(
        r"(?<![\w.])/(?:work|root|home)/\w+|files\.pythonhosted|pypi\.org|deb\.debian\.org"
    )
    told = []
    for name in filter(None, listed):
        path = tree.ROOT / name
        if path == Path(__file__).resolve() or path.suffix in (".png", ".parquet", ".gz", ".db"):
            continue
        if path.is_file():
            told += tree.find_words(path, word, path.read_text(encoding="utf-8", errors="replace"))
    tree.assert_none(told)
