"""The revision of the code that makes the figures: a hash, so it holds before a commit, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DBT_PROJECT = ROOT / "dbt"
REVISION_LENGTH = 12
_PATTERNS = {
    "dbt": ("*.sql", "*.yml", "*.csv"),
    "ingestion": ("*.py", "*.yml"),
    "expectations": ("*.py",),
    "dagster_project/lib/snapshot": ("*.py",),
}
# what dbt writes, and the simulated operator, which makes input and not figures
_NO_CODE = frozenset({"target", "logs", "dbt_packages", "simulator"})


def code_revision() -> str:
    """The first 12 hex digits over every file that decides a published figure."""
    return _digest(_files())


def simulator_revision() -> str:
    """The same over the simulated operator: another one makes other files of the same seed."""
    return _digest(sorted((ROOT / "ingestion" / "simulator").rglob("*.py")))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:REVISION_LENGTH]


def _files() -> Iterator[Path]:
    for folder, patterns in _PATTERNS.items():
        found = {path for pattern in patterns for path in (ROOT / folder).rglob(pattern)}
        for path in sorted(found):
            if not _NO_CODE.intersection(path.relative_to(ROOT).parts):
                yield path
